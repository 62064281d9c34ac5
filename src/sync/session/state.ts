// What a session is made of: what may happen to it, what it asks of the peer, what it wants done here, and where it stands. All plain
// data, so that a session can be replayed from its events.

import type { Cid } from '../../cid/index.ts'
import type { RegistryError } from '../../lib/index.ts'
import type { Hash } from '../../log/index.ts'
import type { SignedStatement } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Answers, Asks } from '../wire/ops.ts'
import type { LogPiece, LogWant, Scope, Subject } from '../wire/sync-ops.ts'

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

/** One log on its way. */
export interface Log {
  readonly publisher: PublisherId
  readonly piece: LogPiece
  /** `waiting`: other long logs come first. */
  readonly stage: 'waiting' | 'opening' | 'open'
  readonly isLong: boolean
  /** Held when it was asked for. */
  readonly from: number
  readonly to: number
  readonly room: Room
  /** Entries taken, and entries asked for; `gaps` of those were not in the answers. */
  readonly taken: number
  readonly asked: number
  readonly gaps: readonly (readonly [number, number])[]
  readonly arrived: ReadonlyMap<number, readonly SignedStatement[]>
  /** Blocks wanted, on their way or here, and not yet given. */
  readonly owed: number
  readonly given: readonly Uint8Array[]
  readonly lacking: readonly Cid[]
  readonly proof: readonly Hash[] | 'asked' | undefined
  readonly staged: Staged
  /** Bytes of this session that are committed. */
  readonly used: number
  /** What works on it; there is never more than one. */
  readonly job: number | undefined
}

export interface Refused {
  /** Undefined for what belongs to no log. */
  readonly publisher: PublisherId | undefined
  readonly error: RegistryError
}

export interface Tally {
  /** Logs that grew to what the peer showed. */
  readonly logs: number
  readonly entries: number
  readonly blocks: number
  /** Blocks that the peer had not. */
  readonly lacking: number
  readonly roundTrips: number
  /** Publishers with two histories, as far as this session has learned. */
  readonly forks: readonly PublisherId[]
  readonly refused: readonly Refused[]
}

/** CIDs to ask for, from `at` on. */
export interface Chunk {
  readonly owner: Owner
  readonly cids: readonly Cid[]
  readonly at: number
}

export interface State {
  readonly phase: 'running' | 'ended'
  /** The id of the next request or job. */
  readonly next: number
  readonly requests: ReadonlyMap<number, Request>
  readonly jobs: ReadonlyMap<number, Job>
  readonly forks: readonly Subject[]
  /** Logs to look at: those that take something back first. */
  readonly urgent: readonly Subject[]
  readonly hints: readonly Subject[]
  readonly planned: readonly LogWant[]
  readonly logs: ReadonlyMap<PublisherId, Log>
  /** Looked at again after somebody else had brought them further: once. */
  readonly again: ReadonlySet<PublisherId>
  readonly wants: readonly Chunk[]
  readonly queued: number
  /** Bytes of a block, on average. */
  readonly usual: number
  /** Jobs that have ended since a batch that is not full waits for more. */
  readonly held: number
  /** Asked before anything else, in this order. */
  readonly front: readonly NewRequest[]
  /** The peer is busy: what it did not answer is asked again after a while. */
  readonly isPaused: boolean
  readonly strikes: number
  /** There was more than a session takes; the next one goes on. */
  readonly isCut: boolean
  /** The peer does not know these ops. */
  readonly unable: RegistryError | undefined
  readonly failure: RegistryError | undefined
  readonly tally: Tally
}

export interface Stepped {
  readonly state: State
  readonly send: readonly Request[]
  readonly want: readonly Job[]
}

/** Requests under way on one channel (docs/protocol.md). */
export const MOST_REQUESTS = 8
/** Blocks asked for, or here and not yet given. */
export const WINDOW = 512
/** Entries ahead of those that were taken. */
export const AHEAD = 512
/** Long logs at a time; each holds what was not committed yet. */
export const LONG_LOGS = 4
/** Logs of any length at a time. */
export const OPEN_LOGS = 64
/** Logs that one session looks at. */
export const MOST_HINTS = 65_536

export function initialState(): State {
  return {
    phase: 'running',
    next: 1,
    requests: new Map(),
    jobs: new Map(),
    forks: [],
    urgent: [],
    hints: [],
    planned: [],
    logs: new Map(),
    again: new Set(),
    wants: [],
    queued: 0,
    usual: 8 * 1024,
    held: 0,
    front: [],
    isPaused: false,
    strikes: 0,
    isCut: false,
    unable: undefined,
    failure: undefined,
    tally: { logs: 0, entries: 0, blocks: 0, lacking: 0, roundTrips: 0, forks: [], refused: [] },
  }
}
