// The rules of C2SP tlog-witness (https://c2sp.org/tlog-witness, add-checkpoint) without its HTTP: old size, proof and note in, cosignature out.
// Of a log that is held here the store is asked as well: what is held and what is handed in must be one history.

import { equalBytes, RegistryError } from '../../lib/index.ts'
import { rolesAt } from '../../log/index.ts'
import { assertNotForked, localSource, type News } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import { type Candidate, cosign } from './cosign.ts'
import type { Cosigned } from './cosigned.ts'
import { cosignHead, type WitnessNode } from './heads.ts'
import {
  describeState,
  findContradiction,
  findHeld,
  isConsistent,
  keepContradiction,
  sourceOfProof,
} from './held.ts'
import {
  originIn,
  publisherAt,
  unknownLog,
  verifySubmitted,
  type WitnessedLog,
} from './submitted.ts'

/** A request, its form checked. */
export interface SubmittedCheckpoint {
  /** Of the state that the submitter thinks was cosigned last; 0 for none. */
  readonly oldSize: number
  /** RFC 9162 consistency proof from there; 32-byte hashes. */
  readonly proof: readonly Uint8Array[]
  readonly note: Uint8Array
}

/** What CONFLICT carries as evidence: the size to prove growth from. */
export interface CosignedSize {
  readonly size: number
}

export interface Witnessing extends WitnessNode {
  /** Told by the operator, beside what is held. */
  readonly logs: readonly WitnessedLog[]
  /** Logs that nobody is told of are witnessed for nobody (T13). */
  readonly isHidden: (publisher: PublisherId) => Promise<boolean>
}

/**
 * Answers the signature line, without its newline. Throws, each with the status that the specification names: CHECKPOINT_INVALID,
 * MESSAGE_INVALID 400, SIGNATURE_INVALID 403, NOT_FOUND 404, CONFLICT 409, PROOF_INVALID and FORKED 422.
 */
export async function addCheckpoint(
  witnessing: Witnessing,
  submitted: SubmittedCheckpoint,
  now: Date,
): Promise<string> {
  const { store } = witnessing
  const { note, oldSize } = submitted
  const origin = originIn(note)
  const { log, held, publisher } = await findLog(witnessing, origin)
  const candidate = { ...verifySubmitted(note, log), publisher }
  if (oldSize > candidate.size) throw shrinking(oldSize, candidate.size)
  if (publisher !== undefined) await assertNotForked(store, publisher)
  // What is held counts as seen: whoever hands in more proves that it goes on from there.
  if (held !== undefined) await cosignHead(witnessing, held.evidence.publisher, now)
  let proof: Uint8Array | undefined
  const made = await cosign(witnessing, origin, now, async (last) => {
    proof =
      held === undefined
        ? undefined
        : await contradict(witnessing, held, { last, candidate, submitted })
    if (proof !== undefined) return undefined
    assertFollows(last, candidate, submitted)
    return candidate
  })
  if (made !== undefined) return made.line
  throw proof === undefined ? unknownLog(origin) : await keepContradiction(store, proof)
}

interface KnownLog {
  readonly log: WitnessedLog
  readonly held: News | undefined
  readonly publisher: PublisherId | undefined
}

/** Throws NOT_FOUND. */
async function findLog({ store, logs, isHidden }: Witnessing, origin: string): Promise<KnownLog> {
  const told = logs.find((log) => log.origin === origin)
  const publisher = publisherAt(origin)
  if (publisher !== undefined && (await isHidden(publisher))) throw unknownLog(origin)
  const held = publisher === undefined ? undefined : await findHeld(store, publisher)
  if (held !== undefined) {
    const { authority, checkpoint } = held.head
    // The key in force for the newest entries; a later one is believed once its entry is here.
    const [key] = rolesAt(authority, checkpoint.size).log.keys
    return { log: { origin, keys: [{ name: origin, key }] }, held, publisher }
  }
  if (told === undefined) throw unknownLog(origin)
  return { log: told, held, publisher }
}

interface Shown {
  readonly last: Cosigned | undefined
  readonly candidate: Candidate
  readonly submitted: SubmittedCheckpoint
}

/** Whether the log’s own signature under this contradicts what is held or was cosigned: then it is proof of a fork (T5). */
async function contradict(
  { store }: Witnessing,
  held: News,
  { last, candidate, submitted }: Shown,
): Promise<Uint8Array | undefined> {
  const { checkpoint } = held.head
  const here = { ...checkpoint, note: held.evidence.checkpoint }
  if (candidate.size <= checkpoint.size) {
    const source = localSource(store)
    return await findContradiction(store, held, { smaller: candidate, larger: here, source })
  }
  if (last === undefined || last.size > candidate.size) return undefined
  if (last.size < candidate.size && submitted.oldSize !== last.size) return undefined
  if (isConsistent(last, candidate, submitted.proof)) return undefined
  const source = sourceOfProof(store, submitted.proof)
  return await findContradiction(store, held, { smaller: last, larger: candidate, source })
}

function assertFollows(
  last: Cosigned | undefined,
  candidate: Candidate,
  { oldSize, proof }: SubmittedCheckpoint,
): void {
  const size = last?.size ?? 0
  if (oldSize !== size) throw outdated(size, oldSize)
  if (last?.size === candidate.size && !equalBytes(last.root, candidate.root)) {
    throw inconsistent(`root of ${describeState(last)}`, describeState(candidate))
  }
  if (isConsistent(last, candidate, proof)) return
  const from =
    last === undefined || size === 0 ? 'no proof: nothing was cosigned' : describeState(last)
  throw inconsistent(`a proof of growth from ${from}`, `${proof.length} hashes that do not show it`)
}

function shrinking(old: number, size: number): RegistryError {
  return new RegistryError('MESSAGE_INVALID', 'The old size is larger than the checkpoint’s.', {
    expected: `at most ${size}`,
    got: `${old}`,
    next: 'Hand in a checkpoint of the size that was cosigned last, or of a larger one.',
  })
}

function outdated(size: number, got: number): RegistryError {
  const evidence: CosignedSize = { size }
  return new RegistryError('CONFLICT', 'Another size of this log was cosigned last.', {
    expected: `old size ${size}`,
    got: `old size ${got}`,
    next: `Prove that the log goes on from ${size} entries.`,
    evidence,
  })
}

function inconsistent(expected: string, got: string): RegistryError {
  return new RegistryError(
    'PROOF_INVALID',
    'This checkpoint does not go on from what was cosigned.',
    {
      expected,
      got,
      next: 'Prove the growth from the state that was cosigned last. If there is no such proof, the log has forked.',
    },
  )
}
