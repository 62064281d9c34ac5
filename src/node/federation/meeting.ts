// One session with one peer, as the node sees it: within the budgets, counted, written down; afterwards the disk is brought back within
// what was said.

import { createLocks, isRegistryError, RegistryError } from '../../lib/index.ts'
import { type Interest, type KeptInterest, makeRoom } from '../../registry/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Timers } from '../../sync/index.ts'
import type { Logger } from '../logger.ts'
import type { Ledger } from './ledger.ts'
import type { Meeting } from './scheduler.ts'
import { countRefusal, type Tally } from './tally.ts'

/** What a session came to. */
export interface Spoken {
  /** How many grew here. */
  readonly logs: number
  readonly entries: number
  readonly blocks: number
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly roundTrips: number
  /** Proofs that are new here. */
  readonly forks: readonly PublisherId[]
  readonly refused: readonly {
    readonly publisher: PublisherId | undefined
    readonly error: RegistryError
  }[]
  /** There is more than one session takes. */
  readonly isCut: boolean
  /** The peer does not synchronize. No fault of it. */
  readonly unable: RegistryError | undefined
  /** Why it ended before its time; the counts are of what was done before. */
  readonly failure: RegistryError | undefined
}

type Wanting = Interest & Pick<KeptInterest, 'roomFor'>

/** The session itself. Throws PEER_* for a peer that cannot be reached, and what goes wrong here. */
export type Speak = (meeting: Meeting, wanting: () => Wanting) => Promise<Spoken>

export interface MeetingParts {
  readonly store: Store
  readonly interest: KeptInterest
  readonly speak: Speak
  readonly timers: Timers
  readonly now: () => Date
  readonly log: Logger
  readonly tally: Tally
  /** By peer id, and by publisher. */
  readonly peers: Ledger
  readonly publishers: Ledger
  /** When each log was asked for by others. */
  readonly used: Map<PublisherId, number>
  /** Logs that have grown here since the last call. */
  readonly takeGrown: () => ReadonlySet<PublisherId>
}

/** Answers whether there is more to fetch from this peer. */
export function createMeet(parts: MeetingParts): (meeting: Meeting) => Promise<boolean> {
  const { store, interest, speak, tally, log, peers, timers, now, used } = parts
  const rooms = createLocks()
  return async (meeting) => {
    const { peerId, signal } = meeting
    await interest.settled()
    // Nothing is wanted: whoever only publishes asks nobody.
    if (interest.isEmpty) return false
    const began = timers.now()
    try {
      if (!peers.hasRoom(peerId)) throw overBudget(peerId, peers.limit)
      const spoken = await speak(meeting, () => withinBudget(parts))
      const milliseconds = Math.round(timers.now() - began)
      count(parts, peerId, { ...spoken, milliseconds })
      say(log, meeting, { ...spoken, milliseconds })
      if (spoken.logs > 0) {
        await using _turn = await rooms.lock('room', { signal })
        const changed = parts.takeGrown()
        const { evicted } = await makeRoom(store, interest, { now: now(), changed, used, signal })
        used.clear()
        for (const { publisher } of evicted) log.info('log-evicted', { publisher })
      }
      if (spoken.failure !== undefined) throw spoken.failure
      return spoken.isCut
    } catch (error) {
      // The node stops, which is nobody’s failure.
      if (signal.aborted && isRegistryError(signal.reason, 'CLOSED')) throw error
      tally.failures += 1
      if (isRegistryError(error)) countRefusal(tally, error.code)
      // Whoever only pulled here, and is no node itself, cannot be asked: nothing to wake anybody for.
      log[meeting.isKept ? 'warn' : 'debug']('session-failed', { peer: peerId, error })
      throw error
    }
  }
}

/** One publisher that grows without end must not take what the others need. */
function withinBudget({ interest, publishers }: MeetingParts): Wanting {
  return {
    wants: (publisher) => publishers.hasRoom(publisher) && interest.wants(publisher),
    scope: interest.scope,
    roomFor: (publisher) => interest.roomFor(publisher),
  }
}

type Timed = Spoken & { readonly milliseconds: number }

function count({ tally, peers }: MeetingParts, peerId: string, spoken: Timed): void {
  peers.spend(peerId, spoken.bytesReceived)
  for (const { error } of spoken.refused) countRefusal(tally, error.code)
  tally.sessions += 1
  tally.forks += spoken.forks.length
  for (const key of COUNTED) tally[key] += spoken[key]
}

const COUNTED = [
  'logs',
  'entries',
  'blocks',
  'bytesReceived',
  'bytesSent',
  'roundTrips',
  'milliseconds',
] as const

function say(log: Logger, { peerId, about }: Meeting, spoken: Timed): void {
  const { logs, entries, blocks, refused, forks, milliseconds } = spoken
  const isNews = logs > 0 || refused.length > 0 || forks.length > 0
  const bytes = spoken.bytesReceived + spoken.bytesSent
  const counts = { logs, entries, blocks, bytes, milliseconds }
  const fields = { peer: peerId, about: about?.length, ...counts }
  if (isNews) log.info('session-done', fields)
  else log.debug('session-done', fields)
  for (const { publisher, error } of refused) {
    log.warn('log-refused', { peer: peerId, publisher, error })
  }
  if (spoken.unable !== undefined) log.debug('cannot-sync', { peer: peerId, error: spoken.unable })
  for (const publisher of forks) log.warn('fork-found', { peer: peerId, publisher })
}

function overBudget(peerId: string, limit: number): RegistryError {
  return new RegistryError('PEER_LIMIT', `Enough was taken from ${peerId} for now.`, {
    expected: `at most ${limit} bytes in an hour`,
    got: 'all of them',
    next: 'Wait, or raise `fetch_peer` under [budgets] in the configuration.',
  })
}
