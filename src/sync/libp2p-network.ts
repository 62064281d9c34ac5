// The Network over libp2p: TCP and WebSocket, Noise, yamux, identify, ping; protocol /toolmark/1; Ed25519 peers only. No
// DHT, gossip, relay or discovery. Limits are set so that one address cannot take all slots, nor one peer all memory.

import { generateKeyPairFromSeed, privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { MultiaddrConnection, PeerId, PrivateKey, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { RegistryError } from '../lib/index.ts'
import { Libp2pChannel } from './libp2p-channel.ts'
import type { Channel, Network } from './network.ts'
import { gone, unreachable } from './peer-errors.ts'
import { guardMuxer } from './yamux-guard.ts'

const PROTOCOL = '/toolmark/1'
/** Below the 4 MiB read buffer of libp2p: a larger window lets an honest fast sender kill a paused stream. */
const WINDOW = 1024 * 1024
/** A peer needs one channel; some are left for reconnecting. */
const CHANNELS_PER_PEER = 16
const DIAL_MS = 5_000
const UPGRADE_MS = 3_000
/** Pending slots are shared by all: with these two, one silent address holds an eighth of them at most. */
const PENDING = 64
const PENDING_PER_ADDRESS = 8

export interface Libp2pNetworkOptions {
  readonly listen: readonly string[]
  /** 32 bytes (see `createNodeKey`) or libp2p's protobuf form of an Ed25519 private key. Without it, a new identity. */
  readonly privateKey?: Uint8Array
  readonly signal?: AbortSignal
}

export async function startLibp2pNetwork(options: Libp2pNetworkOptions): Promise<Network> {
  options.signal?.throwIfAborted()
  const privateKey = await readKey(options.privateKey)
  const muxer = yamux({
    maxInboundStreams: 64,
    maxOutboundStreams: 64,
    streamOptions: { maxStreamWindowSize: WINDOW },
  })
  const node = await createLibp2p({
    ...(privateKey === undefined ? {} : { privateKey }),
    addresses: { listen: options.listen.map((address) => parseAddress(address).toString()) },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [() => guardMuxer(muxer(), WINDOW)],
    services: { identify: identify(), ping: ping() },
    connectionGater: createGater(),
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
  const network = new Libp2pNetwork(node)
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

class Libp2pNetwork implements Network {
  readonly #node: Libp2p
  readonly #channels = new Set<Libp2pChannel>()
  #handler: ((channel: Channel) => Promise<void>) | undefined
  #stopped = false

  constructor(node: Libp2p) {
    this.#node = node
  }

  async start(): Promise<void> {
    await this.#node.handle(
      PROTOCOL,
      (stream, connection) => this.#accept(stream, connection.remotePeer.toString()),
      { maxInboundStreams: CHANNELS_PER_PEER, maxOutboundStreams: CHANNELS_PER_PEER },
    )
    await this.#node.start()
  }

  get addresses(): readonly string[] {
    return this.#node.getMultiaddrs().map((address) => address.toString())
  }

  get peerId(): string {
    return this.#node.peerId.toString()
  }

  async dial(address: string, options: { readonly signal?: AbortSignal } = {}): Promise<Channel> {
    const target = parseAddress(address)
    options.signal?.throwIfAborted()
    if (this.#stopped) throw unreachable(address, 'this node has stopped')
    const deadline = AbortSignal.timeout(DIAL_MS)
    const signal =
      options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline])
    try {
      const stream = await this.#node.dialProtocol(target, PROTOCOL, { signal })
      return this.#keep(new Libp2pChannel(stream, address))
    } catch (cause) {
      options.signal?.throwIfAborted()
      throw unreachable(address, explain(cause, deadline.aborted), cause)
    }
  }

  handle(onChannel: (channel: Channel) => Promise<void>): void {
    this.#handler = onChannel
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    for (const channel of this.#channels) channel.abort(gone(channel.remote, 'this node stops'))
    await this.#node.stop()
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

interface Gater {
  denyInboundConnection(connection: MultiaddrConnection): boolean
  denyInboundEncryptedConnection(peer: PeerId): boolean
  denyOutboundEncryptedConnection(peer: PeerId): boolean
}

/** Large RSA keys cost a verifier seconds (CVE-2023-39533), so only Ed25519 identities may speak. */
function createGater(): Gater {
  const pending = new Map<string, number>()
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
    denyInboundEncryptedConnection: (peer) => peer.type !== 'Ed25519',
    denyOutboundEncryptedConnection: (peer) => peer.type !== 'Ed25519',
  }
}

async function readKey(bytes: Uint8Array | undefined): Promise<PrivateKey | undefined> {
  if (bytes === undefined) return undefined
  try {
    const key =
      bytes.length === 32
        ? await generateKeyPairFromSeed('Ed25519', bytes)
        : privateKeyFromProtobuf(bytes)
    if (key.type === 'Ed25519') return key
    throw new Error(`it is ${key.type}`)
  } catch (cause) {
    throw new RegistryError('KEY_INVALID', 'This is not the key of a node.', {
      expected: '32 bytes, or libp2p’s protobuf form of an Ed25519 private key',
      got: `${bytes.length} bytes`,
      next: 'Remove the node’s key file to make a new identity; peers must then be told the new address.',
      cause,
    })
  }
}

function parseAddress(text: string): Multiaddr {
  try {
    return multiaddr(text)
  } catch (cause) {
    throw new RegistryError('USAGE', 'This is not the address of a node.', {
      expected: 'a multiaddr such as /ip4/192.0.2.1/tcp/4001/p2p/12D3KooW…',
      got: JSON.stringify(text.slice(0, 120)),
      next: 'Copy the address that `registry serve` prints.',
      cause,
    })
  }
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
