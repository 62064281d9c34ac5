// The status of a running node, put together from its parts.

import type { KeptInterest, Witness } from '../../registry/index.ts'
import type { Network, Timers } from '../../sync/index.ts'
import type { Ledger } from './ledger.ts'
import type { PeerState } from './peer-state.ts'
import type { Scheduler } from './scheduler.ts'
import type { BudgetStatus, PeerStatus, RunningStatus } from './status.ts'
import type { Tally } from './tally.ts'
import type { Wanted } from './wanted.ts'

export interface RunningParts {
  readonly network: Pick<Network, 'peerId' | 'addresses'>
  readonly scheduler: Scheduler
  readonly interest: KeptInterest
  readonly wanted: Wanted
  readonly tally: Tally
  readonly peers: Ledger
  readonly publishers: Ledger
  readonly witness: Witness | undefined
  readonly started: Date
  readonly timers: Timers
}

const MAX_USED = 100

export function runningStatus(parts: RunningParts): RunningStatus {
  const { network, scheduler, interest, wanted, tally, witness, started, timers } = parts
  const { sessions: done, failures: failed, logs, entries, blocks } = tally
  const { bytesReceived, bytesSent, roundTrips, milliseconds } = tally
  const peers = [...scheduler.peers].map(([id, state]) => peerStatus(id, state, timers.now()))
  const ages = peers.filter(({ isKept }) => isKept).map(({ agreed }) => agreed ?? Infinity)
  const oldest = Math.max(-1, ...ages)
  const { mirror, mirrored } = interest
  return {
    peerId: network.peerId,
    addresses: network.addresses,
    started: started.toISOString(),
    lag: {
      oldest: Number.isFinite(oldest) && oldest >= 0 ? oldest : null,
      announced: wanted.size,
    },
    peers,
    sessions: {
      ...{ running: scheduler.runningCount, done, failed, logs, entries, blocks },
      ...{ bytesReceived, bytesSent, roundTrips, milliseconds },
      refusals: Object.fromEntries(tally.refusals),
    },
    announcements: { sent: tally.announced, heard: tally.heard, overflows: tally.overflows },
    budgets: {
      peers: budgetStatus(parts.peers),
      publishers: budgetStatus(parts.publishers),
      mirror: mirror === undefined ? null : { quota: mirror.quota, used: mirrored },
    },
    witness: witness === undefined ? null : { vkey: witness.vkey, cosigned: tally.cosigned },
  }
}

function peerStatus(peerId: string, state: PeerState, now: number): PeerStatus {
  const { address, isKept, isConnected, isRunning, agreedAt, failures, lastError } = state
  const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000)
  return {
    peerId,
    address,
    isKept,
    isConnected,
    state: isRunning ? 'syncing' : failures > 0 ? 'paused' : 'idle',
    agreed: agreedAt === undefined ? null : seconds(now - agreedAt),
    next: isRunning ? 0 : Math.max(0, seconds(state.dueAt - now)),
    failures,
    lastError: lastError ?? null,
  }
}

/** Those that have used most. */
function budgetStatus(ledger: Ledger): BudgetStatus {
  const used = [...ledger.used()].sort((a, b) => b.used - a.used).slice(0, MAX_USED)
  return { limit: ledger.limit, used }
}
