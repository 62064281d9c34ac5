// Text that people read and attackers write: escaping for terminals, and the characters no name may hold (terminal
// escapes, "Trojan Source" bidi controls, tag and variation characters that smuggle text past a reader).

interface Forbidden {
  readonly index: number
  readonly codePoint: number
  /** With its article: "a control character". */
  readonly what: string
}

/** First and last code point of what nobody sees. The patterns in schema/ list the same ranges; a test compares them. */
export const FORBIDDEN_RANGES: readonly (readonly [first: number, last: number, what: string])[] = [
  [0x0000, 0x001f, 'a control character'],
  [0x007f, 0x009f, 'a control character'],
  [0x00ad, 0x00ad, 'a soft hyphen'],
  [0x034f, 0x034f, 'an invisible character'],
  [0x061c, 0x061c, 'a bidirectional control'],
  [0x115f, 0x1160, 'an invisible character'],
  [0x17b4, 0x17b5, 'an invisible character'],
  [0x180b, 0x180f, 'an invisible character'],
  [0x200b, 0x200d, 'a zero-width character'],
  [0x200e, 0x200f, 'a bidirectional control'],
  [0x2028, 0x2029, 'a line separator'],
  [0x202a, 0x202e, 'a bidirectional control'],
  [0x2060, 0x2065, 'a zero-width character'],
  [0x2066, 0x2069, 'a bidirectional control'],
  [0x206a, 0x206f, 'an invisible character'],
  [0x2800, 0x2800, 'an invisible character'],
  [0x3164, 0x3164, 'an invisible character'],
  [0xfe00, 0xfe0f, 'a variation selector'],
  [0xfeff, 0xfeff, 'a zero-width character'],
  [0xffa0, 0xffa0, 'an invisible character'],
  [0xfff0, 0xfffb, 'an invisible character'],
  [0x1bca0, 0x1bca3, 'an invisible character'],
  [0x1d173, 0x1d17a, 'an invisible character'],
  [0xe0000, 0xe007f, 'a tag character'],
  [0xe0080, 0xe0fff, 'a variation selector'],
]

const FORBIDDEN = new RegExp(`[\\ud800-\\udfff${FORBIDDEN_RANGES.map(formatRange).join('')}]`, 'u')

// Wider than FORBIDDEN: also private use, unassigned and whatever Unicode calls ignorable by default.
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]/gu

/** Makes any text safe for one line of a terminal: what is not visible becomes `\u{…}`, newline and tab included. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}

/** The same JSON in printable ASCII. Line breaks and tabs between tokens stay; inside strings JSON has none. */
export function escapeJsonText(json: string): string {
  return json
    .replaceAll('\r', ' ')
    .replace(
      /[^\x20-\x7e\n\t]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
}

/** The first character that no name, title or version may hold. */
export function findForbidden(text: string): Forbidden | undefined {
  const index = text.search(FORBIDDEN)
  const codePoint = text.codePointAt(index)
  if (index === -1 || codePoint === undefined) return undefined
  const range = FORBIDDEN_RANGES.find(([first, last]) => first <= codePoint && codePoint <= last)
  return { index, codePoint, what: range?.[2] ?? 'half of a surrogate pair' }
}

function formatRange([first, last]: readonly [first: number, last: number, what: string]): string {
  return `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`
}
