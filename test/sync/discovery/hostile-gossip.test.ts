// A liar with a libp2p node of its own, and a plain node that must not load what it does not use.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { expect, test } from 'vitest'
import { ANNOUNCEMENT_BYTES } from '../../../src/sync/announce/announcer.ts'
import { openLibp2pNetwork } from '../../../src/sync/index.ts'

const TOPIC = '/toolmark/announce/1'

function openLiar() {
  return createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      pubsub: gossipsub({
        globalSignaturePolicy: 'StrictNoSign',
        msgIdFn: ({ data }) => data.subarray(0, 8),
        allowPublishToZeroTopicPeers: true,
        maxOutboundBufferSize: Number.POSITIVE_INFINITY,
        floodPublish: true,
        scoreThresholds: { gossipThreshold: -1e9, publishThreshold: -1e9, graylistThreshold: -1e9 },
      }),
    },
  })
}

test('a flood of forgeries and of messages too large: few are looked at, an honest peer is served', async () => {
  const victim = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], gossip: true })
  const sizes: number[] = []
  victim.announcer?.subscribe(async (message) => {
    sizes.push(message.length)
    return 'reject'
  })
  victim.handle(async (channel) => {
    const frame = await channel.receive()
    if (frame !== undefined) await channel.send(frame)
    await channel.close()
  })
  const liar = await openLiar()
  const honest = await openLibp2pNetwork({ listen: [] })
  try {
    const { pubsub } = liar.services
    pubsub.subscribe(TOPIC)
    await liar.dial(multiaddr(victim.addresses[0]))
    for (let i = 0; i < 50 && pubsub.getSubscribers(TOPIC).length === 0; i += 1) await sleep(50)
    const before = process.memoryUsage()
    const message = (i: number, size: number): Uint8Array => {
      const bytes = Buffer.alloc(size, 7)
      bytes.writeDoubleBE(i + Math.random())
      return bytes
    }
    let slowest = 0
    for (let round = 0; round < 10; round += 1) {
      for (let i = 0; i < 200; i += 1) {
        const size = i % 20 === 0 ? ANNOUNCEMENT_BYTES + 1 + i * 100 : 500
        await pubsub.publish(TOPIC, message(i, size)).catch(() => undefined)
      }
      const asked = performance.now()
      const channel = await honest.dial(victim.addresses[0]!)
      await channel.send(Buffer.from('still there?'))
      expect(await channel.receive()).toBeDefined()
      await channel.close()
      slowest = Math.max(slowest, performance.now() - asked)
    }
    expect(slowest).toBeLessThan(5_000)
    expect(sizes.length).toBeGreaterThan(0)
    // Its score is computed anew each second, and is then so low that nothing of it is taken up.
    await sleep(1_500)
    const looked = sizes.length
    for (let i = 0; i < 200; i += 1) await pubsub.publish(TOPIC, message(i, 500))
    await sleep(300)
    expect(sizes.length - looked).toBeLessThan(5)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(ANNOUNCEMENT_BYTES)
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    const grown = heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers
    expect(grown).toBeLessThan(100 * 1024 * 1024)
    console.info(`looked at ${sizes.length} of 2,000; slowest answer ${Math.round(slowest)} ms`)
  } finally {
    await liar.stop()
    await honest[Symbol.asyncDispose]()
    await victim[Symbol.asyncDispose]()
  }
})

test('a node that only dials loads no gossip, table, relay, discovery or private networks', () => {
  const program = `
    import { registerHooks } from 'node:module'
    const seen = new Set()
    registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context)
        const name = /node_modules\\/(@libp2p\\/[^/]+)/.exec(found.url)?.[1]
        if (name !== undefined) seen.add(name)
        return found
      },
    })
    const { openLibp2pNetwork } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/sync/index.ts'))})
    const network = await openLibp2pNetwork({ listen: [] })
    await network[Symbol.asyncDispose]()
    console.log(JSON.stringify([...seen]))
  `
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program])
  const loaded = JSON.parse(out.toString()) as readonly string[]
  expect(loaded).toContain('@libp2p/tcp')
  const unwanted = /gossipsub|kad-dht|mdns|bootstrap|circuit-relay|dcutr|pnet/
  expect(loaded.filter((name) => unwanted.test(name))).toEqual([])
})
