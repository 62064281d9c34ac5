// The Network over libp2p: TCP and WebSocket, Noise, yamux, identify, ping; protocol /toolmark/1; Ed25519 peers only. DHT,
// gossip, relay and discovery only where asked for. Limits are set so that one address cannot take all slots, nor one peer all memory.

import { identify } from '@libp2p/identify'
import type { Stream } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { RegistryError } from '../lib/index.ts'
import type { Announcer } from './announce/announcer.ts'
import { type Gossip, GossipAnnouncer } from './announce/gossip.ts'
import { BoundedMemory } from './discovery/bounded-memory.ts'
import { createDirectory } from './discovery/directory.ts'
import type { Directory, FindingOptions, FoundPeer, PeerLimits } from './discovery/options.ts'
import { loadParts } from './discovery/services.ts'
import { parseAddress, readNodeKey } from './libp2p-address.ts'
import { Libp2pChannel } from './libp2p-channel.ts'
import { createGater, PENDING, UPGRADE_MS } from './libp2p-gater.ts'
import { Libp2pPeers, toPeer } from './libp2p-peers.ts'
import type { Channel, ConnectedPeer, Network, PeerEvent } from './network.ts'
import { gone, unreachable } from './peer-errors.ts'
import { guardMuxer } from './yamux-guard.ts'

const PROTOCOL = '/toolmark/1'
/** Below the 4 MiB read buffer of libp2p: a larger window lets an honest fast sender kill a paused stream. */
const WINDOW = 1024 * 1024
/** A peer needs one channel; some are left for reconnecting. */
const CHANNELS_PER_PEER = 16
const DIAL_MS = 5_000

export interface Libp2pNetworkOptions extends FindingOptions {
  readonly listen: readonly string[]
  /** Addresses to tell others instead, where this node cannot know its own (behind a NAT, in a container). */
  readonly announce?: readonly string[]
  /** 32 bytes (see `createNodeKey`) or libp2p's protobuf form of an Ed25519 private key. Without it, a new identity. */
  readonly privateKey?: Uint8Array
  /** Take part in announcements. */
  readonly gossip?: boolean
  readonly limits?: PeerLimits
  readonly signal?: AbortSignal
}

export async function startLibp2pNetwork(options: Libp2pNetworkOptions): Promise<Network> {
  options.signal?.throwIfAborted()
  const node = await createNode(options)
  const network = new Libp2pNetwork(node, options)
  try {
    await network.start()
    options.signal?.throwIfAborted()
    return network
  } catch (cause) {
    await network[Symbol.asyncDispose]()
    options.signal?.throwIfAborted()
    throw new RegistryError('PEER_UNAVAILABLE', 'This node cannot listen.', {
      got: options.listen.join(', '),
      next: 'Is the port taken by another node? Choose another one, or 0 for any.',
      cause,
    })
  }
}

async function createNode(options: Libp2pNetworkOptions): Promise<Libp2p> {
  const { announce = [], limits = {} } = options
  const privateKey = await readNodeKey(options.privateKey)
  const { transports, services, ...parts } = await loadParts(options)
  const muxer = yamux({
    maxInboundStreams: 64,
    maxOutboundStreams: 64,
    streamOptions: { maxStreamWindowSize: WINDOW },
  })
  const open = (): readonly string[] =>
    node.getConnections().map(({ remoteAddr }) => remoteAddr.toString())
  const node: Libp2p = await createLibp2p({
    ...(privateKey === undefined ? {} : { privateKey }),
    ...parts,
    datastore: new BoundedMemory(),
    addresses: { listen: options.listen.map(toAddress), announce: announce.map(toAddress) },
    transports: [tcp(), webSockets(), ...transports],
    connectionEncrypters: [noise()],
    streamMuxers: [() => guardMuxer(muxer(), WINDOW)],
    services: { identify: identify(), ping: ping(), ...services },
    connectionGater: createGater(limits, open),
    connectionManager: {
      dialTimeout: DIAL_MS,
      addressDialTimeout: DIAL_MS,
      inboundUpgradeTimeout: UPGRADE_MS,
      inboundStreamProtocolNegotiationTimeout: UPGRADE_MS,
      outboundStreamProtocolNegotiationTimeout: DIAL_MS,
      maxIncomingPendingConnections: PENDING,
      inboundConnectionThreshold: 20,
      connectionCloseTimeout: 500,
    },
    start: false,
  })
  return node
}

class Libp2pNetwork implements Network {
  readonly #node: Libp2p
  readonly #peers: Libp2pPeers
  readonly #channels = new Set<Libp2pChannel>()
  readonly announcer?: Announcer
  readonly directory?: Directory
  readonly #gossip: GossipAnnouncer | undefined
  #handler: ((channel: Channel) => Promise<void>) | undefined
  #stopped = false

  constructor(node: Libp2p, options: Libp2pNetworkOptions) {
    this.#node = node
    this.#peers = new Libp2pPeers(node, options.dht === undefined ? 'mdns' : 'dht')
    const { gossip, dht } = node.services as { readonly gossip?: Gossip; readonly dht?: KadDHT }
    this.#gossip = gossip === undefined ? undefined : new GossipAnnouncer(gossip)
    if (this.#gossip !== undefined) this.announcer = this.#gossip
    if (dht !== undefined) this.directory = createDirectory(dht)
  }

  async start(): Promise<void> {
    await this.#node.handle(
      PROTOCOL,
      (stream, connection) => this.#accept(stream, connection.remotePeer.toString()),
      // A relayed connection is short and small; a pull may still be.
      {
        maxInboundStreams: CHANNELS_PER_PEER,
        maxOutboundStreams: CHANNELS_PER_PEER,
        runOnLimitedConnection: true,
      },
    )
    await this.#node.start()
    this.#gossip?.start()
  }

  get addresses(): readonly string[] {
    return this.#node.getMultiaddrs().map((address) => address.toString())
  }

  get peerId(): string {
    return this.#node.peerId.toString()
  }

  async dial(address: string, options: { readonly signal?: AbortSignal } = {}): Promise<Channel> {
    return await this.#reach(address, options.signal, async (target, signal) => {
      const how = { signal, runOnLimitedConnection: true }
      const stream = await this.#node.dialProtocol(target, PROTOCOL, how)
      return this.#keep(new Libp2pChannel(stream, address))
    })
  }

  async connect(
    address: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ConnectedPeer> {
    return await this.#reach(address, options.signal, async (target, signal) =>
      toPeer(await this.#node.dial(target, { signal })),
    )
  }

  async disconnect(peerId: string): Promise<void> {
    const open = this.#node.getConnections()
    const ending = open.filter(({ remotePeer }) => remotePeer.toString() === peerId)
    await Promise.all(ending.map((connection) => connection.close().catch(() => undefined)))
  }

  peers(): readonly ConnectedPeer[] {
    return this.#peers.list()
  }

  onPeer(handler: (event: PeerEvent) => void): () => void {
    return this.#peers.onPeer(handler)
  }

  onFound(handler: (found: FoundPeer) => void): () => void {
    return this.#peers.onFound(handler)
  }

  handle(onChannel: (channel: Channel) => Promise<void>): void {
    this.#handler = onChannel
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    for (const channel of this.#channels) channel.abort(gone(channel.remote, 'this node stops'))
    await this.#node.stop()
  }

  async #reach<T>(
    address: string,
    given: AbortSignal | undefined,
    go: (target: Multiaddr, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const target = parseAddress(address)
    given?.throwIfAborted()
    if (this.#stopped) throw unreachable(address, 'this node has stopped')
    const deadline = AbortSignal.timeout(DIAL_MS)
    const signal = given === undefined ? deadline : AbortSignal.any([given, deadline])
    try {
      return await go(target, signal)
    } catch (cause) {
      given?.throwIfAborted()
      throw unreachable(address, explain(cause, deadline.aborted), cause)
    }
  }

  #accept(stream: Stream, remote: string): void {
    const channel = this.#keep(new Libp2pChannel(stream, remote))
    const handler = this.#handler
    if (handler === undefined || this.#stopped) {
      channel.abort(gone(remote, 'this node takes no channels'))
      return
    }
    // In a turn of its own: libp2p counts this stream as being negotiated until its handler returns.
    setImmediate(() => {
      Promise.resolve(channel)
        .then(handler)
        .catch((error: unknown) => channel.abort(error as Error))
    })
  }

  #keep(channel: Libp2pChannel): Libp2pChannel {
    this.#channels.add(channel)
    void channel.finished.then(() => this.#channels.delete(channel))
    return channel
  }
}

function toAddress(text: string): string {
  return parseAddress(text).toString()
}

function explain(cause: unknown, late: boolean): string {
  if (late) return `it did not answer within ${DIAL_MS / 1000} seconds`
  const { name, message } = cause instanceof Error ? cause : { name: '', message: String(cause) }
  if (name === 'UnsupportedProtocolError') return `it does not speak ${PROTOCOL}`
  if (name === 'UnexpectedPeerError') return 'another peer answered there'
  return message
    .replaceAll(/[^\x20-\x7e]/g, ' ')
    .slice(0, 200)
    .replace(/\.$/, '')
}
