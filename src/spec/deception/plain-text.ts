// Text as a model takes it, whatever was done to its letters: one case, one kind of space, no invisible characters, no emphasis,
// lookalike letters back in their alphabet. Patterns run on this; `rawIndex` finds the place in what was written.

import { FORBIDDEN_RANGES } from '../../lib/index.ts'

export interface PlainText {
  readonly text: string
  /** Where in the raw text this character of the plain text comes from. */
  rawIndex(index: number): number
}

const SIMPLE = /^[\t\n\r\x20-\x25\x27-\x7e]*$/
const DROPPED = /[*`\\]/g
const SPACES = /\s+/g

/** Letters of other alphabets that look like one of ours; folded only in words that have ours too. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  [
    'аa',
    'вb',
    'еe',
    'ёe',
    'ѕs',
    'іi',
    'їi',
    'јj',
    'кk',
    'мm',
    'нh',
    'оo',
    'рp',
    'сc',
    'тt',
    'уy',
    'хx',
    'ԁd',
    'һh',
    'ԛq',
    'ԝw',
    'ɡg',
    'αa',
    'βb',
    'εe',
    'ηn',
    'ιi',
    'κk',
    'νv',
    'οo',
    'ρp',
    'τt',
    'υu',
    'χx',
    'γy',
    'ıi',
    'ⅼl',
    'օo',
    'ցg',
    'հh',
    'ոn',
    'սu',
  ].map((pair) => [pair.slice(0, 1), pair.slice(1)]),
)

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  nbsp: ' ',
  quot: '"',
}
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|apos|gt|lt|nbsp|quot));/iy

const INVISIBLE = new RegExp(
  `[${FORBIDDEN_RANGES.filter(([first]) => first > 0x20)
    .map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`)
    .join('')}]`,
  'u',
)

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
  readonly origins: readonly number[]
}

/** Character by character, so that each keeps its origin. Gives what the short way in `plainText` gives for simple text. */
function walkText(raw: string): Walked {
  const parts: string[] = []
  const origins: number[] = []
  const isFolding = foldedWords(raw)
  let index = 0
  while (index < raw.length) {
    const { shown, length } = readOne(raw, index, isFolding)
    const isSpaceAgain = shown === ' ' && parts.at(-1) === ' '
    if (!isSpaceAgain) {
      for (const unit of shown.split('')) {
        parts.push(unit)
        origins.push(index)
      }
    }
    index += length
  }
  return { text: parts.join(''), origins }
}

function readOne(
  raw: string,
  index: number,
  isFolding: (index: number) => boolean,
): { readonly shown: string; readonly length: number } {
  const entity = raw[index] === '&' ? readEntity(raw, index) : undefined
  if (entity !== undefined) return entity
  const char = String.fromCodePoint(raw.codePointAt(index) ?? 0)
  return { shown: showOne(char, isFolding(index)), length: char.length }
}

function readEntity(raw: string, index: number): { shown: string; length: number } | undefined {
  ENTITY.lastIndex = index
  const found = ENTITY.exec(raw)
  if (found === null) return undefined
  const [whole, decimal, hex, name] = found
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  const char = name === undefined ? fromCode(code) : (ENTITIES[name.toLowerCase()] ?? '')
  return { shown: showOne(char, false), length: whole.length }
}

function fromCode(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : ''
}

function showOne(char: string, isFolded: boolean): string {
  if (/[*`\\]/.test(char)) return ''
  if (/\s/.test(char)) return ' '
  if (char < '\x7f') return char.toLowerCase()
  if (INVISIBLE.test(char)) return ''
  if (char === '‘' || char === '’' || char === '“' || char === '”') return "'"
  const shown = char.normalize('NFKC').toLowerCase()
  return isFolded ? (LOOKALIKES.get(shown) ?? shown) : shown
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

const WORD = /[\p{L}\p{M}]{2,64}/gu
const FOREIGN = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]/u

/** Words that mix our letters with those of another alphabet that look like ours. */
export function findMixedWords(
  raw: string,
): readonly { readonly start: number; readonly end: number }[] {
  if (!FOREIGN.test(raw)) return []
  return [...raw.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    const letters = [...word.toLowerCase()]
    const ours = letters.filter((letter) => letter >= 'a' && letter <= 'z').length
    const alike = letters.filter((letter) => LOOKALIKES.has(letter)).length
    const isMixed = ours > 0 && alike > 0 && letters.length > 2
    return isMixed ? [{ start: index, end: index + word.length }] : []
  })
}
