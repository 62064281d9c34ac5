// The Network port: framed, bounded, ordered channels between nodes. libp2p and an in-process network implement it;
// what is said over a channel (messages.ts, client.ts, server.ts) does not know which.

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

export interface Network extends AsyncDisposable {
  /** Addresses others can dial, complete with the peer id. */
  readonly addresses: readonly string[]
  readonly peerId: string
  dial(address: string, options?: { readonly signal?: AbortSignal }): Promise<Channel>
  /** Each incoming channel is handed over once; an error thrown by the handler aborts that channel only. */
  handle(onChannel: (channel: Channel) => Promise<void>): void
}
