// What the signals mean together. One alone is seldom worth a word: honest tools read files, send data and give orders. Two or three
// within a sentence or two are another matter: an order about when, a file of secrets, and where its content is to go.

import type { DeceptionRule, Severity } from '../finding.ts'
import type { PlainText } from '../plain/plain-text.ts'
import * as foreign from './languages.ts'
import { findPlaces, type Place, type Signal, signalsIn } from './signal.ts'
import * as say from './signals.ts'

/** All of `all` within `within` characters of a place where the first of them is. */
interface Rule {
  readonly rule: DeceptionRule
  readonly severity: Severity
  readonly all: readonly Signal[]
  /** The bits of all. */
  readonly needs: number
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

const NEW_TASK = 'It orders the model to do something that the tool is not for.'
const UNSEEN = 'It orders something to be done so that nobody notices.'

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
  deceptive('hidden-task', UNSEEN, 120, say.quiet, say.give, say.order),
  deceptive('hidden-task', UNSEEN, 120, say.quiet, say.give, say.whenUsed),
  deceptive('hidden-task', UNSEEN, 100, say.quiet, say.calledAnyway),
  deceptive('hidden-task', 'It carries a command to run.', 0, say.shell),
  deceptive(
    'hidden-task',
    NEW_TASK,
    120,
    say.answers,
    say.give,
    say.order,
    say.whenUsed,
    say.threat,
  ),
  deceptive('secret-access', READS, 160, say.secretFile, say.take, say.whenUsed),
  deceptive('secret-access', READS, 160, say.secretFile, say.give, say.order),
  deceptive('secret-access', READS, 120, say.secretFile, say.intoParameter, say.give),
  deceptive('secret-access', READS, 120, say.secretFile, foreign.take),
  deceptive(
    'secret-access',
    READS,
    120,
    say.secretThing,
    say.whosever,
    say.give,
    say.intoParameter,
  ),
  deceptive('secret-access', READS, 120, say.secretThing, say.whosever, say.give, say.order),
  deceptive(
    'secret-access',
    READS,
    120,
    say.secretThing,
    say.whosever,
    say.take,
    say.whenUsed,
    say.threat,
  ),
  deceptive('exfiltration', SENDS, 140, say.modelContext, say.give, say.order),
  deceptive('exfiltration', SENDS, 140, say.modelContext, say.give, say.intoParameter),
  deceptive('exfiltration', SENDS, 140, say.modelContext, say.give, say.whenUsed),
  deceptive('exfiltration', SENDS, 140, say.modelContext, say.give, say.address),
  deceptive('exfiltration', SENDS, 120, say.sendsTo, say.order),
  deceptive('exfiltration', SENDS, 120, say.sendsTo, say.whenUsed),
  deceptive('exfiltration', SENDS, 160, say.privateData, say.take, say.give, say.order),
  deceptive('tool-shadowing', SHADOWS, 200, say.otherTool, say.exchange, say.address),
  deceptive('tool-shadowing', SHADOWS, 160, say.otherTool, say.exchange, say.order),
  deceptive('preference', PREFERS, 0, say.preference),
  deceptive('preference', PREFERS, 140, say.always, say.calledAnyway, say.modelContext),
  deceptive('preference', PREFERS, 140, say.always, say.calledAnyway, say.threat, say.order),
  deceptive('hidden-task', UNSEEN, 100, say.quiet, say.order),
  deceptive('hidden-task', NEW_TASK, 120, say.consent, say.order),
  deceptive('hidden-task', NEW_TASK, 120, say.plant, say.order),
  deceptive('hidden-task', NEW_TASK, 120, say.plant, say.whenUsed),
  deceptive('secret-access', READS, 120, say.secretThing, say.whosever, say.give, say.address),
  deceptive('exfiltration', SENDS, 120, say.allData, say.give, say.order, say.threat),
  deceptive('tool-shadowing', SHADOWS, 140, say.otherTool, say.also, say.order),
  deceptive('tool-shadowing', SHADOWS, 140, say.otherTool, say.also, say.whenUsed),
  deceptive('hidden-task', UNSEEN, 30, say.quiet, say.take),
  deceptive('secret-access', READS, 120, say.secretFile, say.also),
  deceptive('secret-access', READS, 140, say.secretFile, say.threat),
  deceptive('secret-access', READS, 80, say.secretThing, say.quiet),
  deceptive(
    'exfiltration',
    SENDS,
    100,
    say.threat,
    say.give,
    say.order,
    say.whenUsed,
    say.privateData,
  ),
  deceptive('tool-shadowing', SHADOWS, 140, say.otherTool, say.give, say.order, say.whenUsed),
  deceptive('tool-shadowing', SHADOWS, 140, say.exchange, say.address, say.preference),
  deceptive('preference', PREFERS, 0, foreign.preference),
  deceptive('secret-access', READS, 60, say.secretFile, say.take, say.give),
  deceptive('secret-access', READS, 80, say.secretFile, say.give, say.whenUsed),
  deceptive('hidden-task', NEW_TASK, 100, say.answers, say.tamper, say.order),
  deceptive('hidden-task', NEW_TASK, 100, say.answers, say.tamper, say.give),
  deceptive('exfiltration', SENDS, 100, say.privateData, say.give, say.intoParameter, say.whosever),
  deceptive('exfiltration', SENDS, 100, say.privateData, say.give, say.intoParameter, say.take),
]

function deceptive(
  rule: DeceptionRule,
  why: string,
  within: number,
  ...all: readonly Signal[]
): Rule {
  const needs = all.reduce((bits, { bit }) => bits | bit, 0)
  return { rule, severity: 'deceptive', all, needs, within, why }
}

/** The first hit of every rule. */
export function findPhrases({ text }: PlainText): readonly Hit[] {
  const found = new Map<Signal, readonly Place[]>()
  const hits: Hit[] = []
  // Those that may be here; a signal that was looked for in vain is struck out, and every rule that needs it with it.
  let bits = signalsIn(text)
  for (const { all, needs, within, rule, severity, why } of RULES) {
    for (const signal of all) {
      if ((bits & needs) !== needs) break
      const places = found.get(signal) ?? findPlaces(text, signal.pattern)
      found.set(signal, places)
      if (places.length === 0) bits &= ~signal.bit
    }
    if ((bits & needs) !== needs) continue
    const place = findTogether(
      all.map((signal) => found.get(signal) ?? []),
      within,
    )
    if (place !== undefined) hits.push({ rule, severity, why, ...place })
  }
  return hits
}

/** The first place of the first signal that has one of each other signal near. */
function findTogether(
  [first, ...others]: readonly (readonly Place[])[],
  within: number,
): Place | undefined {
  return first?.find((place) =>
    others.every((places) => places.some((other) => isNear(place, other, within))),
  )
}

function isNear(one: Place, other: Place, within: number): boolean {
  return other.start <= one.end + within && one.start <= other.end + within
}
