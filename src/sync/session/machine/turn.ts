// One step under way: a state that may still be changed, and what the step asks for.

import type { Cid } from '../../../cid/index.ts'
import type { RegistryError } from '../../../lib/index.ts'
import type { PublisherId } from '../../../spec/index.ts'
import type { Job, NewJob, NewRequest, Owner, Request } from './events.ts'
import type { Log, State, Stepped, Tally } from './state.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
const MOST_REFUSED = 1_000

export interface Turn {
  /** Its own copy: whatever is set here leaves the state before as it was. */
  readonly state: Mutable<State>
  /** Of the answer that this step follows from. */
  readonly round: number
  readonly logs: Map<PublisherId, Log>
  readonly requests: Map<number, Request>
  readonly jobs: Map<number, Job>
  readonly send: Request[]
  readonly want: Job[]
}

export function startTurn(state: State, round: number): Turn {
  const logs = new Map(state.logs)
  const requests = new Map(state.requests)
  const jobs = new Map(state.jobs)
  return {
    state: { ...state, logs, requests, jobs },
    round,
    logs,
    requests,
    jobs,
    send: [],
    want: [],
  }
}

export function endTurn({ state, send, want }: Turn): Stepped {
  return { state, send, want }
}

export function ask(turn: Turn, request: NewRequest): void {
  const { state } = turn
  const id = state.next++
  const sent = { ...request, id, round: turn.round + 1 } as Request
  turn.requests.set(id, sent)
  turn.send.push(sent)
  tally(turn, { roundTrips: Math.max(state.tally.roundTrips, sent.round) })
}

export function work(turn: Turn, job: NewJob): number {
  const wanted = { ...job, id: turn.state.next++, round: turn.round } as Job
  turn.jobs.set(wanted.id, wanted)
  turn.want.push(wanted)
  return wanted.id
}

export function change(turn: Turn, publisher: PublisherId, fields: Partial<Log>): void {
  const log = turn.logs.get(publisher)
  if (log !== undefined) turn.logs.set(publisher, { ...log, ...fields })
}

export function tally(turn: Turn, fields: Partial<Tally>): void {
  turn.state.tally = { ...turn.state.tally, ...fields }
}

export function wantBlocks(turn: Turn, owner: Owner, cids: readonly Cid[]): void {
  if (cids.length === 0) return
  turn.state.wants = [...turn.state.wants, { owner, cids, at: 0 }]
  turn.state.queued += cids.length
}

/** This log is not fetched any further from this peer; the others are. */
export function refuseLog(
  turn: Turn,
  publisher: PublisherId | undefined,
  error: RegistryError,
): void {
  const { refused } = turn.state.tally
  // A peer that offers a million bad logs must not fill the memory with refusals.
  if (refused.length < MOST_REFUSED) tally(turn, { refused: [...refused, { publisher, error }] })
  if (publisher !== undefined) closeLog(turn, publisher)
}

export function closeLog(turn: Turn, publisher: PublisherId): void {
  const log = turn.logs.get(publisher)
  if (log === undefined) return
  turn.logs.delete(publisher)
  const { state } = turn
  state.wants = state.wants.filter(({ owner }) => owner !== publisher)
  state.queued = state.wants.reduce((sum, { cids, at }) => sum + cids.length - at, 0)
  if (log.stage !== 'waiting') work(turn, { kind: 'close', publisher })
}

/** Nothing more is asked or done. What was committed stays. */
export function endSession(turn: Turn, failure?: RegistryError): void {
  turn.state.phase = 'ended'
  turn.state.failure ??= failure
  turn.logs.clear()
  turn.requests.clear()
  turn.jobs.clear()
  turn.send.length = 0
  turn.want.length = 0
}
