// What the signals mean together. One alone is seldom worth a word: honest tools read files, send data and give orders. Two or three
// within a sentence or two are another matter: an order about when, a file of secrets, and where its content is to go.

import type { DeceptionRule, Severity } from '../finding.ts'
import type { PlainText } from '../plain/plain-text.ts'
import * as alone from './alone.ts'
import { isForeign } from './languages.ts'
import { findSignal, type Place, type Signal, signalsIn } from './signal.ts'
import * as weak from './signals.ts'

/** All of `all` within `within` characters of a place where the first of them is. */
interface Rule {
  readonly rule: DeceptionRule
  readonly severity: Severity
  readonly all: readonly Signal[]
  /** The bits of all. */
  readonly needs: number
  readonly within: number
  readonly why: string
  /** Names of tools of which it is to be expected. */
  readonly subject?: RegExp
}

export interface Hit {
  readonly rule: DeceptionRule
  readonly severity: Severity
  readonly start: number
  readonly end: number
  readonly why: string
}

const say = { ...alone, ...weak }

const HIDES = 'It says what the user is not to be told.'
const READS = 'It orders the model to read secrets that the call does not need.'
const SENDS = 'It orders the model to pass on data that the call does not need.'
const SHADOWS = 'It gives orders about another tool.'
const PREFERS = 'It orders the model to choose this tool, whatever the user wants.'

const NEW_TASK = 'It orders the model to do something that the tool is not for.'
const OBEYS = 'It makes the model take orders from what a tool returns.'
const STAYS = 'It plants something that the model is to believe or do later.'
const UNSEEN = 'It orders something to be done so that nobody notices.'

/** What a tool may be about, by its name, that such text is to be expected of it. */
const SECRETS =
  /ssh|key|secret|env|vault|credential|config|kube|aws|docker|npm|shell|bash|terminal|command|exec|deploy|scan|audit|wallet/i
const CHATS =
  /chat|completion|model|gpt|bot|feedback|conversation|messag|prompt|agent|assistant|session|thread|ticket|escalat|support|handoff|memor|llm|think/i

const RULES: readonly Rule[] = [
  deceptive(
    'instruction-override',
    'It sets aside the instructions of the user or the application.',
    0,
    say.override,
  ),
  deceptive('secrecy', HIDES, 0, say.secrecy),
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
  deceptive('secret-access', READS, 60, say.secretFile, say.take, say.give),
  deceptive('secret-access', READS, 80, say.secretFile, say.give, say.whenUsed),
  deceptive('hidden-task', NEW_TASK, 100, say.answers, say.tamper, say.order),
  deceptive('hidden-task', NEW_TASK, 100, say.answers, say.tamper, say.give),
  deceptive('exfiltration', SENDS, 100, say.privateData, say.give, say.intoParameter, say.whosever),
  deceptive('exfiltration', SENDS, 100, say.privateData, say.give, say.intoParameter, say.take),
  deceptive('instruction-override', OBEYS, 0, say.obey),
  deceptive('exfiltration', SENDS, 0, say.sendsTo),
  deceptive('exfiltration', SENDS, 90, say.passedOn, say.modelContext),
  deceptive('exfiltration', SENDS, 90, say.passedOn, say.privateData),
  deceptive('tool-shadowing', SHADOWS, 90, say.passedOn, say.otherTool),
  deceptive('tool-shadowing', SHADOWS, 60, say.otherTool, say.address, say.order),
  unless(SECRETS, suspicious('secret-access', READS, 0, say.secretFile)),
  suspicious('hidden-task', STAYS, 0, say.plant),
  unless(SECRETS, deceptive('secret-access', READS, 100, say.secretFile, say.take)),
  unless(SECRETS, deceptive('secret-access', READS, 100, say.secretFile, say.give)),
  unless(SECRETS, deceptive('secret-access', READS, 60, say.secretFile, say.order)),
  unless(SECRETS, deceptive('secret-access', READS, 60, say.secretFile, say.whenUsed)),
  unless(CHATS, deceptive('exfiltration', SENDS, 90, say.modelContext, say.give)),
  unless(CHATS, deceptive('exfiltration', SENDS, 60, say.modelContext, say.order)),
  unless(CHATS, deceptive('exfiltration', SENDS, 60, say.modelContext, say.intoParameter)),
  deceptive('hidden-task', STAYS, 140, say.standing, say.trust),
  deceptive('exfiltration', SENDS, 140, say.sendsTo, say.answers),
  unless(CHATS, deceptive('exfiltration', SENDS, 100, say.modelContext, say.fillIn)),
  deceptive('secret-access', READS, 120, say.secretThing, say.fillIn, say.whosever, say.take),
  deceptive('secret-access', READS, 120, say.secretFile, say.fillIn),
  deceptive('secret-access', READS, 90, say.secretThing, say.take, say.passedOn),
  deceptive('secret-access', READS, 100, say.secretThing, say.fillIn, say.around),
  deceptive('hidden-task', NEW_TASK, 40, say.consent, say.whenUsed),
  deceptive('hidden-task', NEW_TASK, 60, say.consent, say.secrecy),
  deceptive('hidden-task', NEW_TASK, 120, say.plant, say.consent),
  deceptive('hidden-task', NEW_TASK, 60, say.plant, say.whosever),
  deceptive('hidden-task', UNSEEN, 100, say.consent, say.quiet),
  deceptive('tool-shadowing', SHADOWS, 100, say.otherTool, say.allData, say.give),
  deceptive('secret-access', READS, 100, say.secretThing, say.around, say.give),
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

function suspicious(...args: Parameters<typeof deceptive>): Rule {
  return { ...deceptive(...args), severity: 'suspicious' }
}

function unless(subject: RegExp, rule: Rule): Rule {
  return { ...rule, subject }
}

/** The first hit of every rule. */
export function findPhrases({ text }: PlainText, name = ''): readonly Hit[] {
  const found = new Map<Signal, readonly Place[]>()
  const hits: Hit[] = []
  const isOther = isForeign(text)
  const lookFor = (signal: Signal): readonly Place[] => {
    let places = found.get(signal)
    if (places === undefined) {
      places = findSignal(text, signal, isOther)
      found.set(signal, places)
    }
    return places
  }
  const bits = signalsIn(text, isOther)
  for (const { all, needs, within, rule, severity, why, subject } of RULES) {
    if (subject?.test(name)) continue
    if ((bits & needs) !== needs || all.some((signal) => lookFor(signal).length === 0)) continue
    const place = findTogether(all.map(lookFor), within)
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
