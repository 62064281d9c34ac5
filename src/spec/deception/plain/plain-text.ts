// Text as a model takes it, whatever was done to its letters: one case, one kind of space, no invisible characters, no emphasis,
// lookalike letters back in their alphabet. Patterns run on this; `rawIndex` finds the place in what was written.

import { INVISIBLE } from './invisible.ts'
import { findMixedWords, LOOKALIKES } from './lookalikes.ts'

export interface PlainText {
  readonly text: string
  /** Where in the raw text this character of the plain text comes from. */
  rawIndex(index: number): number
}

const SIMPLE = /^[\t\n\r\x20-\x25\x27-\x7e]*$/
const DROPPED = /[*`\\]/g
/** Lines through letters, and frames around them. */
const STRUCK = /^(?:[\u0334-\u0338]|[\u0488\u0489]|[\u20d0-\u20f0])$/
const SPACES = /[\t\n\r ]+/g

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  nbsp: ' ',
  quot: '"',
}
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|apos|gt|lt|nbsp|quot));/iy

export function plainText(raw: string): PlainText {
  let walked: Walked | undefined
  const walk = (): Walked => {
    walked ??= walkText(raw)
    return walked
  }
  const text = SIMPLE.test(raw)
    ? raw.toLowerCase().replace(DROPPED, '').replace(SPACES, ' ')
    : walk().text
  return { text, rawIndex: (index) => walk().origins[index] ?? raw.length }
}

interface Walked {
  readonly text: string
  readonly origins: Uint32Array
}

const AMPERSAND = 0x26
const SPACE = 0x20
/** Units that one character may become. */
const MOST_SHOWN = 4

/** What ASCII characters become, so that most characters take one look-up; 0 drops one. */
const ASCII = Uint8Array.from(
  { length: 127 },
  (_, code) => simplify(String.fromCharCode(code)).charCodeAt(0) || 0,
)

/** Character by character, so that each keeps its origin. Gives what the short way in `plainText` gives for simple text. */
function walkText(raw: string): Walked {
  const units = new Uint16Array(raw.length * MOST_SHOWN)
  const origins = new Uint32Array(raw.length * MOST_SHOWN)
  const isFolding = foldedWords(raw)
  let length = 0
  const push = (unit: number, index: number): void => {
    if (unit === SPACE && length > 0 && units[length - 1] === SPACE) return
    units[length] = unit
    origins[length++] = index
  }
  for (let index = 0; index < raw.length; ) {
    const code = raw.codePointAt(index) ?? 0
    const entity = code === AMPERSAND ? readEntity(raw, index) : undefined
    if (entity === undefined && code < 127) {
      const unit = ASCII[code] ?? 0
      if (unit !== 0) push(unit, index)
    } else {
      const shown = entity?.shown ?? showOne(code, isFolding(index))
      for (let i = 0; i < shown.length; i++) push(shown.charCodeAt(i), index)
    }
    index += entity?.length ?? (code > 0xffff ? 2 : 1)
  }
  const text = Buffer.from(units.buffer, 0, 2 * length).toString('utf16le')
  return { text, origins: origins.subarray(0, length) }
}

function readEntity(raw: string, index: number): { shown: string; length: number } | undefined {
  if (!/[#a-z]/i.test(raw[index + 1] ?? '')) return undefined
  ENTITY.lastIndex = index
  const found = ENTITY.exec(raw)
  if (found === null) return undefined
  const [whole, decimal, hex, name] = found
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  const shown = name === undefined ? showOne(code, false) : (ENTITIES[name.toLowerCase()] ?? '')
  return { shown, length: whole.length }
}

/** By code point: a text has few different characters, and what Unicode says of one takes time. */
const SHOWN = new Map<number, string>()
const MOST_KNOWN = 4096

function showOne(code: number, isFolded: boolean): string {
  let shown = SHOWN.get(code)
  if (shown === undefined) {
    shown = code > 0x10ffff ? '' : simplify(String.fromCodePoint(code))
    if (SHOWN.size >= MOST_KNOWN) SHOWN.clear()
    SHOWN.set(code, shown)
  }
  return isFolded ? (LOOKALIKES.get(shown) ?? shown) : shown
}

function simplify(char: string): string {
  if (/[*`\\]/.test(char)) return ''
  if (/\s/.test(char)) return ' '
  if (char < '\x7f') return char.toLowerCase()
  if (INVISIBLE.test(char) || STRUCK.test(char)) return ''
  if (/[‘’“”]/.test(char)) return "'"
  const shown = char.normalize('NFKC').toLowerCase()
  // One character of a greeting stands for eighteen: nobody hides orders in those.
  return shown.length > MOST_SHOWN ? char : shown
}

/** Words of two alphabets, one of them ours: only there a Cyrillic letter is taken for a Latin one. */
function foldedWords(raw: string): (index: number) => boolean {
  const mixed = findMixedWords(raw)
  let at = 0
  return (index) => {
    while (at < mixed.length && (mixed[at]?.end ?? 0) <= index) at++
    const word = mixed[at]
    return word !== undefined && word.start <= index
  }
}
