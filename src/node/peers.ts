// Peers by address: a URL is a static log, anything else a node; one network for all nodes, opened at the first that is needed.

import type { Peer } from '../registry/index.ts'
import type { Store } from '../store/index.ts'
import type { Network } from '../sync/index.ts'
import type { ConfigPlace } from './config/index.ts'
import { readNetworkKey } from './network-key.ts'

export interface PeerBook extends AsyncDisposable {
  peersAt(addresses: readonly string[]): readonly Peer[]
}

/** `open` is what makes the network, so that commands which never dial never load it. */
export function createPeerBook(open: () => Promise<Network>): PeerBook {
  let network: Promise<Network> | undefined
  const peerAt = (address: string): Peer => ({
    label: address,
    open: async (options) => {
      if (address.includes('://')) {
        const { parseStaticAddress, staticSource } = await import('../resolve/static/index.ts')
        return staticSource(parseStaticAddress(address))
      }
      const { connectSource } = await import('../sync/index.ts')
      network ??= open()
      const channel = await (await network).dial(address, options)
      return connectSource(channel)
    },
  })
  return {
    peersAt: (addresses) => addresses.map(peerAt),
    [Symbol.asyncDispose]: async () => {
      await (await network?.catch(() => undefined))?.[Symbol.asyncDispose]()
    },
  }
}

/**
 * The network a command dials from: a passing peer id, nothing listening. In a private network where the configuration of the node names one:
 * a configuration that cannot be read is an error, for without its key the command would speak outside of it.
 */
export async function openDialer(place: ConfigPlace): Promise<Network> {
  const { openConfig } = await import('./config/index.ts')
  const networkKey = await readNetworkKey((await openConfig(place)).config)
  const { openLibp2pNetwork } = await import('../sync/index.ts')
  return await openLibp2pNetwork({
    listen: [],
    ...(networkKey === undefined ? {} : { networkKey }),
  })
}

/** Addresses that earlier pulls succeeded from, without repetition. */
export async function rememberedPeers(store: Store): Promise<readonly string[]> {
  const found = new Set<string>()
  for await (const { value } of store.listRecords('self', { prefix: 'peer/', limit: 1_000 })) {
    found.add(Buffer.from(value).toString('utf8'))
  }
  return [...found]
}
