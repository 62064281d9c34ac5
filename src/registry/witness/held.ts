// A log that is held here in full, proven again before it is vouched for, and what contradicts it made into a proof.

import { isRegistryError, RegistryError, toHex } from '../../lib/index.ts'
import { type Checkpoint, findHead, makeForkProof, verifyConsistency } from '../../log/index.ts'
import {
  findFork,
  forked,
  localSource,
  type News,
  readHead,
  type Source,
} from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { importFork } from '../forks.ts'

/** How often a log may grow while it is read. */
const TRIES = 5

/** Signatures, keys and the tree up to its right edge. Undefined for a log that is not here; STORE_CORRUPT for one that does not hold. */
export async function findHeld(store: Store, publisher: PublisherId): Promise<News | undefined> {
  const verifier = await loadVerifier(store)
  for (let i = 0; i < TRIES; i++) {
    if ((await findHead(store, publisher)) === undefined) return undefined
    const asked = { publisher, floor: undefined }
    const held = await readHead(localSource(store), verifier, asked, {})
    if (held !== undefined) return held
  }
  throw new RegistryError('STORE_BUSY', 'This log grows faster than it can be proven.', {
    expected: 'one state for as long as it takes to read it',
    got: `${TRIES} others`,
    next: 'Try again in a moment.',
  })
}

/** Two heads signed by one log, and a source that can show what the larger one grew from. */
export interface Compared {
  readonly smaller: SignedHead
  readonly larger: SignedHead
  readonly source: Source
}

interface SignedHead extends Pick<Checkpoint, 'size' | 'root'> {
  readonly note: Uint8Array
}

/** The proof that the larger did not grow from the smaller; undefined if it did, or if the source cannot show either. */
export async function findContradiction(
  store: Store,
  { evidence }: News,
  { smaller, larger, source }: Compared,
): Promise<Uint8Array | undefined> {
  const { publisher, genesis, keys } = evidence
  try {
    const fork = await findFork(source, publisher, { smaller, larger }, {})
    if (fork === undefined) return undefined
    const notes = [smaller.note, larger.note] as const
    const seen = { publisher, genesis: genesis.statement, notes, chains: [keys] }
    return makeForkProof({ ...seen, proof: fork.proof }, await loadVerifier(store)).bytes
  } catch (error) {
    // What cannot be proven to others is no fork: a submitter may send any proof it likes.
    if (isRegistryError(error) && error.verdict !== 'CORRUPT') return undefined
    throw error
  }
}

/** Keeps the proof, for good, and answers the error to throw. No lock of this log may be held. */
export async function keepContradiction(store: Store, proof: Uint8Array): Promise<RegistryError> {
  const { fork } = await importFork(store, proof)
  return forked(fork)
}

/** A proof that somebody has sent along, as the answer of a source. */
export function sourceOfProof(store: Store, proof: readonly Uint8Array[]): Source {
  return { ...localSource(store), label: 'the submitter', consistency: async () => proof }
}

/** Whether a proof holds; size 0 is consistent with everything, and has none. */
export function isConsistent(
  older: Pick<Checkpoint, 'size' | 'root'> | undefined,
  newer: Pick<Checkpoint, 'size' | 'root'>,
  proof: readonly Uint8Array[],
): boolean {
  if (older === undefined || older.size === 0) return proof.length === 0
  const sizes = { from: older.size, to: newer.size }
  try {
    verifyConsistency({ ...sizes, fromRoot: older.root, toRoot: newer.root, proof })
    return true
  } catch (error) {
    if (isRegistryError(error, 'PROOF_INVALID')) return false
    throw error
  }
}

export function describeState({ size, root }: Pick<Checkpoint, 'size' | 'root'>): string {
  return `${size} entries with root ${toHex(root)}`
}
