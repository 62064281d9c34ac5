// Text that has to be put right before it can be read: base64, hex, letters apart, letters turned or shifted, digits for letters.
// What comes out is judged by the same phrases.

import type { Hit } from './phrases/rules.ts'
import { findPhrases } from './phrases/rules.ts'
import { findPlaces } from './phrases/signal.ts'

const BASE64 = /[A-Za-z0-9+/_-]{32,8192}={0,2}/g
const HEX = /(?:0x|\\x)?(?:[0-9a-fA-F]{2}){24,4096}/g
const ESCAPED = /(?:(?:%|\\x|\\u00)[0-9a-fA-F]{2}){8,2048}/g
const APART = /(?:(?<![a-z])[a-z][ ._-]{1,3}){7,200}[a-z](?![a-z])/gi
const SQUEEZED =
  /ignore(?:all)?(?:the)?(?:previous|prior|above|your|earlier)?instructions|donot(?:tell|mention|inform)|systemprompt|sendthe|readthe|idrsa|secretkey|apikey|youmust/
/** The words of such orders, each letter thirteen further, or from behind. */
const TURNED =
  /vtaber|qvfertneq|vafgehpgvbaf|cerivbhf|flfgrz cebzcg|snoitcurtsni|suoiverp|erongi|drager?sid/i
const MOST = 20
/** Nobody encodes an order that may be read. */
const ORDER =
  /\b(?:ignore|read|send|forward|call|execute|curl|secret|do not|must|instructions?|api key|user)\b/i

/** What base64 and hex are made of, in a run longer than words are. */
const RUN = /[A-Za-z0-9+/_-]{32}/

export function findDisguised(raw: string): readonly Hit[] {
  const isRun = RUN.test(raw)
  const base64 = isRun ? decodeAll(raw, BASE64, (text) => decode(text, 'base64')) : []
  const hex = isRun
    ? decodeAll(raw, HEX, (text) => decode(text.replace(/^(?:0x|\\x)/, ''), 'hex'))
    : []
  const escaped = /[%\\]/.test(raw)
    ? decodeAll(raw, ESCAPED, (text) => decode(text.replace(/%|\\x|\\u00/g, ''), 'hex'))
    : []
  return [...base64, ...hex, ...escaped, ...findApart(raw), ...findTurned(raw), ...findDigits(raw)]
}

function decode(text: string, encoding: 'base64' | 'hex'): string {
  return Buffer.from(text, encoding).toString('latin1')
}

function decodeAll(raw: string, pattern: RegExp, read: (text: string) => string): readonly Hit[] {
  const hits: Hit[] = []
  let looked = 0
  for (const { 0: text, index } of raw.matchAll(pattern)) {
    if (++looked > MOST) break
    const said = read(text)
    if (!isProse(said)) continue
    const isOrder =
      ORDER.test(said) || findPhrases({ text: said.toLowerCase(), rawIndex: (at) => at }).length > 0
    hits.push({
      rule: 'encoded-text',
      severity: isOrder ? 'deceptive' : 'suspicious',
      start: index,
      end: index + text.length,
      why: `Decoded, this says ${JSON.stringify(said.slice(0, 80))}.`,
    })
  }
  return hits
}

/** Printable, in several words: not a digest, a key or an image. */
function isProse(text: string): boolean {
  return /^[\t\n\r\x20-\x7e]{16,}$/.test(text) && text.split(' ').length > 3
}

function findApart(raw: string): readonly Hit[] {
  let looked = 0
  for (const { 0: text, index } of raw.matchAll(APART)) {
    if (++looked > MOST) break
    const said = text.replace(/[ ._-]/g, '').toLowerCase()
    if (!SQUEEZED.test(said)) continue
    const why = `Put together, the letters say ${JSON.stringify(said.slice(0, 80))}.`
    return [
      { rule: 'encoded-text', severity: 'deceptive', start: index, end: index + text.length, why },
    ]
  }
  return []
}

function findTurned(raw: string): readonly Hit[] {
  const found = TURNED.exec(raw)
  if (found === null) return []
  const { 0: text, index } = found
  const why =
    'Turned round or shifted by thirteen letters, this is an order to ignore instructions.'
  return [
    { rule: 'encoded-text', severity: 'deceptive', start: index, end: index + text.length, why },
  ]
}

const DIGITS_INSIDE = /\b[a-z]{0,10}[013457@$](?:[a-z]{1,10}[013457@$]?){1,5}/gi
const LETTERS: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
}

/** What is disguised in this way. */
const TOLD: ReadonlySet<string> = new Set(['instruction-override', 'secrecy', 'exfiltration'])

/** Digits for letters, in several words. */
function findDigits(raw: string): readonly Hit[] {
  const words = findPlaces(raw, DIGITS_INSIDE)
  const [first, second] = words
  if (first === undefined || second === undefined) return []
  const last = words.at(-1) ?? second
  const said = raw
    .slice(first.start, last.end + 60)
    .toLowerCase()
    .replace(/[013457@$]/g, (digit) => LETTERS[digit] ?? digit)
  const isSaid = (text: string): boolean =>
    findPhrases({ text, rawIndex: (at) => at }).some(({ rule }) => TOLD.has(rule))
  if (!isSaid(said) || isSaid(raw.toLowerCase())) return []
  const why = `With letters for digits, this says ${JSON.stringify(said.slice(0, 80))}.`
  return [{ rule: 'encoded-text', severity: 'deceptive', ...first, why }]
}
