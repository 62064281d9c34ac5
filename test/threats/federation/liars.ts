// Liars over bare libp2p, from addresses of their own: a node limits what one address may do, and the honest peer's is 127.0.0.1.

import { hash } from 'node:crypto'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { MessageStream, ServiceMap, Stream, StreamMuxer } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const PROTOCOL = '/toolmark/1'
export const TOPIC = '/toolmark/announce/1'

const connect = net.connect
let hosts = 0
/** Addresses of one /16, or of ever another. */
let spread = false
Object.assign(net, {
  connect: (options: object, ...rest: []) => {
    hosts = (hosts + 1) % 200
    const localAddress = spread ? `127.${2 + hosts}.0.1` : `127.1.0.${1 + hosts}`
    return connect({ ...options, localAddress } as never, ...rest)
  },
})

export function spreadOut(isWide: boolean): void {
  spread = isWide
}

export interface Liar {
  openStream(address: string): Promise<Stream>
  dial(address: string): Promise<unknown>
  /** Until there is somebody to tell. */
  meet(address: string): Promise<void>
  /** What is below the streams, of the connection made last. */
  readonly raw: MessageStream | undefined
  readonly muxer: StreamMuxer | undefined
  readonly gossip: undefined | { publish(topic: string, data: Uint8Array): Promise<unknown> }
  /** Answers whoever opens a stream here. */
  handle(onStream: (stream: Stream) => void): Promise<void>
  stop(): Promise<void>
}

function openGossip() {
  return gossipsub({
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: ({ data }) => hash('sha256', data, 'buffer').subarray(0, 16),
    allowPublishToZeroTopicPeers: true,
    maxOutboundBufferSize: 16 * 1024 * 1024,
    floodPublish: true,
    scoreThresholds: { gossipThreshold: -1e9, publishThreshold: -1e9, graylistThreshold: -1e9 },
  })
}

export async function openLiar({ gossips = true } = {}): Promise<Liar> {
  let raw: MessageStream | undefined
  let muxer: StreamMuxer | undefined
  const inner = yamux({ maxOutboundStreams: 100_000, maxInboundStreams: 100_000 })()
  const node = await createLibp2p<ServiceMap>({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      () => ({
        protocol: inner.protocol,
        createStreamMuxer(connection) {
          raw = connection
          muxer = inner.createStreamMuxer(connection)
          return muxer
        },
      }),
    ],
    services: gossips ? { identify: identify(), pubsub: openGossip() } : {},
  })
  const { pubsub } = node.services as { readonly pubsub?: GossipSub }
  pubsub?.subscribe(TOPIC)
  return {
    openStream: (address) =>
      node.dialProtocol(multiaddr(address), PROTOCOL, {
        maxOutboundStreams: 100_000,
        signal: AbortSignal.timeout(5_000),
      }),
    dial: (address) => node.dial(multiaddr(address), { signal: AbortSignal.timeout(5_000) }),
    async meet(address) {
      await node.dial(multiaddr(address), { signal: AbortSignal.timeout(5_000) })
      for (let i = 0; i < 100 && pubsub?.getSubscribers(TOPIC).length === 0; i++) await sleep(20)
    },
    get raw() {
      return raw
    },
    get muxer() {
      return muxer
    },
    gossip: pubsub,
    handle: (onStream) => node.handle(PROTOCOL, onStream, { maxInboundStreams: 100_000 }),
    stop: async () => {
      await node.stop()
    },
  }
}

export function framed(bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(bytes.length)
  return Buffer.concat([header, bytes])
}

export async function closed(stream: Stream, most = 2_000): Promise<void> {
  for (let i = 0; i < most / 5 && stream.status === 'open'; i++) await sleep(5)
}

/** As much as there is room for, until the stream ends. */
export async function pour(
  stream: Stream,
  next: () => Uint8Array,
  isOver: () => boolean,
): Promise<void> {
  while (stream.status === 'open' && !isOver()) {
    try {
      if (stream.send(next())) await sleep(0)
      else {
        const drained = new Promise((go) => stream.addEventListener('drain', go, { once: true }))
        await Promise.race([drained, sleep(50)])
      }
    } catch {
      return
    }
  }
}

export function untilOver(isOver: () => boolean): Promise<void> {
  return new Promise((go) => {
    const timer = setInterval(() => {
      if (!isOver()) return
      clearInterval(timer)
      go()
    }, 20)
  })
}
