// Who is connected to a libp2p node, and who comes and goes: one entry a peer, however many connections there are.

import type { Connection } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import { toFound } from './discovery/directory.ts'
import type { FoundPeer } from './discovery/options.ts'
import type { ConnectedPeer, PeerEvent } from './network.ts'

export class Libp2pPeers {
  readonly #connected = new Map<string, ConnectedPeer>()
  readonly #onPeer = new Set<(event: PeerEvent) => void>()
  readonly #onFound = new Set<(found: FoundPeer) => void>()

  constructor(node: Libp2p, how: FoundPeer['how']) {
    node.addEventListener('peer:connect', ({ detail }) => {
      const [connection] = node.getConnections(detail)
      if (connection === undefined) return
      const peer = toPeer(connection)
      this.#connected.set(peer.peerId, peer)
      tell(this.#onPeer, { kind: 'connected', peer })
    })
    node.addEventListener('peer:disconnect', ({ detail }) => {
      const peer = this.#connected.get(detail.toString())
      if (peer === undefined || node.getConnections(detail).length > 0) return
      this.#connected.delete(peer.peerId)
      tell(this.#onPeer, { kind: 'gone', peer })
    })
    node.addEventListener('peer:discovery', ({ detail: { id, multiaddrs } }) => {
      tell(this.#onFound, toFound(id.toString(), multiaddrs, how))
    })
  }

  list(): readonly ConnectedPeer[] {
    return [...this.#connected.values()]
  }

  onPeer(handler: (event: PeerEvent) => void): () => void {
    this.#onPeer.add(handler)
    return () => this.#onPeer.delete(handler)
  }

  onFound(handler: (found: FoundPeer) => void): () => void {
    this.#onFound.add(handler)
    return () => this.#onFound.delete(handler)
  }
}

export function toPeer({ remotePeer, remoteAddr, direction }: Connection): ConnectedPeer {
  return { peerId: remotePeer.toString(), address: remoteAddr.toString(), direction }
}

function tell<T>(handlers: ReadonlySet<(value: T) => void>, value: NoInfer<T>): void {
  for (const handler of [...handlers]) {
    try {
      handler(value)
    } catch {
      // The handler's own business: an exception in libp2p's event would end the process.
    }
  }
}
