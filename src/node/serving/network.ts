// The network of a node, as its configuration says.

import { type Network, openLibp2pNetwork } from '../../sync/index.ts'
import type { NodeConfig } from '../config/index.ts'
import type { Home } from '../home.ts'
import { readNetworkKey } from '../network-key.ts'
import { ensureNodeKey } from '../node-key.ts'

/** `always`: peer ids that no limit keeps out, looked at whenever somebody connects. */
export async function openNetwork(
  home: Home,
  config: NodeConfig,
  always: { has(peerId: string): boolean },
): Promise<Network> {
  const { listen, external, peers, discovery, announce } = config
  const { relay, dht: mode, mdns, holePunching: holePunch } = discovery
  const privateKey = await ensureNodeKey(home)
  const networkKey = await readNetworkKey(config)
  return await openLibp2pNetwork({
    ...{ listen, announce: external, privateKey, mdns, gossip: announce.enabled },
    // The table of a private network is nobody else's: addresses of its own machines are what it is for.
    ...(mode === 'off' ? {} : { dht: { mode, lan: networkKey !== undefined } }),
    relay: { serve: relay === 'server', use: relay === 'client', holePunch },
    limits: { peers: peers.maxConnections, always },
    ...(networkKey === undefined ? {} : { networkKey }),
  })
}
