// The Network port: framed, bounded, ordered channels between nodes. libp2p and an in-process network implement it;
// what is said over a channel (messages.ts, client.ts, server.ts) does not know which.

import type { Announcer } from './announce/announcer.ts'
import type { Directory, FoundPeer } from './discovery/options.ts'

/**
 * One ordered two-way stream of frames. A frame is at most FRAME_LIMIT bytes; a longer one is refused before it is
 * buffered (PEER_LIMIT) and the channel is aborted.
 * The side that dialled speaks first: libp2p can lose what the other side sends and closes during the negotiation.
 * `send` resolves when the other side has room for more (back-pressure); it rejects with PEER_UNAVAILABLE once the
 * channel is gone. `receive` resolves to undefined when the other side has closed, and is called by one reader at a time.
 * An aborted signal ends the waiting, not the sending: that frame may still arrive. `close` lets what was sent arrive and
 * drops what was not read; `abort` drops both, and the other side fails with PEER_UNAVAILABLE.
 */
export interface Channel {
  readonly remote: string
  send(frame: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<void>
  receive(options?: { readonly signal?: AbortSignal }): Promise<Uint8Array | undefined>
  close(): Promise<void>
  abort(reason: Error): void
}

/** Another node there is a connection to, whoever dialled. Peers behind several connections are listed once. */
export interface ConnectedPeer {
  readonly peerId: string
  /** Where it was dialled, or came from; that need not be where it can be dialled. */
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
}

export interface PeerEvent {
  readonly kind: 'connected' | 'gone'
  readonly peer: ConnectedPeer
}

export interface Network extends AsyncDisposable {
  /** Addresses others can dial, complete with the peer id. */
  readonly addresses: readonly string[]
  readonly peerId: string
  dial(address: string, options?: { readonly signal?: AbortSignal }): Promise<Channel>
  /** Each incoming channel is handed over once; an error thrown by the handler aborts that channel only. */
  handle(onChannel: (channel: Channel) => Promise<void>): void
  /** A connection without a channel, for gossip; PEER_UNAVAILABLE. An address of a connected peer opens no second one. */
  connect(address: string, options?: { readonly signal?: AbortSignal }): Promise<ConnectedPeer>
  /** Ends all connections to a peer, its channels with them. One that is not connected is none. */
  disconnect(peerId: string): Promise<void>
  peers(): readonly ConnectedPeer[]
  /** Called with each peer that comes or goes from now on; what the handler throws is dropped. Answers how to stop it. */
  onPeer(handler: (event: PeerEvent) => void): () => void
  /** Only where announcements were asked for. */
  readonly announcer?: Announcer
  /** Peers that the local network or the table shows, again and again; only where finding was asked for. */
  onFound?(handler: (found: FoundPeer) => void): () => void
  /** Only where the distributed table was asked for. */
  readonly directory?: Directory
}
