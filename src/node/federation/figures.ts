// The status of a node as figures for Prometheus. No label is a stranger’s choice: codes and states are closed sets.

import type { Figure } from '../../http/index.ts'
import type { BudgetStatus, NodeStatus, PeerStatus } from './status.ts'

type Values = Figure['values']
const one = (value: number): Values => [{ value }]
const STATES = ['idle', 'syncing', 'paused'] as const

export function figuresOf({ heads, forks, lag, node }: NodeStatus): readonly Figure[] {
  const stored: readonly Figure[] = [
    gauge('heads', 'Logs held.', one(heads)),
    gauge('forks', 'Publishers that have shown two histories.', one(forks.length)),
    gauge('lacking_blocks', 'Blocks of held logs that no peer had yet.', one(lag.lacking)),
    gauge('partial_logs', 'Logs that are being fetched.', one(lag.partial)),
  ]
  if (node === null) return stored
  const { peers, sessions, announcements, budgets, witness } = node
  return [
    ...stored,
    gauge('peers', 'Peers known, by what becomes of them.', statesOf(peers)),
    gauge('connected_peers', 'Peers connected.', one(countIf(peers, (it) => it.isConnected))),
    ...(node.lag.oldest === null
      ? []
      : [gauge('lag_seconds', 'Since the peer agreed with longest ago.', one(node.lag.oldest))]),
    gauge('announced_logs', 'Announced, and not here yet.', one(node.lag.announced)),
    gauge('sessions_running', 'Sessions under way.', one(sessions.running)),
    counter('sessions_total', 'Sessions, by how they ended.', [
      { labels: { outcome: 'done' }, value: sessions.done },
      { labels: { outcome: 'failed' }, value: sessions.failed },
    ]),
    counter('session_seconds_total', 'Time spent in sessions.', one(sessions.milliseconds / 1000)),
    counter('sync_bytes_total', 'Bytes of sessions.', [
      { labels: { direction: 'received' }, value: sessions.bytesReceived },
      { labels: { direction: 'sent' }, value: sessions.bytesSent },
    ]),
    counter('sync_round_trips_total', 'Round trips of sessions.', one(sessions.roundTrips)),
    counter('sync_logs_total', 'Logs that grew by sessions.', one(sessions.logs)),
    counter('sync_entries_total', 'Entries taken.', one(sessions.entries)),
    counter('sync_blocks_total', 'Blocks taken.', one(sessions.blocks)),
    counter('refusals_total', 'Logs and sessions refused, by code.', refusalsOf(sessions.refusals)),
    counter('announcements_total', 'Announcements.', [
      { labels: { direction: 'sent' }, value: announcements.sent },
      { labels: { direction: 'heard' }, value: announcements.heard },
      { labels: { direction: 'overflowed' }, value: announcements.overflows },
    ]),
    gauge('budget_bytes', 'What one peer or publisher may cost in an hour.', [
      { labels: { of: 'peer' }, value: budgets.peers.limit },
      { labels: { of: 'publisher' }, value: budgets.publishers.limit },
    ]),
    gauge('budget_used_ratio', 'Of the one that has used most of its budget.', [
      { labels: { of: 'peer' }, value: mostOf(budgets.peers) },
      { labels: { of: 'publisher' }, value: mostOf(budgets.publishers) },
    ]),
    ...(budgets.mirror === null
      ? []
      : [
          gauge('mirror_quota_bytes', 'Room for what is mirrored.', one(budgets.mirror.quota)),
          gauge('mirror_used_bytes', 'Taken by what is mirrored.', one(budgets.mirror.used)),
        ]),
    ...(witness === null
      ? []
      : [counter('cosignatures_total', 'Heads cosigned.', one(witness.cosigned))]),
  ]
}

function gauge(name: string, help: string, values: Values): Figure {
  return { name, help, kind: 'gauge', values }
}

function counter(name: string, help: string, values: Values): Figure {
  return { name, help, kind: 'counter', values }
}

function statesOf(peers: readonly PeerStatus[]): Values {
  return STATES.map((state) => ({
    labels: { state },
    value: countIf(peers, (peer) => peer.state === state),
  }))
}

function countIf(peers: readonly PeerStatus[], is: (peer: PeerStatus) => boolean): number {
  return peers.filter(is).length
}

function refusalsOf(refusals: Readonly<Record<string, number>>): Values {
  return Object.entries(refusals).map(([code, value]) => ({ labels: { code }, value }))
}

function mostOf({ limit, used }: BudgetStatus): number {
  return Math.max(0, ...used.map((it) => it.used)) / limit
}
