// Bytes that a Channel would never send, from a bare libp2p node and a bare socket against openLibp2pNetwork.

import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import { type Channel, type Network, openLibp2pNetwork } from '../../src/sync/index.ts'
import { until } from '../support/until.ts'

let server: Network
let evil: Libp2p
let ends: Promise<unknown>[]

beforeEach(async () => {
  server = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  evil = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ maxOutboundStreams: 100_000 })],
  })
  ends = []
  server.handle(async (channel: Channel) => {
    const end = (async () => {
      while ((await channel.receive()) !== undefined);
      await channel.close()
    })()
    ends.push(end.catch((error: unknown) => error))
    await end
  })
})
afterEach(async () => {
  await evil.stop()
  await server[Symbol.asyncDispose]()
})

async function openStream(): Promise<Stream> {
  const stream = await evil.dialProtocol(multiaddr(server.addresses[0]), '/toolmark/1')
  while (ends.length === 0) await sleep(5)
  return stream
}

it.each([2 ** 31, 2 ** 32 - 1, 1024 * 1024 + 64 * 1024 + 1])(
  'refuses a frame that claims %i bytes, without room for it',
  async (claim) => {
    const before = process.memoryUsage().arrayBuffers
    const stream = await openStream()
    const header = new Uint8Array(4)
    new DataView(header.buffer).setUint32(0, claim)
    stream.send(header)
    const error = await ends[0]
    expect(isRegistryError(error, 'PEER_LIMIT')).toBe(true)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
    await until(() => stream.status === 'reset')
  },
)

it('tells half a frame from an end', async () => {
  const stream = await openStream()
  stream.send(Uint8Array.of(0, 0, 0, 9, 1, 2))
  await stream.close()
  expect(await ends[0]).toMatchObject({ code: 'PEER_MISBEHAVED' })
})

it('reads frames whose header comes a byte at a time', async () => {
  const got: Uint8Array[] = []
  server.handle(async (channel) => {
    ends.push(Promise.resolve())
    for (let f = await channel.receive(); f !== undefined; f = await channel.receive()) got.push(f)
    await channel.close()
  })
  const stream = await openStream()
  for (const byte of [0, 0, 0, 2, 7, 8, 0, 0, 0, 0]) {
    stream.send(Uint8Array.of(byte))
    await sleep(2)
  }
  await stream.close()
  await until(() => got.length > 1)
  expect(got.map((f) => [...f])).toEqual([[7, 8], []])
})

it('lets silent sockets go after the upgrade deadline and serves others meanwhile', async () => {
  const port = Number(/tcp\/(\d+)/.exec(server.addresses[0]!)![1])
  let closed = 0
  const sockets = Array.from({ length: 30 }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('close', () => {
      closed += 1
    })
    socket.on('error', () => undefined)
    socket.resume()
    return socket
  })
  await until(() => closed === 30, 'the end of all silent sockets')
  await openStream()
  for (const socket of sockets) socket.destroy()
})

it('ends a connection whose muxer frame claims 4 GiB', async () => {
  const inner = yamux()()
  let strike = (): unknown => undefined
  const liar = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      () => ({
        protocol: inner.protocol,
        createStreamMuxer(connection) {
          const muxer = inner.createStreamMuxer(connection)
          strike = () => connection.send(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255))
          return muxer
        },
      }),
    ],
  })
  const connection = await liar.dial(multiaddr(server.addresses[0]))
  expect(connection.status).toBe('open')
  strike()
  await until(() => connection.status !== 'open')
  await liar.stop()
})
