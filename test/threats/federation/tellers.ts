// Peers that tell of logs, over TCP: what they hold is genuine, and each may change some of its answers. They come to a node, and the node asks.

import { createFederation, type Federation } from '../../../src/node/federation/index.ts'
import { createLogger } from '../../../src/node/logger.ts'
import { follow } from '../../../src/registry/index.ts'
import { localSource, type Source } from '../../../src/resolve/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import {
  type Network,
  openHeadSet,
  openLibp2pNetwork,
  serveSource,
  shareLogs,
  systemTimers,
} from '../../../src/sync/index.ts'

export interface Teller extends AsyncDisposable {
  readonly network: Network
  /** Channels on which it was asked. */
  readonly asked: number
}

/** Serves the store with these answers changed, to the node at this address. */
export async function openTeller(
  address: string,
  store: Store,
  lie: (source: Source) => Partial<Source> = () => ({}),
): Promise<Teller> {
  const network = await openLibp2pNetwork({ listen: [], gossip: true })
  const honest = localSource(store)
  const source = { ...honest, ...lie(honest) }
  const sharing = shareLogs(store, await openHeadSet(store))
  let asked = 0
  network.handle(async (channel) => {
    asked += 1
    await serveSource(channel, source, { sharing })
  })
  // A handshake has three seconds, which a busy machine may take.
  await network.connect(address).catch(() => network.connect(address))
  return {
    network,
    get asked() {
      return asked
    },
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}

export interface Follower extends AsyncDisposable {
  readonly federation: Federation
  readonly network: Network
}

/** A whole node that follows these logs and has no other peers than those that come. Only gossip, or a new peer, makes it ask. */
export async function openFollower(...ids: readonly PublisherId[]): Promise<Follower> {
  const store = openMemoryStore()
  const now = (): Date => new Date()
  await follow({ store, keys: '', passphrase: async () => undefined, now }, ids)
  const network = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], gossip: true })
  const log = createLogger({ level: 'error', format: 'json', now, write: () => {} })
  const parts = { store, network, log, now, timers: systemTimers }
  const federation = await createFederation({ ...parts, period: 600_000 })
  return {
    federation,
    network,
    async [Symbol.asyncDispose]() {
      await federation[Symbol.asyncDispose]()
      await network[Symbol.asyncDispose]()
    },
  }
}
