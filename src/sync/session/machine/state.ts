// Where a session stands, in plain data, and the bounds of what it has under way.

import type { Cid } from '../../../cid/index.ts'
import type { RegistryError } from '../../../lib/index.ts'
import type { Hash } from '../../../log/index.ts'
import type { SignedStatement } from '../../../resolve/index.ts'
import type { PublisherId } from '../../../spec/index.ts'
import type { LogPiece, LogWant, Subject } from '../../wire/sync-ops.ts'
import type { Job, NewRequest, Owner, Request, Room, Staged } from './events.ts'

/** One log on its way. */
export interface Log {
  readonly publisher: PublisherId
  readonly piece: LogPiece
  /** `waiting`: other long logs come first. `ending`: all of it is here, and goes to the disk. */
  readonly stage: 'waiting' | 'opening' | 'open' | 'ending'
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
/** Long logs at a time, and as many that are ending; each holds what was not committed yet. */
export const LONG_LOGS = 8
/** Logs of any length at a time, and as many that are ending. */
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
