// The Replication port: another publisher's whole log, brought from the size held here to the one that a peer has shown. Who fetches
// what, and from whom, is the caller's; nothing is asked over a network here.

import type { Cid } from '../../cid/index.ts'
import type { Hash } from '../../log/index.ts'
import type { SignedStatement } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Block } from '../../store/index.ts'

/**
 * Implementations MUST store nothing before it verifies, and show nothing of a log before `commit` has answered `done`: until then readers
 * see the head they saw before. Whatever throws uses the replication up; steps that were committed stay, as far as no signed note
 * contradicts them. Calls must not overlap. Callers MAY drop a replication at any time: what was not committed is forgotten.
 */
export interface Replication {
  readonly publisher: PublisherId
  /** The first entry not yet taken. */
  readonly from: number
  /** Entries that the note shown speaks of. */
  readonly to: number
  /**
   * The next entries, in order: signatures, authority, index and position. Answers the CIDs of blocks they need and that are not held here, so
   * far not asked for: releases first. Throws the code of the first rule that an entry breaks; for a signature perhaps only in a later
   * call, at the latest in `commit`.
   */
  take(entries: readonly SignedStatement[]): Promise<readonly Cid[]>
  /**
   * Blocks that were answered as wanted, in any order. Answers the CIDs that are wanted because of them: tools of releases. Throws
   * HASH_MISMATCH for other bytes, PEER_MISBEHAVED for a block more than was asked for, and the code of what is wrong with one.
   */
  give(blocks: readonly Block[]): Promise<readonly Cid[]>
  /** This peer has not got them. The log goes on without, and the gap is kept, to be asked of others. */
  lack(cids: readonly Cid[]): void
  /** Bytes held in memory. A caller commits at `STEP_BYTES` or `STEP_ENTRIES`. */
  readonly stagedBytes: number
  /** Entries held in memory. */
  readonly stagedEntries: number
  /**
   * One durable commit of all that was taken. Before `to` is reached it is a step: `proof` is the consistency proof from the entries taken so
   * far to all of `to`, and the log stays as it was for its readers. At `to`, the log is the one shown. Blocks that were wanted and neither
   * given nor lacked are lacked. Throws PROOF_INVALID, CHECKPOINT_INVALID, SIGNATURE_INVALID, CONFLICT, FORKED and STORE_*.
   */
  commit(proof?: readonly Hash[]): Promise<'step' | 'done'>
}

export type Opened =
  | { readonly kind: 'same' }
  /** The peer shows fewer entries than are held here, and they are the first of these. */
  | { readonly kind: 'behind' }
  /** Two signed heads that contradict each other. The proof is kept, and the log takes no more entries. */
  | { readonly kind: 'fork'; readonly proof: Block }
  | { readonly kind: 'open'; readonly replication: Replication }

/** What a peer shows of a log. */
export interface Shown {
  readonly publisher: PublisherId
  /** C2SP signed note. */
  readonly note: Uint8Array
  /** From the entries that `heldEntries` counts to those of the note; empty where nothing is held, or no less than the note speaks of. */
  readonly consistency: readonly Hash[]
  /** The peer's RFC 9162 audit path of entry 0 in the tree of the note: asked for only where a fork cannot be proven without. */
  readonly firstPath?: () => Promise<readonly Hash[]>
  /** How errors name the peer. */
  readonly label: string
}

/** Bytes gathered before they are made durable: what a cut costs at most. */
export const STEP_BYTES: number = 32 * 1024 * 1024
export const STEP_ENTRIES = 4_096
