// How a node is doing, in plain data with stable fields: what `registry status` shows and the metrics are made of. Peers’ addresses and ids
// are strangers’ words; whoever prints them escapes them.

import type { Store, Table } from '../../store/index.ts'

export interface PeerStatus {
  readonly peerId: string
  readonly address: string
  /** Configured, or remembered. */
  readonly isKept: boolean
  readonly isConnected: boolean
  readonly state: 'idle' | 'syncing' | 'paused'
  /** Seconds since a whole session last succeeded; null if none has. */
  readonly agreed: number | null
  /** Seconds until the next session; 0 for one that is due. */
  readonly next: number
  readonly failures: number
  /** A code. */
  readonly lastError: string | null
}

export interface BudgetStatus {
  /** Bytes in an hour. */
  readonly limit: number
  readonly used: readonly { readonly name: string; readonly used: number }[]
}

export interface StoredStatus {
  /** Logs that are held. */
  readonly heads: number
  /** Publishers that have shown two histories. */
  readonly forks: readonly string[]
  readonly lag: {
    /** Blocks of logs held here that no peer had yet. */
    readonly lacking: number
    /** Logs that are being fetched. */
    readonly partial: number
  }
}

export interface RunningStatus {
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly started: string
  readonly lag: {
    /** Seconds since the peer that was agreed with longest ago; null where there is none. */
    readonly oldest: number | null
    /** Logs that were announced and are not here yet. */
    readonly announced: number
  }
  readonly peers: readonly PeerStatus[]
  readonly sessions: {
    readonly running: number
    readonly done: number
    readonly failed: number
    readonly logs: number
    readonly entries: number
    readonly blocks: number
    readonly bytesReceived: number
    readonly bytesSent: number
    readonly roundTrips: number
    readonly milliseconds: number
    readonly refusals: Readonly<Record<string, number>>
  }
  readonly announcements: {
    readonly sent: number
    readonly heard: number
    readonly overflows: number
  }
  readonly budgets: {
    readonly peers: BudgetStatus
    readonly publishers: BudgetStatus
    readonly mirror: { readonly quota: number; readonly used: number } | null
  }
  readonly witness: { readonly vkey: string; readonly cosigned: number } | null
}

export interface NodeStatus extends StoredStatus {
  /** Null where no node is running. */
  readonly node: RunningStatus | null
}

const MAX_FORKS = 1_000

/** What the store says; `heads` are counted unless it is known how many there are. */
export async function readStoredStatus(store: Store, heads?: number): Promise<StoredStatus> {
  const forks: string[] = []
  for await (const { key } of store.listRecords('fork', { limit: MAX_FORKS })) forks.push(key)
  return {
    heads: heads ?? (await countRecords(store, 'head')),
    forks,
    lag: {
      lacking: await countRecords(store, 'lack'),
      partial: await countRecords(store, 'partial'),
    },
  }
}

async function countRecords(store: Store, table: Table): Promise<number> {
  let count = 0
  for await (const _record of store.listRecords(table)) count += 1
  return count
}
