// A session as a state machine without I/O: one event in, the next state out, with what to ask the peer and what to do here. It knows no
// clock, no store and no channel, and trusts nobody: what an answer means for a log is for the job that takes it.

import type { RegistryError } from '../../../lib/index.ts'
import type { Event, NewRequest, Request } from './events.ts'
import { fill } from './next.ts'
import { onAnswer } from './on-answer.ts'
import { onDone, onFailed } from './on-job.ts'
import type { State, Stepped } from './state.ts'
import { endSession, endTurn, refuseLog, startTurn, type Turn, work } from './turn.ts'

/** A peer that is too busy for longer than this is left alone. */
const MOST_STRIKES = 30
const WAIT_MS = 1_000
const SCOPE_STEP = 1_024

/** Events about requests and jobs that a refused log has left behind change nothing. */
export function step(state: State, event: Event): Stepped {
  if (state.phase === 'ended') return { state, send: [], want: [] }
  const turn = startTurn(state, roundOf(state, event))
  apply(turn, event)
  if (turn.state.phase === 'running') fill(turn)
  return endTurn(turn)
}

function roundOf({ requests, jobs }: State, event: Event): number {
  if (!('id' in event)) return 0
  return (requests.get(event.id) ?? jobs.get(event.id))?.round ?? 0
}

function apply(turn: Turn, event: Event): void {
  const { state } = turn
  switch (event.kind) {
    case 'started':
      start(turn, event)
      return
    case 'announced':
      state.urgent = [...state.urgent, { publisher: event.publisher }]
      return
    case 'stopped':
      endSession(turn, event.error)
      return
    case 'done': {
      const job = turn.jobs.get(event.id)
      turn.jobs.delete(event.id)
      state.held += 1
      if (job !== undefined) onDone(turn, job, event.result)
      return
    }
    case 'failed': {
      const job = turn.jobs.get(event.id)
      turn.jobs.delete(event.id)
      if (job !== undefined) onFailed(turn, job, event.error)
      return
    }
    default: {
      const request = turn.requests.get(event.id)
      turn.requests.delete(event.id)
      if (request === undefined) return
      if (event.kind === 'refused') onRefused(turn, request, event.error)
      else {
        state.strikes = 0
        onAnswer(turn, request, event.ok)
      }
    }
  }
}

function start(turn: Turn, { scope, publishers: logs }: Extract<Event, { kind: 'started' }>): void {
  if (scope !== undefined) {
    const { publishers, namespaces } = scope
    const first = { publishers: publishers.slice(0, SCOPE_STEP), namespaces }
    const front: NewRequest[] = [{ op: 'scope', ask: first }]
    for (let at = SCOPE_STEP; at < publishers.length; at += SCOPE_STEP) {
      const more = publishers.slice(at, at + SCOPE_STEP)
      front.push({ op: 'scope', ask: { publishers: more, namespaces: [], more: true } })
    }
    turn.state.front = front
  }
  if (logs !== undefined) turn.state.urgent = logs.map((publisher) => ({ publisher }))
  else {
    work(turn, { kind: 'reconcile', answer: undefined })
    work(turn, { kind: 'lacking' })
  }
}

function onRefused(turn: Turn, request: Request, error: RegistryError): void {
  const { state } = turn
  switch (error.code) {
    case 'PEER_LIMIT':
      pause(turn, request, error)
      return
    case 'MESSAGE_INVALID':
    case 'NOT_FOUND':
    case 'SERVER_FAILED':
      break
    default:
      endSession(turn, error)
      return
  }
  switch (request.op) {
    case 'entries':
    case 'consistency':
      refuseLog(turn, request.ask.publisher, error)
      return
    case 'blocks':
      for (const owner of new Set(request.owners)) refuseLog(turn, owner, error)
      return
    default:
      if (error.code === 'SERVER_FAILED') endSession(turn, error)
      else {
        state.unable = error
        endSession(turn)
      }
  }
}

/** The peer asks for patience: the same question again, a little later. */
function pause(turn: Turn, request: Request, error: RegistryError): void {
  const { state } = turn
  state.strikes += 1
  if (state.strikes > MOST_STRIKES || request.op === 'scope') {
    endSession(turn, error)
    return
  }
  if (!state.isPaused) work(turn, { kind: 'wait', milliseconds: WAIT_MS })
  state.isPaused = true
  const { id: _id, round: _round, ...again } = request
  state.front = [...state.front, again as NewRequest]
}
