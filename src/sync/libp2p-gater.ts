// Who may connect: Ed25519 peers only, a few handshakes at a time from one address, so many peers from one network. Limits
// of libp2p are over all peers together, so one that is slow or many could take every place.

import type { MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { PeerLimits } from './discovery/options.ts'
import { subnetOf } from './discovery/subnet.ts'

export const UPGRADE_MS = 3_000
/** Pending slots are shared by all: with these two, one silent address holds an eighth of them at most. */
export const PENDING = 64
const PENDING_PER_ADDRESS = 8
const PEERS = 256
const PER_SUBNET = 64

export interface Gater {
  denyInboundConnection(connection: MultiaddrConnection): boolean
  denyInboundEncryptedConnection(peer: PeerId): boolean
  denyOutboundEncryptedConnection(peer: PeerId): boolean
  denyInboundUpgradedConnection(peer: PeerId, connection: MultiaddrConnection): boolean
}

/** `open` answers the remote addresses of the connections there are. */
export function createGater(limits: PeerLimits, open: () => readonly string[]): Gater {
  const pending = new Map<string, number>()
  const { peers = PEERS, perSubnet = PER_SUBNET } = limits
  const change = (host: string, by: number): void => {
    const count = (pending.get(host) ?? 0) + by
    if (count > 0) pending.set(host, count)
    else pending.delete(host)
  }
  return {
    denyInboundConnection(connection) {
      const host = connection.remoteAddr.getComponents()[0]?.value ?? ''
      if ((pending.get(host) ?? 0) >= PENDING_PER_ADDRESS) return true
      change(host, 1)
      // Upgraded or not, it is no longer pending after the upgrade's deadline.
      let held = true
      const release = (): void => {
        if (held) change(host, -1)
        held = false
        clearTimeout(timer)
      }
      const timer = setTimeout(release, UPGRADE_MS)
      timer.unref()
      connection.addEventListener('close', release, { once: true })
      return false
    },
    // Large RSA keys cost a verifier seconds (CVE-2023-39533).
    denyInboundEncryptedConnection: (peer) => peer.type !== 'Ed25519',
    denyOutboundEncryptedConnection: (peer) => peer.type !== 'Ed25519',
    // Only now is it known who it is: whom this node was told to keep must get in however crowded it is (T37).
    denyInboundUpgradedConnection(peer, connection) {
      if (limits.always?.has(peer.toString()) === true) return false
      const addresses = open()
      if (addresses.length >= peers) return true
      const subnet = subnetOf(connection.remoteAddr.toString())
      if (subnet === undefined) return false
      return addresses.filter((address) => subnetOf(address) === subnet).length >= perSubnet
    },
  }
}
