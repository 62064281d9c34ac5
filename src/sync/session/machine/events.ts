// What may happen to a session, what it asks of the peer, and what it wants done here, with the result of each: plain data, so that a
// session can be replayed from its events.

import type { Cid } from '../../../cid/index.ts'
import type { RegistryError } from '../../../lib/index.ts'
import type { Hash } from '../../../log/index.ts'
import type { SignedStatement } from '../../../resolve/index.ts'
import type { PublisherId } from '../../../spec/index.ts'
import type { Answers, Asks } from '../../wire/ops.ts'
import type { LogPiece, LogWant, Scope, Subject } from '../../wire/sync-ops.ts'

/** Ops of a session, with what has to be remembered until the answer. */
interface RequestOf {
  readonly scope: object
  readonly reconcile: object
  readonly logs: object
  readonly forks: object
  readonly entries: object
  readonly consistency: object
  readonly blocks: { readonly owners: readonly Owner[] }
}
export type SessionOp = keyof RequestOf

/** Whose log a block is wanted for; undefined for one that has been lacking since an earlier session. */
export type Owner = PublisherId | undefined

export type Request = {
  readonly [K in SessionOp]: {
    readonly id: number
    /** How many answers had to be waited for, one after another, until this was asked; it is one more. */
    readonly round: number
    readonly op: K
    readonly ask: Asks[K]
  } & RequestOf[K]
}[SessionOp]

export type NewRequest = WithoutId<Request>

/** Of each of a union. */
type WithoutId<T> = T extends unknown ? Omit<T, 'id' | 'round'> : never

interface JobOf {
  /** The first message, or the next one to this answer. */
  readonly reconcile: { readonly answer: Uint8Array | undefined }
  /** Blocks that are lacking here, of any log. */
  readonly lacking: object
  /** Which of these are wanted here, and from which entry on. */
  readonly plan: { readonly hints: readonly Subject[] }
  readonly open: { readonly piece: LogPiece; readonly from: number }
  readonly take: {
    readonly publisher: PublisherId
    readonly entries: readonly SignedStatement[]
    /** That came with the entries. */
    readonly blocks: readonly Uint8Array[]
  }
  readonly give: {
    readonly publisher: PublisherId
    readonly blocks: readonly Uint8Array[]
    readonly lacking: readonly Cid[]
  }
  readonly commit: { readonly publisher: PublisherId; readonly proof: readonly Hash[] | undefined }
  /** Whatever was not committed is forgotten. */
  readonly close: { readonly publisher: PublisherId }
  readonly fill: { readonly blocks: readonly Uint8Array[] }
  readonly fork: { readonly proof: Uint8Array }
  readonly wait: { readonly milliseconds: number }
}
export type JobKind = keyof JobOf

export type Job = {
  readonly [K in JobKind]: {
    readonly id: number
    readonly round: number
    readonly kind: K
  } & JobOf[K]
}[JobKind]
export type NewJob = WithoutId<Job>

export interface Staged {
  readonly bytes: number
  readonly entries: number
}

interface Grown {
  /** Not held here, and not asked for so far. */
  readonly wanted: readonly Cid[]
  /** Blocks that were taken. */
  readonly blocks: number
  readonly staged: Staged
}

/** What may be fetched of a log in this session; one that needs more ends there. */
export interface Room {
  readonly entries: number
  readonly bytes: number
}

export type OpenedLog =
  | { readonly kind: 'open'; readonly from: number; readonly to: number; readonly room: Room }
  /** Nothing to fetch. `moved`: somebody else has brought it further meanwhile. */
  | { readonly kind: 'same' | 'behind' | 'unwanted' | 'moved' }
  | { readonly kind: 'fork' }

export interface Results {
  readonly reconcile: {
    readonly message: Uint8Array | undefined
    readonly need: readonly Uint8Array[]
  }
  readonly lacking: { readonly cids: readonly Cid[] }
  readonly plan: { readonly wants: readonly LogWant[] }
  readonly open: OpenedLog
  readonly take: Grown
  readonly give: Grown
  readonly commit: 'step' | 'done'
  readonly close: undefined
  readonly fill: { readonly wanted: readonly Cid[]; readonly blocks: number }
  /** Undefined for a proof that tells nothing new, or is about nobody who matters here. */
  readonly fork: { readonly publisher: PublisherId | undefined }
  readonly wait: undefined
}

export type Event =
  | {
      readonly kind: 'started'
      /** What the peer is to be told; it may know already. */
      readonly scope: Scope | undefined
      /** Fetch these logs; undefined: reconcile, and fetch what differs. */
      readonly publishers: readonly PublisherId[] | undefined
    }
  | { readonly kind: 'announced'; readonly publisher: PublisherId }
  | { readonly kind: 'answered'; readonly id: number; readonly ok: Answers[SessionOp] }
  | { readonly kind: 'refused'; readonly id: number; readonly error: RegistryError }
  | { readonly kind: 'done'; readonly id: number; readonly result: Results[JobKind] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: RegistryError }
  /** From outside: the peer is too slow, or has sent too much. */
  | { readonly kind: 'stopped'; readonly error: RegistryError }
