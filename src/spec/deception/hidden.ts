// What is in a text and not seen in it: characters without a shape, escapes that a terminal obeys, text pushed out of the window,
// comments, letters of another alphabet. Runs on the text as it was written.

import type { DeceptionRule, Severity } from './finding.ts'
import type { Hit } from './phrases/rules.ts'
import { findPlaces, type Place } from './phrases/signal.ts'
import { ZERO_WIDTH } from './plain/invisible.ts'
import { findMixedWords } from './plain/lookalikes.ts'

/** Beyond printable ASCII, tab and line feed: only then is there anything to look for among characters. */
const UNUSUAL = /[^\t\n\x20-\x7e]/

const ESCAPE = /[\x1b\x9b\x90\x9d]/
const BIDI = /[\u202a-\u202e\u2066-\u2069]/
const TAGS = /[\u{e0001}\u{e0020}-\u{e007f}]{1,4096}/gu
/** England, Scotland and Wales: a black flag, a few tags, and the tag that ends them. */
const FLAG = /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f}$/u
/** One selector follows a character and chooses its shape; two in a row choose nothing and carry bytes. */
const SELECTORS =
  /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{2}|(?<![\p{Ideographic}])[\u{e0100}-\u{e01ef}]/u
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]|\r(?!\n)(?=[^\r\n])/
const INVISIBLE = new RegExp(ZERO_WIDTH, 'gu')
/** A zero-width character slips in when text is copied; so many in a row do not. */
const MANY_INVISIBLE = new RegExp(`${ZERO_WIDTH}{6}`, 'u')

export function findHidden(raw: string): readonly Hit[] {
  const spaced = findFarText(raw)
  return UNUSUAL.test(raw) ? [...findCharacters(raw), ...spaced] : spaced
}

function findCharacters(raw: string): readonly Hit[] {
  const [mixed] = findMixedWords(raw)
  return [
    ...first(
      raw,
      ESCAPE,
      'terminal-escape',
      'deceptive',
      'An escape sequence changes what a terminal shows.',
    ),
    ...first(
      raw,
      BIDI,
      'hidden-characters',
      'deceptive',
      'Bidirectional controls show the text in another order than it is read.',
    ),
    ...findTags(raw),
    ...first(
      raw,
      SELECTORS,
      'hidden-characters',
      'deceptive',
      'Variation selectors that select nothing can carry text that nobody sees.',
    ),
    ...first(
      raw,
      CONTROL,
      'hidden-characters',
      'suspicious',
      'A control character has no place in text.',
    ),
    ...findInvisible(raw),
    ...(mixed === undefined
      ? []
      : [
          hit(
            'mixed-scripts',
            'deceptive',
            mixed,
            'A word has letters of two alphabets that look alike.',
          ),
        ]),
  ]
}

function findTags(raw: string): readonly Hit[] {
  for (const { 0: run, index } of raw.matchAll(TAGS)) {
    const before = raw.slice(Math.max(0, index - 2), index)
    if (FLAG.test(before + run)) continue
    const said = String.fromCodePoint(
      ...[...run].slice(0, 80).map((char) => (char.codePointAt(0) ?? 0) - 0xe0000),
    ).replace(/[^\x20-\x7e]/g, '')
    const why = `Tag characters that nobody sees spell ${JSON.stringify(said)}.`
    return [hit('hidden-characters', 'deceptive', { start: index, end: index + run.length }, why)]
  }
  return []
}

function findInvisible(raw: string): readonly Hit[] {
  const [many] = first(
    raw,
    MANY_INVISIBLE,
    'hidden-characters',
    'deceptive',
    'So many invisible characters in a row carry something that nobody sees.',
  )
  if (many !== undefined) return [many]
  for (const { 0: char, index } of raw.matchAll(INVISIBLE)) {
    if (isJoining(raw, index)) continue
    const place = { start: index, end: index + char.length }
    return [hit('hidden-characters', 'suspicious', place, 'A character here is invisible.')]
  }
  return []
}

/** Joiners have their use between emoji and in the scripts of Iran, India and their neighbours. */
function isJoining(raw: string, index: number): boolean {
  const before = [...raw.slice(Math.max(0, index - 2), index)].at(-1) ?? ''
  const after = String.fromCodePoint(raw.codePointAt(index + 1) ?? 0x20)
  const joined =
    /[\p{Emoji_Presentation}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Telugu}\p{Script=Sinhala}\p{Script=Hebrew}\p{Script=Khmer}\p{Script=Mongolian}\p{Script=Thai}]/u
  return before === '\ufe0f' || joined.test(before) || joined.test(after)
}

/** A whole run each, so that one is looked at once. */
const GAP = /[^\S\n]{48,}/g
const TALL = /\n(?:[^\S\n]{0,8}\n){14,}/g
/** Wider than a window; tables and code samples have narrower ones. */
const WIDE = 100
const COMMENT = /<!--|\[\/\/\]: ?#/
const UNSHOWN =
  /(?:display: ?none|font-size: ?0|visibility: ?hidden|color: ?(?:white|#fff|transparent))/i
const ORDERS =
  /\b(?:assistant|agent|model|ai|llm|system|instructions?|must|always|never|secret|ignore|before|run|send|read|call|execute|include|user)\b/i

function findFarText(raw: string): readonly Hit[] {
  const why = 'White space pushes the text that follows out of sight.'
  const last = raw.trimEnd().length
  const runs = (pattern: RegExp): readonly Place[] =>
    findPlaces(raw, pattern).filter(({ end }) => end < last)
  const gaps =
    raw.includes('            ') || raw.includes('\t\t\t\t') || UNUSUAL.test(raw) ? runs(GAP) : []
  const far = [...gaps.filter(({ start, end }) => end - start >= WIDE), ...runs(TALL)][0]
  if (far !== undefined) return [hit('hidden-by-space', 'deceptive', far, why), ...findComment(raw)]
  const [gap] = gaps
  const found = gap === undefined ? [] : [hit('hidden-by-space', 'suspicious', gap, why)]
  return [...found, ...findComment(raw)]
}

function findComment(raw: string): readonly Hit[] {
  const start = startOfHidden(raw)
  if (start === -1) return []
  const inside = raw.slice(start, start + 600).split('-->')[0] ?? ''
  const words = inside.trim().split(/\s+/).length
  const isOrder = ORDERS.test(inside) && words > 4
  const why = 'A comment or an element that is not shown holds text that a model reads.'
  const place = { start, end: start + inside.length }
  return [hit('hidden-markup', isOrder ? 'deceptive' : 'suspicious', place, why)]
}

function startOfHidden(raw: string): number {
  if (!/[<[]/.test(raw)) return -1
  const comment = raw.search(COMMENT)
  if (comment !== -1) return comment
  const style = raw.search(UNSHOWN)
  const tag = style === -1 ? -1 : raw.lastIndexOf('<', style)
  return tag !== -1 && style - tag < 200 && !raw.slice(tag, style).includes('>') ? tag : -1
}

function first(
  raw: string,
  pattern: RegExp,
  rule: DeceptionRule,
  severity: Severity,
  why: string,
): readonly Hit[] {
  const found = pattern.exec(raw)
  if (found === null) return []
  const { 0: text, index } = found
  return [hit(rule, severity, { start: index, end: index + text.length }, why)]
}

function hit(rule: DeceptionRule, severity: Severity, { start, end }: Place, why: string): Hit {
  return { rule, severity, start, end, why }
}
