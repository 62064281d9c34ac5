// What a session does next: a job for every log that has something to do, then questions for every free place on the wire, the most
// urgent first. When nothing is left, the session has ended.

import { RegistryError } from '../../../lib/index.ts'
import { askNext } from './ask-next.ts'
import { countLong, countOpen, isDue, noRoom } from './due.ts'
import { LONG_LOGS, type Log, MOST_REQUESTS, OPEN_LOGS, WINDOW } from './state.ts'
import { change, endSession, refuseLog, type Turn, work } from './turn.ts'

export function fill(turn: Turn): void {
  openWaiting(turn)
  for (const log of turn.logs.values()) advance(turn, log)
  plan(turn)
  if (!turn.state.isPaused) {
    while (turn.requests.size < MOST_REQUESTS && askNext(turn)) {
      // One question after another.
    }
  }
  if (turn.requests.size + turn.jobs.size === 0) {
    endSession(turn, turn.logs.size === 0 ? undefined : halted(turn.logs.size))
  }
}

function halted(logs: number): RegistryError {
  return new RegistryError('UNEXPECTED', 'A session stands still.', {
    expected: 'something to wait for',
    got: `${logs} logs that wait for nothing`,
    next: 'This is a fault of the program; report it. What was committed is kept.',
  })
}

function openWaiting(turn: Turn): void {
  let long = countLong(turn)
  for (const { publisher, stage, isLong, piece, from } of turn.logs.values()) {
    if (stage !== 'waiting' || (isLong && long >= LONG_LOGS)) continue
    if (isLong) long += 1
    const job = work(turn, { kind: 'open', piece, from })
    change(turn, publisher, { stage: 'opening', job })
  }
}

/** One thing at a time: blocks that came, a step that is due, the next entries. */
function advance(turn: Turn, log: Log): void {
  if (log.stage !== 'open' || log.job !== undefined) return
  const { publisher, given, lacking, proof, taken, to } = log
  if (given.length + lacking.length > 0) {
    const job = work(turn, { kind: 'give', publisher, blocks: given, lacking })
    change(turn, publisher, { given: [], lacking: [], job })
  } else if (taken === to) {
    if (log.owed === 0) commit(turn, log)
  } else if (isDue(turn, log)) {
    if (Array.isArray(proof)) commit(turn, log, proof)
    else if (log.staged.entries === 0) refuseLog(turn, publisher, noRoom(log))
  } else takeEntries(turn, log)
}

/** With all of its entries a log needs no proof, and ends. */
function commit(turn: Turn, { publisher, stage }: Log, proof?: readonly Uint8Array[]): void {
  const job = work(turn, { kind: 'commit', publisher, proof })
  change(turn, publisher, { job, stage: proof === undefined ? 'ending' : stage })
}

function takeEntries(turn: Turn, log: Log): void {
  const { publisher, piece, taken } = log
  const entries = log.arrived.get(taken)
  if (entries === undefined || log.owed >= WINDOW) return
  const arrived = new Map(log.arrived)
  arrived.delete(taken)
  const job = work(turn, { kind: 'take', publisher, entries, blocks: piece.blocks })
  // What came with the first entries is given with them, and need not be kept.
  change(turn, publisher, { arrived, job, piece: { ...piece, entries: [], blocks: [] } })
}

/** Which logs to ask for next. Not too many ahead: what is held here is looked up only now. */
function plan(turn: Turn): void {
  const { state, jobs } = turn
  const isNothingLeft = state.urgent.length + state.hints.length === 0
  if (isNothingLeft || state.planned.length > 0 || countOpen(turn) >= OPEN_LOGS) return
  for (const { kind } of jobs.values()) if (kind === 'plan') return
  const all = [...state.urgent.slice(0, OPEN_LOGS), ...state.hints.slice(0, OPEN_LOGS)]
  const hints = all.slice(0, OPEN_LOGS)
  const urgent = Math.min(state.urgent.length, hints.length)
  state.urgent = state.urgent.slice(urgent)
  state.hints = state.hints.slice(hints.length - urgent)
  work(turn, { kind: 'plan', hints })
}
