// How old the newest word is that this node has of a log (T2). What is held goes on when that grows too old, and the consumer is told: the
// bytes are still what was signed, but a withdrawal may have been kept from this node.

import { inUnits, isRegistryError } from '../../lib/index.ts'
import { findHead } from '../../log/index.ts'
import {
  assertFresh,
  cosignedNote,
  evidenceKey,
  type Freshness,
  freshnessOf,
  parseEvidence,
  type VerifiedEntry,
  type WitnessPolicy,
} from '../../resolve/index.ts'
import type { Store } from '../../store/index.ts'
import { findSeenHead } from '../forks.ts'
import { findOwnPublisher } from '../workspace.ts'
import type { StatusWarning } from './warnings.ts'

export interface FreshnessAsked {
  readonly policy: WitnessPolicy
  /** Whether what is held goes on, with a warning, when its log is stale. */
  readonly allowStale: boolean
  readonly now: Date
}

type Release = Pick<VerifiedEntry, 'publisher' | 'name' | 'version'>

/** What the witnesses say of a state that a peer shows, if any are asked for. Throws STALE. */
export function demandFresh(
  note: Uint8Array,
  policy: WitnessPolicy | undefined,
  asOf: { readonly now: Date; readonly what: string },
): Freshness | undefined {
  if (policy === undefined) return undefined
  const freshness = freshnessOf(note, policy, asOf.now)
  assertFresh(freshness, policy, asOf)
  return freshness
}

/** To prefer the later of two; 0 when nothing is known. */
export function witnessTime(
  note: Uint8Array,
  policy: WitnessPolicy | undefined,
  now: Date,
): number {
  return policy === undefined ? 0 : Number(freshnessOf(note, policy, now).time ?? 0)
}

/** For a release that is held here. Throws STALE unless stale ones are allowed. */
export async function freshnessWarnings(
  store: Store,
  entry: Release,
  asked: FreshnessAsked | undefined,
): Promise<readonly StatusWarning[]> {
  if (asked === undefined) return []
  const freshness = await freshnessHere(store, entry, asked)
  if (freshness === undefined) return []
  const clock = clockWarnings(entry, freshness, asked.now)
  const what = `${entry.name}@${entry.version}`
  try {
    assertFresh(freshness, asked.policy, { now: asked.now, what: `The log of ${what}` })
    return clock
  } catch (error) {
    if (asked.allowStale && isRegistryError(error, 'STALE')) {
      const { expected, got } = error.details
      const message = `${what} goes on here, but it is STALE: news of it may be withheld. Expected its log to be ${expected}; got ${got}. Pull it again.`
      return [{ kind: 'stale', name: entry.name, version: entry.version, message }, ...clock]
    }
    throw error
  }
}

/** A witness whose clock, or ours, is wrong. */
export function clockWarnings(
  { name, version }: Pick<Release, 'name' | 'version'>,
  { ahead }: Freshness,
  now: Date,
): readonly StatusWarning[] {
  return ahead.map(({ witness, time }) => {
    const by = inUnits(Number(time) - Number(now))
    const message = `The clock of the witness ${witness.name}, or of this machine, is wrong: its cosignature is ${by} ahead, and does not count.`
    return { kind: 'clock', name, version, message }
  })
}

/**
 * By the newest state accepted here, by the proof of the pull, or by what is held of the whole log. Undefined for a log that is written here:
 * nobody knows it better.
 */
async function freshnessHere(
  store: Store,
  entry: Release,
  { policy, now }: FreshnessAsked,
): Promise<Freshness | undefined> {
  const { publisher } = entry
  if ((await findOwnPublisher(store)) === publisher) return undefined
  const held = await findHead(store, publisher)
  const seen = (await findSeenHead(store, publisher))?.note
  const [pulled] = await store.findRecords([{ table: 'evidence', key: evidenceKey(entry) }])
  const notes = [
    ...(seen === undefined ? [] : [seen]),
    ...(pulled === undefined ? [] : [parseEvidence(pulled).checkpoint]),
    ...(held === undefined ? [] : [await cosignedNote(store, held)]),
  ]
  const [newest] = notes
    .map((note) => freshnessOf(note, policy, now))
    .toSorted((a, b) => Number(b.time ?? 0) - Number(a.time ?? 0))
  return newest ?? { time: undefined, by: [], ahead: [] }
}
