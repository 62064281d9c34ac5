// How old a state of a log may be (T2, freeze): a signature never grows old, so the age is taken from witnesses whom the consumer names.
// Pure: the caller brings the clock. Without witnesses nothing here is asked, and nothing is said of age.

import { findAge, inUnits, RegistryError } from '../lib/index.ts'
import { type Cosignature, findCosignatures, parseWitness, type Witness } from '../log/index.ts'

export interface WitnessPolicy {
  readonly witnesses: readonly Witness[]
  /** How many of them have to have seen the state. */
  readonly threshold: number
  readonly maxAgeMs: number
}

export interface WitnessWords {
  /** Their C2SP vkeys. */
  readonly witnesses: readonly string[]
  /** More than half of them unless said. */
  readonly quorum?: number | string | undefined
  /** `90m`, `36h`, `7d`; 7 days unless said. */
  readonly maxAge?: string | undefined
}

export interface Freshness {
  /** When, as enough witnesses say, this was still the newest state; undefined if they are too few. */
  readonly time: Date | undefined
  /** Those that count, the latest first. */
  readonly by: readonly string[]
  /** Cosignatures from the future: they do not count, for a clock is wrong. */
  readonly ahead: readonly Cosignature[]
}

/** Clocks differ a little; a cosignature may be this far ahead of ours. */
export const CLOCK_TOLERANCE_MS: number = 5 * 60_000

/** Throws KEY_INVALID and USAGE. */
export function parseWitnessPolicy({ witnesses, quorum, maxAge }: WitnessWords): WitnessPolicy {
  const parsed = witnesses.map(parseWitness)
  // A cosignature does not say its maker's name: one key under two names would count twice (T15).
  const keys = new Set(parsed.map(({ key }) => key.spki))
  if (keys.size !== parsed.length || parsed.length === 0) {
    const got = parsed.length === 0 ? 'none' : 'the same key twice'
    throw usage('Freshness needs witnesses to ask.', 'witnesses, each with a key of its own', got)
  }
  const threshold = Number(quorum ?? Math.floor(parsed.length / 2) + 1)
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > parsed.length) {
    const message = 'That many witnesses cannot be asked for.'
    throw usage(message, `a number from 1 to ${parsed.length}`, JSON.stringify(quorum))
  }
  return { witnesses: parsed, threshold, maxAgeMs: parseAge(maxAge ?? '7d') }
}

/** Of each witness the newest word counts, once; of these the time of the `threshold`-th newest. */
export function freshnessOf(
  note: Uint8Array,
  { witnesses, threshold }: Pick<WitnessPolicy, 'witnesses' | 'threshold'>,
  now: Date,
): Freshness {
  const all = findCosignatures(note, witnesses).toSorted((a, b) => Number(b.time) - Number(a.time))
  const isAhead = ({ time }: Cosignature) => Number(time) - Number(now) > CLOCK_TOLERANCE_MS
  const counted = newestOfEach(all.filter((cosignature) => !isAhead(cosignature)))
  return {
    time: counted[threshold - 1]?.time,
    by: counted.map(({ witness }) => witness.name),
    ahead: newestOfEach(all.filter(isAhead)),
  }
}

/** Throws STALE. `what` begins a sentence. */
export function assertFresh(
  { time, by, ahead }: Freshness,
  policy: WitnessPolicy,
  { now, what }: { readonly now: Date; readonly what: string },
): void {
  if (time !== undefined && Number(now) - Number(time) <= policy.maxAgeMs) return
  const { threshold, witnesses, maxAgeMs } = policy
  const clock = ahead.length === 0 ? '' : `; ${ahead.length} from the future`
  const few = by.length === 0 ? 'no cosignature by any of them' : `${by.length} of them`
  const age = time === undefined ? 0 : Number(now) - Number(time)
  throw new RegistryError('STALE', `${what}: nothing says that this is still its newest state.`, {
    expected: `cosigned by ${threshold} of ${witnesses.length} witnesses within the last ${inUnits(maxAgeMs)}`,
    got: `${time === undefined ? few : `${time.toISOString()}, ${inUnits(age)} ago`}${clock}`,
    next: 'Ask other peers as well: these may hide what came later. Check this machine’s clock, and that the witnesses are at work.',
  })
}

/** Latest first, of each witness one. */
function newestOfEach(latestFirst: readonly Cosignature[]): readonly Cosignature[] {
  return latestFirst.filter(
    ({ witness }, i) => latestFirst.findIndex((other) => other.witness === witness) === i,
  )
}

function parseAge(text: string): number {
  const age = findAge(text)
  if (age !== undefined) return age
  throw usage('This is not an age.', 'a number and s, m, h or d, such as 7d', JSON.stringify(text))
}

function usage(message: string, expected: string, got: string): RegistryError {
  const next = 'Name witnesses by the keys they publish, and how many of them have to agree.'
  return new RegistryError('USAGE', message, { expected, got, next })
}
