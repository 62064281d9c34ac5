// How a node finds others, and what it lets strangers have. Everything here is off unless asked for, and what is off is never loaded.

import type { Cid } from '../../cid/index.ts'
import type { PublisherId } from '../../spec/index.ts'

export interface FindingOptions {
  /** Ask the local network by multicast. Whoever is on it learns this node’s addresses. */
  readonly mdns?: boolean | { readonly intervalMs?: number }
  /** The distributed table of who holds what: `client` asks, `server` answers others too. `lan` keeps private addresses in it. */
  readonly dht?: { readonly mode: 'client' | 'server'; readonly lan?: boolean }
  readonly relay?: {
    /** Carry connections for nodes that cannot be dialled, within small limits. */
    readonly serve?: boolean
    /** Be reachable through, and reach others through, relays; listen on `RELAY/p2p-circuit`. */
    readonly use?: boolean
    /** Try to turn a relayed connection into a direct one. */
    readonly holePunch?: boolean
  }
  /** Text of a pre-shared key (see `createNetworkKey`): who does not have it cannot say a word. */
  readonly networkKey?: Uint8Array
}

export interface PeerLimits {
  /** Connected at a time. */
  readonly peers?: number
  /** Of these, from one /16 of IPv4 or one /32 of IPv6. */
  readonly perSubnet?: number
  /** Peer ids that no limit keeps out; looked at whenever somebody connects. */
  readonly always?: { has(peerId: string): boolean }
}

export interface FoundPeer {
  readonly peerId: string
  /** Dialable, complete with the peer id. Hearsay: the handshake shows whether the peer is there. */
  readonly addresses: readonly string[]
  readonly how: 'mdns' | 'dht'
}

/** The distributed table: who says to hold a publisher’s log, or a block. A hint where to ask, never more. */
export interface Directory {
  /** Whether anybody took it: a node that has just been started knows nobody to tell. */
  provide(what: PublisherId | Cid, options?: { readonly signal?: AbortSignal }): Promise<boolean>
  find(
    what: PublisherId | Cid,
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<FoundPeer>
}
