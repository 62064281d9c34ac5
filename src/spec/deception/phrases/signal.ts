// A signal is a pattern, and the words one of which is in every text that it finds. The words are looked for first, all signals at
// once in one pass: most texts have none, and no pattern runs on them.

import { isForeign } from './languages.ts'

export interface Signal {
  readonly bit: number
  readonly pattern: RegExp
  /** For texts that may be in another language. */
  readonly foreign?: RegExp | undefined
}

/** The first three letters of a word, each 1 to 26, 0 where there is none. */
const STEMS = new Uint32Array(27 ** 3)
const CHARACTERS = new Uint32Array(128)
let signals = 0
/** The bits of those that have words in other languages. */
let foreignBits = 0

/** `words` of plain text: of a word its first three letters count; of anything else its first character. `~` stands for itself. */
export function signal(words: string, pattern: RegExp | string, foreign?: string): Signal {
  // Two signals may share a bit: it tells where a pattern need not be looked for, and no more.
  const bit = 1 << (signals++ % 32)
  if (foreign !== undefined) foreignBits |= bit
  for (const word of words.split(' ')) {
    const code = word.charCodeAt(0)
    if (!isLetter(code)) add(CHARACTERS, code < 127 ? code : OTHER, bit)
    else add(STEMS, stemAt(word, 0), bit)
  }
  // Compiled when it is first needed: a process that judges no text should not pay for thirty patterns.
  let compiled: RegExp | undefined
  let compiledForeign: RegExp | undefined
  return {
    bit,
    get pattern() {
      compiled ??= typeof pattern === 'string' ? new RegExp(pattern, 'g') : pattern
      return compiled
    },
    get foreign() {
      if (foreign !== undefined) compiledForeign ??= new RegExp(foreign, 'gu')
      return compiledForeign
    },
  }
}

/** Every character beyond ASCII counts as this one. */
const OTHER = 127

/** The bits of the signals that may be in a plain text, which is in another language or not. */
export function signalsIn(text: string, isOther: boolean = isForeign(text)): number {
  let bits = isOther ? foreignBits : 0
  let isInside = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (isLetter(code)) {
      if (!isInside) bits |= STEMS[stemAt(text, index)] ?? 0
      isInside = true
    } else {
      bits |= CHARACTERS[code < 127 ? code : OTHER] ?? 0
      isInside = false
    }
  }
  return bits
}

function add(table: Uint32Array, index: number, bit: number): void {
  table[index] = (table[index] ?? 0) | bit
}

function stemAt(text: string, index: number): number {
  let stem = 0
  let length = 0
  for (; length < 3; length++) {
    const code = text.charCodeAt(index + length)
    if (!isLetter(code)) break
    stem = stem * 27 + code - 96
  }
  for (; length < 3; length++) stem *= 27
  return stem
}

function isLetter(code: number): boolean {
  return code >= 97 && code <= 122
}

export interface Place {
  readonly start: number
  readonly end: number
}

/** More places than this of one signal in one text are not looked at. */
const MOST_PLACES = 200

export function findPlaces(text: string, pattern: RegExp): readonly Place[] {
  const places: Place[] = []
  pattern.lastIndex = 0
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    places.push({ start: found.index, end: pattern.lastIndex })
    if (places.length === MOST_PLACES) break
  }
  return places
}

/** Of a signal, in whatever language. */
export function findSignal(
  text: string,
  { pattern, foreign }: Signal,
  isOther: boolean = isForeign(text),
): readonly Place[] {
  const places = findPlaces(text, pattern)
  return foreign === undefined || !isOther ? places : [...places, ...findPlaces(text, foreign)]
}
