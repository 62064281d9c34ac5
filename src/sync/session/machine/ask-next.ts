// The next question for the peer: what was put first, proofs of forks, what ends a step, blocks, further logs, and entries ahead.

import type { Cid } from '../../../cid/index.ts'
import { MAX_ENTRIES } from '../../wire/decoders.ts'
import { MAX_WANTS } from '../../wire/sync-ops.ts'
import { countOpen, isDue } from './due.ts'
import type { JobKind, Owner, SessionOp } from './events.ts'
import { AHEAD, type Chunk, type Log, MOST_REQUESTS, OPEN_LOGS, WINDOW } from './state.ts'
import { ask, change, type Turn } from './turn.ts'

/** An answer of blocks has 256 KiB at most: more are not asked for than will fit. */
const BATCH_BYTES = 192 * 1024
const MOST_BATCH = 64
const LEAST_BATCH = 32
/** A batch that is not full is sent at the latest when so many jobs have brought nothing to it. */
const PATIENCE = 8
/** Jobs that may want blocks when they end. */
const WANTING: readonly JobKind[] = ['plan', 'open', 'take', 'give', 'fill']
/** Bytes of blocks that nobody has looked at. */
const UNREAD_BYTES = 16 * 1024 * 1024
const LOGS_AT_ONCE = 2
const FIRST_WANTS = 8
/** Long logs that wait for others: no more are asked for then. Half a megabyte at most is held of each. */
const MOST_WAITING = 8

/** False when there is nothing to ask now. */
export function askNext(turn: Turn): boolean {
  return (
    askFront(turn) ||
    askForks(turn) ||
    askProof(turn) ||
    askLogs(turn) ||
    askBlocks(turn) ||
    askEntries(turn)
  )
}

function askFront(turn: Turn): boolean {
  const [first, ...rest] = turn.state.front
  if (first === undefined) return false
  turn.state.front = rest
  ask(turn, first)
  return true
}

function askForks(turn: Turn): boolean {
  const { state } = turn
  if (state.forks.length === 0 || count(turn, 'forks') > 0) return false
  ask(turn, { op: 'forks', ask: { wants: state.forks.slice(0, MAX_WANTS) } })
  state.forks = state.forks.slice(MAX_WANTS)
  return true
}

/** A step is committed with the proof that it leads to what the peer has shown. */
function askProof(turn: Turn): boolean {
  for (const log of turn.logs.values()) {
    const { publisher, stage, job, proof, staged, taken: from, to } = log
    const isReady = stage === 'open' && job === undefined && proof === undefined
    if (!isReady || from === to || staged.entries === 0 || !isDue(turn, log)) continue
    change(turn, publisher, { proof: 'asked' })
    ask(turn, { op: 'consistency', ask: { publisher, from, to } })
    return true
  }
  return false
}

function askBlocks(turn: Turn): boolean {
  const { state } = turn
  if (state.queued === 0) return false
  const most = Math.min(MOST_BATCH, Math.max(1, Math.floor(BATCH_BYTES / state.usual)))
  const room = WINDOW - countUnread(turn)
  if (room <= 0) return false
  const isFull = state.queued >= most
  const mayGrow = [...turn.jobs.values()].some(({ kind }) => WANTING.includes(kind))
  if (!isFull && mayGrow && state.held < PATIENCE) return false
  // Spread over the free places: few blocks come in one round, however large they are.
  const free = Math.max(1, MOST_REQUESTS - turn.requests.size)
  const share = Math.max(LEAST_BATCH, Math.ceil(state.queued / free))
  const batch = takeChunks(state.wants, Math.min(most, share, room))
  state.wants = batch.left
  state.queued -= batch.cids.length
  state.held = 0
  ask(turn, { op: 'blocks', ask: { cids: batch.cids }, owners: batch.owners })
  return true
}

/** Blocks that were asked for and not yet given. Without limit where there are too many bytes of them. */
function countUnread(turn: Turn): number {
  let blocks = 0
  let bytes = 0
  for (const request of turn.requests.values()) {
    if (request.op === 'blocks') blocks += request.ask.cids.length
  }
  for (const { given } of turn.logs.values()) {
    blocks += given.length
    for (const { length } of given) bytes += length
  }
  return bytes > UNREAD_BYTES ? Number.POSITIVE_INFINITY : blocks
}

interface Batch {
  readonly cids: readonly Cid[]
  readonly owners: readonly Owner[]
  readonly left: readonly Chunk[]
}

function takeChunks(chunks: readonly Chunk[], most: number): Batch {
  const cids: Cid[] = []
  const owners: Owner[] = []
  let i = 0
  for (; i < chunks.length && cids.length < most; i += 1) {
    const chunk = chunks[i] as Chunk
    const taken = chunk.cids.slice(chunk.at, chunk.at + most - cids.length)
    cids.push(...taken)
    owners.push(...taken.map(() => chunk.owner))
    const at = chunk.at + taken.length
    if (at < chunk.cids.length)
      return { cids, owners, left: [{ ...chunk, at }, ...chunks.slice(i + 1)] }
  }
  return { cids, owners, left: chunks.slice(i) }
}

function askLogs(turn: Turn): boolean {
  const { state, logs, requests } = turn
  if (state.planned.length === 0) return false
  const asked = [...requests.values()].flatMap((one) => (one.op === 'logs' ? [one.ask.wants] : []))
  const isMany = asked.flat().length + countOpen(turn) > OPEN_LOGS
  if (asked.length >= LOGS_AT_ONCE || isMany) return false
  let waiting = 0
  for (const { stage } of logs.values()) if (stage === 'waiting') waiting += 1
  if (waiting > MOST_WAITING) return false
  // A few first: there is something to do here while the peer looks for the others.
  const most = asked.length === 0 ? FIRST_WANTS : MAX_WANTS
  ask(turn, { op: 'logs', ask: { wants: state.planned.slice(0, most) } })
  state.planned = state.planned.slice(most)
  return true
}

/** Of the log that has the fewest ahead. */
function askEntries(turn: Turn): boolean {
  let log: Log | undefined
  for (const one of turn.logs.values()) {
    if (mayAsk(one) && (log === undefined || aheadOf(one) < aheadOf(log))) log = one
  }
  if (log === undefined) return false
  const { publisher, asked, to } = log
  const [gap, ...gaps] = log.gaps
  const start = gap?.[0] ?? asked
  const end = Math.min(gap?.[1] ?? to, start + MAX_ENTRIES)
  if (gap === undefined) change(turn, publisher, { asked: end })
  else change(turn, publisher, { gaps: end < gap[1] ? [[end, gap[1]], ...gaps] : gaps })
  ask(turn, { op: 'entries', ask: { publisher, start, end } })
  return true
}

function mayAsk(log: Log): boolean {
  const { stage, gaps, asked, to } = log
  return stage === 'open' && (gaps.length > 0 || (asked < to && aheadOf(log) < AHEAD))
}

function aheadOf({ asked, taken }: Log): number {
  return asked - taken
}

function count(turn: Turn, op: SessionOp): number {
  return [...turn.requests.values()].filter((request) => request.op === op).length
}
