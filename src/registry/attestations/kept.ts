// Attestations that are held here: put away within their budget, and verified again whenever they are read.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import {
  attestationKey,
  attestationRecord,
  corruptAttestation,
  formatAttestation,
  type KeptAttestation,
  listAttestationRecords,
  parseAttestationRecord,
} from '../../resolve/index.ts'
import type { Change, Store } from '../../store/index.ts'
import { type Identify, type VerifiedAttestation, verifyAttestation } from '../../trust/index.ts'
import { makeRoom, PER_SUBJECT } from './budget.ts'

export type ReadAttestation =
  | {
      readonly kind: 'verified'
      readonly kept: KeptAttestation
      readonly attestation: VerifiedAttestation
    }
  | { readonly kind: 'refused'; readonly key: string; readonly error: unknown }

/** All about one block, each verified or refused: one that was damaged says nothing about the others. */
export async function readAttestations(
  store: Store,
  subject: Cid,
  identify: Identify,
): Promise<readonly ReadAttestation[]> {
  const read: ReadAttestation[] = []
  for await (const record of listAttestationRecords(store, subject)) {
    const { key } = record
    try {
      const kept = parseAttestationRecord(record)
      const attestation = verifyAttestation(kept.carried, { subject, identify })
      // A record under another’s key would count for a signer who never signed it.
      if (attestationKey(subject, attestation) !== key) throw corruptAttestation(key)
      if (attestation.predicateType !== kept.predicateType) throw corruptAttestation(key)
      read.push({ kind: 'verified', kept, attestation })
    } catch (error) {
      read.push({ kind: 'refused', key, error })
    }
  }
  return read
}

export interface Incoming {
  readonly attestation: VerifiedAttestation
  readonly kept: Pick<KeptAttestation, 'from' | 'since' | 'keptFor'>
}

export interface Kept {
  readonly change: Pick<Change, 'put' | 'remove'>
  /** How many of those that came are new here, and stay. */
  readonly added: number
  /** Whether what is never dropped is over the budget by itself. */
  readonly isOver: boolean
}

/** What to commit so that these are kept. Hold the lock of `attestationLock` until it is. */
export async function keepChange(
  store: Store,
  subject: Cid,
  incoming: readonly Incoming[],
): Promise<Kept> {
  const held = await listKept(store, subject)
  const coming = incoming.map(({ attestation, kept }): KeptAttestation => {
    const { carried, predicateType } = attestation
    return { key: attestationKey(subject, attestation), carried, predicateType, ...kept }
  })
  const { keep, drop, isOver } = makeRoom(held, coming)
  const put = keep.filter((one) => !held.includes(one)).map(formatAttestation)
  const remove = drop.filter((one) => held.includes(one)).map(({ key }) => attestationRecord(key))
  const known = new Set(held.map(({ key }) => key))
  const added = put.filter(({ key }) => !known.has(key)).length
  return { change: { put, remove }, added, isOver }
}

/** Two writers could both see room for their own. */
export function attestationLock(
  store: Store,
  subject: Cid,
  options: { readonly signal?: AbortSignal } = {},
): Promise<AsyncDisposable> {
  return store.lock(`attestation/${subject}`, options)
}

/** Keeps one of this node’s own. Answers whether it is new. Throws LIMIT_EXCEEDED where others of its own take all the room. */
export async function keepOwn(
  store: Store,
  subject: Cid,
  { attestation, since }: { readonly attestation: VerifiedAttestation; readonly since: string },
): Promise<boolean> {
  await using _lock = await attestationLock(store, subject)
  const kept = { since, keptFor: 'own' as const }
  const { change, added, isOver } = await keepChange(store, subject, [{ attestation, kept }])
  if (isOver) throw full()
  await store.commit(change)
  return added > 0
}

function full(): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', 'There are too many attestations about this block.', {
    expected: `at most ${PER_SUBJECT.items} attestations of ${PER_SUBJECT.bytes} bytes in all`,
    got: 'that much, all made or attached here',
    next: 'Attest to a new release: there is no room for more about this one.',
  })
}

async function listKept(store: Store, subject: Cid): Promise<readonly KeptAttestation[]> {
  const kept: KeptAttestation[] = []
  for await (const record of listAttestationRecords(store, subject)) {
    try {
      kept.push(parseAttestationRecord(record))
    } catch {
      // Damage is told by who reads it; here it must not keep a good one out.
    }
  }
  return kept
}
