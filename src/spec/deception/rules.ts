// What the signals mean together. One alone is seldom worth a word: honest tools read files, send data and give orders. Two or three
// within a sentence or two are another matter: an order about when, a file of secrets, and where its content is to go.

import type { DeceptionRule, Severity } from './finding.ts'
import * as foreign from './languages.ts'
import type { PlainText } from './plain-text.ts'
import * as say from './signals.ts'

/** All of `all` within `within` characters of a place where the first of them is. */
interface Rule {
  readonly rule: DeceptionRule
  readonly severity: Severity
  readonly all: readonly RegExp[]
  readonly within: number
  readonly why: string
}

export interface Hit {
  readonly rule: DeceptionRule
  readonly severity: Severity
  readonly start: number
  readonly end: number
  readonly why: string
}

const HIDES = 'It says what the user is not to be told.'
const READS = 'It orders the model to read secrets that the call does not need.'
const SENDS = 'It orders the model to pass on data that the call does not need.'
const SHADOWS = 'It gives orders about another tool.'
const PREFERS = 'It orders the model to choose this tool, whatever the user wants.'

const RULES: readonly Rule[] = [
  deceptive(
    'instruction-override',
    'It sets aside the instructions of the user or the application.',
    0,
    say.override,
  ),
  deceptive(
    'instruction-override',
    'It sets aside earlier instructions, in another language.',
    0,
    foreign.override,
  ),
  deceptive('secrecy', HIDES, 0, say.secrecy),
  deceptive('secrecy', HIDES, 0, foreign.secrecy),
  deceptive(
    'hidden-task',
    'It orders something to be done so that nobody notices.',
    120,
    say.quiet,
    say.give,
    say.order,
  ),
  deceptive(
    'hidden-task',
    'It orders something to be done so that nobody notices.',
    120,
    say.quiet,
    say.give,
    say.whenUsed,
  ),
  deceptive('hidden-task', 'It carries a command to run.', 0, say.shell),
  deceptive('secret-access', READS, 160, say.secretFile, say.take, say.whenUsed),
  deceptive('secret-access', READS, 160, say.secretFile, say.give, say.order),
  deceptive('secret-access', READS, 120, say.secretFile, say.intoParameter, say.give),
  deceptive('secret-access', READS, 120, say.secretFile, foreign.take),
  deceptive('secret-access', READS, 160, say.secretThing, say.take, say.whenUsed, say.give),
  deceptive('secret-access', READS, 160, say.secretThing, say.intoParameter, say.give, say.order),
  deceptive('exfiltration', SENDS, 140, say.modelContext, say.give, say.order),
  deceptive('exfiltration', SENDS, 140, say.modelContext, say.give, say.intoParameter),
  deceptive('exfiltration', SENDS, 140, say.modelContext, say.give, say.whenUsed),
  deceptive('exfiltration', SENDS, 140, say.modelContext, say.give, say.address),
  deceptive('exfiltration', SENDS, 140, say.secretThing, say.give, say.address, say.order),
  deceptive('tool-shadowing', SHADOWS, 200, say.otherTool, say.exchange, say.address),
  deceptive('tool-shadowing', SHADOWS, 200, say.otherTool, say.exchange, say.order),
  deceptive('preference', PREFERS, 200, say.preference, say.order),
  deceptive('preference', PREFERS, 200, say.always, say.give, say.order),
]

function deceptive(
  rule: DeceptionRule,
  why: string,
  within: number,
  ...all: readonly RegExp[]
): Rule {
  return { rule, severity: 'deceptive', all, within, why }
}

/** More places than this of one signal in one text are not looked at: the finding is made by then. */
const MOST_PLACES = 200

interface Place {
  readonly start: number
  readonly end: number
}

/** The first hit of every rule. */
export function findPhrases({ text }: PlainText): readonly Hit[] {
  const known = new Map<RegExp, readonly Place[]>()
  const placesOf = (signal: RegExp): readonly Place[] => {
    const places = known.get(signal) ?? findPlaces(text, signal)
    known.set(signal, places)
    return places
  }
  return RULES.flatMap(({ all: [first, ...others], within, ...rule }) => {
    if (first === undefined) return []
    for (const place of placesOf(first)) {
      if (!others.every((signal) => placesOf(signal).some((other) => isNear(place, other, within))))
        continue
      return [{ ...rule, ...place }]
    }
    return []
  })
}

function findPlaces(text: string, signal: RegExp): readonly Place[] {
  const places: Place[] = []
  for (const { 0: match, index } of text.matchAll(signal)) {
    places.push({ start: index, end: index + match.length })
    if (places.length === MOST_PLACES) break
  }
  return places
}

function isNear(one: Place, other: Place, within: number): boolean {
  return other.start <= one.end + within && one.start <= other.end + within
}
