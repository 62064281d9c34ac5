// One round of synchronization by command: every peer is asked once, a few at a time, and what nobody follows any more goes afterwards. The
// node that runs beside it, if there is one, has the same store.

import { isRegistryError, RegistryError } from '../lib/index.ts'
import {
  type KeptInterest,
  listFollowed,
  makeRoom,
  openInterest,
  type RoomMade,
  type Workspace,
} from '../registry/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import {
  connectSource,
  type HeadSet,
  listPeers,
  type Network,
  openHeadSet,
  runSession,
  type SyncResult,
  watchHeads,
} from '../sync/index.ts'
import { findPeerId } from './peer-id.ts'
import { rememberedPeers } from './peers.ts'
import { readList } from './read-list.ts'

/** What came of one peer. */
export interface PeerSynced {
  readonly peer: string
  readonly result?: SyncResult
  /** Why it did not answer, or why its answers ended before their time. */
  readonly error?: RegistryError
}

export interface SyncRound {
  readonly peers: readonly PeerSynced[]
  readonly room: RoomMade
  /** Publishers that are known to have forked since this round. */
  readonly forks: readonly PublisherId[]
}

export interface Syncing extends AsyncDisposable {
  round(addresses: readonly string[], options: RoundOptions): Promise<SyncRound>
}

export interface RoundOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (progress: SyncProgress) => void
}

export interface SyncProgress {
  /** Peers that are done, of all. */
  readonly peers: number
  readonly of: number
  readonly logs: number
  readonly entries: number
}

interface Parts {
  readonly network: Network
  readonly store: Store
  readonly heads: HeadSet
  readonly interest: KeptInterest
}

const AT_A_TIME = 4
const DIAL_MS = 15_000

/** Disposing it leaves the network and the store open. */
export async function openSyncing(workspace: Workspace, network: Network): Promise<Syncing> {
  const plain = await openInterest(workspace.store, workspace)
  const heads = await openHeadSet(workspace.store, { hidden: plain.unserved })
  const store = watchHeads(workspace.store, {
    note: async (change) => {
      await heads.note(change)
      plain.note(change)
    },
  })
  const parts = { network, store, heads, interest: plain }
  return {
    round: (addresses, options) => runRound(workspace, parts, addresses, options),
    [Symbol.asyncDispose]: () => plain.settled(),
  }
}

/** Where a command asks that was told no address: peers that were added or met, and whose lists are followed. Static logs are none. */
export async function peersToSync(store: Store): Promise<readonly string[]> {
  const { rules } = await listFollowed(store)
  const lists = rules.filter(({ kind }) => kind === 'list').map(({ name }) => name)
  const known = await listPeers(store)
  const added = known.flatMap(({ addresses }) => addresses.slice(0, 1))
  const pulled = (await rememberedPeers(store)).filter((address) => !address.includes('://'))
  const byId = new Map([...pulled, ...added, ...lists].map((one) => [findPeerId(one) ?? one, one]))
  return [...byId.values()]
}

async function runRound(
  { now }: Workspace,
  parts: Parts,
  addresses: readonly string[],
  { signal, onProgress }: RoundOptions,
): Promise<SyncRound> {
  const { store, interest } = parts
  await interest.refresh()
  const left = [...addresses]
  const peers: PeerSynced[] = []
  const running = new Map<string, Pick<SyncResult, 'logs' | 'entries'>>()
  const tell = (): void => {
    const all = [...running.values()]
    const sum = (key: 'logs' | 'entries'): number => all.reduce((n, one) => n + one[key], 0)
    const counts = { logs: sum('logs'), entries: sum('entries') }
    onProgress?.({ peers: peers.length, of: addresses.length, ...counts })
  }
  const work = async (): Promise<void> => {
    for (let peer = left.shift(); peer !== undefined; peer = left.shift()) {
      const address = peer
      const onTally = (tally: SyncResult | Pick<SyncResult, 'logs' | 'entries'>): void => {
        running.set(address, tally)
        tell()
      }
      peers.push(await syncWith(parts, address, { signal, onTally }))
      tell()
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  const room = await makeRoom(store, interest, { now: now(), signal })
  const forks = new Set(peers.flatMap(({ result }) => result?.forks ?? []))
  return { peers, room, forks: [...forks] }
}

/** A peer that fails is told of; what goes wrong here is thrown. */
async function syncWith(
  parts: Parts,
  address: string,
  options: {
    readonly signal: AbortSignal
    readonly onTally: (tally: Pick<SyncResult, 'logs' | 'entries'>) => void
  },
): Promise<PeerSynced> {
  const { network, store, heads, interest } = parts
  const { signal, onTally } = options
  try {
    const dialling = AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)])
    await using source = connectSource(await network.dial(address, { signal: dialling }))
    const { link } = source
    await readList(store, findPeerId(address), () => link.ask('follows', {}, { signal }))
    await interest.settled()
    if (interest.isEmpty) return { peer: address }
    const session = { store, heads, interest, signal, onProgress: onTally }
    const result = await runSession(link, session)
    const error = result.failure ?? result.unable
    return { peer: address, result, ...(error === undefined ? {} : { error }) }
  } catch (error) {
    signal.throwIfAborted()
    const isSlow = error instanceof DOMException && error.name === 'TimeoutError'
    if (isSlow) return { peer: address, error: tooSlow(address) }
    if (isRegistryError(error) && error.code.startsWith('PEER_')) return { peer: address, error }
    throw error
  }
}

function tooSlow(address: string): RegistryError {
  return new RegistryError('PEER_UNAVAILABLE', `${address} did not answer.`, {
    expected: `a connection within ${DIAL_MS / 1000} seconds`,
    got: 'none',
    next: 'Check the address, and that the node runs.',
  })
}
