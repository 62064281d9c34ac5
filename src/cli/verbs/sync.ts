// registry sync: once, or until it is told to stop.

import { RegistryError } from '../../lib/index.ts'
import { openDialer } from '../../node/index.ts'
import { openSyncing, type PeerSynced, peersToSync, type SyncRound } from '../../node/sync-peers.ts'
import { listFollowed } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { dialerPlace } from '../dialer.ts'
import { EXIT } from '../exit.ts'
import { countOf, formatSize } from '../size.ts'
import { safe, type Terminal } from '../terminal.ts'
import { describeRoom } from './room-text.ts'

const PERIOD_MS = 60_000

export async function run(invocation: Invocation): Promise<number> {
  const { terminal, args, options, signal } = invocation
  const workspace = await invocation.workspace()
  await assertFollowing(workspace.store)
  const addresses = args.length > 0 ? args : await peersToSync(workspace.store)
  if (addresses.length === 0) throw nobody()
  await using network = await openDialer(dialerPlace(invocation))
  await using syncing = await openSyncing(workspace, network)
  const onProgress = ({
    peers,
    of,
    logs,
    entries,
  }: {
    peers: number
    of: number
    logs: number
    entries: number
  }) =>
    terminal.progress({ what: `${logs} logs, ${entries} entries; peers`, done: peers, total: of })
  let status = 0
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    try {
      const round = await syncing.round(addresses, { signal, onProgress })
      report(terminal, round, isFirst)
      status = statusOf(round, status)
    } catch (error) {
      if (!signal.aborted) throw error
    }
    if (options.once === true) break
    if (isFirst) terminal.remark('Goes on until Ctrl-C; `--once` asks everybody once.')
    await pause(PERIOD_MS, signal)
  }
  return status
}

/** A fork that was found once is what it ends with; else the newest round decides. */
function statusOf({ forks, peers }: SyncRound, before: number): number {
  if (forks.length > 0 || before === EXIT.FORKED) return EXIT.FORKED
  return peers.every(({ error }) => error !== undefined) ? EXIT.UNAVAILABLE : 0
}

function report(terminal: Terminal, round: SyncRound, isFirst: boolean): void {
  const { peers, room, forks } = round
  if (terminal.isJson) {
    terminal.json({ peers: peers.map(toJson), dropped: room.evicted, forks })
    return
  }
  for (const peer of peers) {
    const lines = describe(peer)
    if (isFirst || lines.length > 1 || (peer.result?.logs ?? 0) > 0) {
      for (const line of lines) terminal.line(line)
    }
  }
  for (const line of describeRoom({ ...room, held: [] })) terminal.line(line)
  for (const publisher of forks) {
    terminal.line(
      `FORKED ${publisher}: it has signed two histories of its log. See \`registry fork list\`.`,
    )
  }
}

function describe({ peer, result, error }: PeerSynced): readonly string[] {
  const failed = error === undefined ? [] : [`  ${safe(error.message)} (${error.code})`]
  if (result === undefined)
    return [`${safe(peer)}: ${error === undefined ? 'nothing to ask' : 'no answer'}`, ...failed]
  const { logs, entries, blocks, bytes, roundTrips, refused, lacking } = result
  const counts = [countOf(logs, 'log'), countOf(entries, 'entry'), countOf(blocks, 'block')]
  const what = logs + entries + blocks === 0 ? 'nothing new' : counts.join(', ')
  return [
    `${safe(peer)}: ${what} (${formatSize(bytes)}, ${countOf(roundTrips, 'round trip')})`,
    ...(lacking === 0 ? [] : [`  ${lacking} blocks it does not have are asked of others`]),
    ...refused.map(
      ({ publisher, error: { message, code } }) =>
        `  refused ${publisher ?? 'an answer'}: ${safe(message)} (${code})`,
    ),
    ...failed,
  ]
}

function toJson({ peer, result, error }: PeerSynced) {
  const { logs = 0, entries = 0, blocks = 0, lacking = 0, bytes = 0, roundTrips = 0 } = result ?? {}
  return {
    peer,
    ...{ logs, entries, blocks, lacking, bytes, roundTrips },
    refused: (result?.refused ?? []).map(({ publisher, error: { code, message } }) => ({
      ...(publisher === undefined ? {} : { publisher }),
      code,
      message,
    })),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
  }
}

async function assertFollowing(store: Parameters<typeof listFollowed>[0]): Promise<void> {
  const { rules, mirror } = await listFollowed(store)
  if (mirror !== undefined || rules.some(({ how }) => how === 'follow')) return
  throw new RegistryError('USAGE', 'Nobody is followed here: there is nothing to fetch.', {
    expected: 'a publisher, a namespace, a peer’s list, or a mirror',
    got: 'none',
    next: 'Say whom first: `registry follow PUBLISHER`.',
  })
}

function nobody(): RegistryError {
  return new RegistryError('PEER_UNAVAILABLE', 'There is no peer to ask.', {
    expected: 'at least one peer',
    got: 'none',
    next: 'Name one: `registry sync MULTIADDR` (a node prints its address when it serves).',
  })
}

/** Resolves also when it is told to stop. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
