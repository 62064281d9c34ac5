// The way to libp2p for everyone else. It is loaded on first use: its import takes most of the start-up of a command, and
// most commands never open a network.

import { randomBytes } from 'node:crypto'
import { RegistryError } from '../lib/index.ts'
import type { Libp2pNetworkOptions } from './libp2p-network.ts'
import type { Network } from './network.ts'

/** Listens on TCP (`/ip4/0.0.0.0/tcp/0`) and WebSocket (`…/tcp/0/ws`) addresses; an empty list only dials. */
export async function openLibp2pNetwork(options: Libp2pNetworkOptions): Promise<Network> {
  const { startLibp2pNetwork } = await import('./libp2p-network.ts')
  return await startLibp2pNetwork(options)
}

/** A new node identity: the 32-byte seed of an Ed25519 key. It names a peer and says nothing about what is trusted. */
export async function createNodeKey(): Promise<Uint8Array> {
  return new Uint8Array(randomBytes(32))
}

/** An address in its usual form, and the peer it names. Throws USAGE for one that names none: it could be anybody’s. */
export async function readPeerAddress(
  text: string,
): Promise<{ readonly address: string; readonly peerId: string }> {
  const { parseAddress, peerIdIn } = await import('./libp2p-address.ts')
  const address = parseAddress(text)
  const peerId = peerIdIn(address)
  if (peerId !== undefined) return { address: address.toString(), peerId }
  throw new RegistryError('USAGE', 'This address does not say which peer is there.', {
    expected: 'an address that ends in /p2p/ and the peer id',
    got: address.toString().slice(0, 200),
    next: 'Copy the whole address that `registry serve` prints.',
  })
}
