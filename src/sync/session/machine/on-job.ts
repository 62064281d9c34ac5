// What the end of a job changes: a log that was opened, entries that verified, blocks that came to their place, a commit.

import type { RegistryError } from '../../../lib/index.ts'
import type { Subject } from '../../wire/sync-ops.ts'
import type { Job, Results } from './events.ts'
import { type Log, MOST_HINTS } from './state.ts'
import { change, closeLog, endSession, refuseLog, type Turn, tally, wantBlocks } from './turn.ts'

export function onDone(turn: Turn, job: Job, result: unknown): void {
  const { state } = turn
  switch (job.kind) {
    case 'reconcile': {
      const { message, need } = result as Results['reconcile']
      takeHints(turn, need)
      if (message !== undefined)
        state.front = [...state.front, { op: 'reconcile', ask: { message } }]
      return
    }
    case 'lacking':
      wantBlocks(turn, undefined, (result as Results['lacking']).cids)
      return
    case 'plan':
      state.planned = [...state.planned, ...(result as Results['plan']).wants]
      return
    case 'fill': {
      const { wanted, blocks } = result as Results['fill']
      tally(turn, { blocks: state.tally.blocks + blocks })
      wantBlocks(turn, undefined, wanted)
      return
    }
    case 'fork': {
      const { publisher } = result as Results['fork']
      if (publisher !== undefined) tally(turn, { forks: [...state.tally.forks, publisher] })
      return
    }
    case 'wait':
      state.isPaused = false
      return
    case 'close':
      return
    default: {
      const log = logOf(turn, job)
      if (log === undefined) return
      change(turn, log.publisher, { job: undefined })
      onLog(turn, log, job, result)
    }
  }
}

type LogJob = Extract<Job, { readonly kind: 'open' | 'take' | 'give' | 'commit' }>

export function onFailed(turn: Turn, job: Job, error: RegistryError): void {
  switch (job.kind) {
    case 'fill':
    case 'fork':
      refuseLog(turn, undefined, error)
      return
    case 'open':
    case 'take':
    case 'give':
    case 'commit':
      if (logOf(turn, job) !== undefined) refuseLog(turn, publisherOf(job), error)
      return
    default:
      if (error.code === 'MESSAGE_INVALID') turn.state.unable = error
      endSession(turn, error.code === 'MESSAGE_INVALID' ? undefined : error)
  }
}

/** Undefined for one that was given up while the job ran. */
function logOf(turn: Turn, job: LogJob): Log | undefined {
  const log = turn.logs.get(publisherOf(job))
  return log?.job === job.id ? log : undefined
}

function publisherOf(job: LogJob): Log['publisher'] {
  return job.kind === 'open' ? job.piece.publisher : job.publisher
}

function onLog(turn: Turn, log: Log, job: LogJob, result: unknown): void {
  switch (job.kind) {
    case 'open':
      onOpened(turn, log, result as Results['open'])
      return
    case 'take': {
      const grown = result as Results['take']
      onGrown(turn, log, grown, {
        taken: log.taken + job.entries.length,
        owed: log.owed + grown.wanted.length,
      })
      return
    }
    case 'give': {
      const grown = result as Results['give']
      const lacking = turn.state.tally.lacking + job.lacking.length
      tally(turn, { lacking })
      const settled = job.blocks.length + job.lacking.length
      onGrown(turn, log, grown, { owed: log.owed + grown.wanted.length - settled })
      return
    }
    default:
      onCommitted(turn, log, result as Results['commit'])
  }
}

function onOpened(turn: Turn, { publisher }: Log, result: Results['open']): void {
  const { state } = turn
  switch (result.kind) {
    case 'open':
      change(turn, publisher, { stage: 'open', to: result.to, room: result.room })
      return
    case 'fork':
      tally(turn, { forks: [...state.tally.forks, publisher] })
      break
    case 'moved':
      if (!state.again.has(publisher)) state.urgent = [...state.urgent, { publisher }]
      state.again = new Set([...state.again, publisher])
      break
    default:
  }
  closeLog(turn, publisher)
}

function onGrown(
  turn: Turn,
  { publisher }: Log,
  { wanted, blocks, staged }: Results['take'],
  fields: Partial<Log>,
): void {
  change(turn, publisher, { ...fields, staged })
  tally(turn, { blocks: turn.state.tally.blocks + blocks })
  wantBlocks(turn, publisher, wanted)
}

function onCommitted(turn: Turn, log: Log, result: Results['commit']): void {
  const { publisher, staged, used } = log
  const { entries, logs } = turn.state.tally
  tally(turn, { entries: entries + staged.entries, logs: logs + (result === 'done' ? 1 : 0) })
  if (result === 'done') closeLog(turn, publisher)
  else {
    const none = { bytes: 0, entries: 0 }
    change(turn, publisher, { proof: undefined, staged: none, used: used + staged.bytes })
  }
}

/** The first byte of an item says how urgent it is; what a later version may call urgent is not known here. */
function takeHints(turn: Turn, items: readonly Uint8Array[]): void {
  const { state } = turn
  for (const [order, queue] of (['forks', 'urgent', 'hints'] as const).entries()) {
    const fresh = items.filter(([first]) => first === order).map((item): Subject => ({ item }))
    const room = MOST_HINTS - state[queue].length
    if (fresh.length > room) state.isCut = true
    if (fresh.length > 0) state[queue] = [...state[queue], ...fresh.slice(0, Math.max(0, room))]
  }
}
