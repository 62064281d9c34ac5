import { afterEach, describe, expect, it } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import {
  connectSource,
  createMemoryHub,
  type Network,
  openLibp2pNetwork,
  type PeerSource,
  serveSource,
} from '../../src/sync/index.ts'
import { createFakeSource, type FakeSource, PUBLISHER } from './fake-source.ts'

const NETWORKS: readonly [string, () => Promise<readonly [Network, Network]>][] = [
  [
    'memory',
    async () => {
      const hub = createMemoryHub({ seed: 3 })
      return [hub.open('server'), hub.open('client')]
    },
  ],
  [
    'TCP',
    async () => [
      await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'] }),
      await openLibp2pNetwork({ listen: [] }),
    ],
  ],
  [
    'WebSocket',
    async () => [
      await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] }),
      await openLibp2pNetwork({ listen: [] }),
    ],
  ],
]

describe.each(NETWORKS)('a peer as a source over %s', (_, open) => {
  const owned: AsyncDisposable[] = []
  afterEach(async () => {
    for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]()
  })

  async function connect(source: FakeSource): Promise<PeerSource> {
    const [server, client] = await open()
    owned.push(server, client)
    server.handle((channel) => serveSource(channel, source))
    const peer = connectSource(await client.dial(server.addresses[0]!))
    owned.push(peer)
    return peer
  }

  it('answers every op with the bytes that the source has', async () => {
    const source = createFakeSource(3)
    const peer = await connect(source)
    expect(Buffer.from(await peer.checkpoint(PUBLISHER)).toString()).toBe('note')
    const entries = await peer.entries(PUBLISHER, { start: 5, end: 9 })
    expect(entries.map(({ statement }) => statement[0])).toEqual([5, 6, 7, 8])
    expect(entries[0]!.bundles.map((bundle) => bundle.length)).toEqual([20_000, 1])
    expect((await peer.inclusion(PUBLISHER, { index: 0, size: 4 })).map((h) => h[0])).toEqual([
      1, 2,
    ])
    expect(await peer.consistency(PUBLISHER, { from: 1, to: 1 })).toEqual([])
    const root = source.cids[0]!
    const nodes = await peer.indexPath(PUBLISHER, { root, name: 'com.acme/weather' })
    expect(nodes.map((node) => Buffer.from(node).toString())).toEqual(['{}', '{"a":1}'])
    const absent = cidOf(Buffer.from('absent'))
    const blocks = await peer.blocks([source.cids[2]!, absent, source.cids[0]!])
    expect(blocks.map((block) => block && cidOf(block))).toEqual([
      source.cids[2],
      undefined,
      source.cids[0],
    ])
    expect(await peer.blocks([])).toEqual([])
  })

  it('sends shorter answers rather than larger ones', async () => {
    const source = createFakeSource(64)
    const peer = await connect(source)
    const entries = await peer.entries(PUBLISHER, { start: 0, end: 1000 })
    expect(entries.length).toBeGreaterThan(10)
    expect(entries.length).toBeLessThanOrEqual(26)
    expect((await peer.blocks(source.cids)).length).toBe(43)
    const large = createFakeSource(2, 1024 * 1024)
    const [one, ...rest] = await (await connect(large)).blocks(large.cids)
    expect([cidOf(one!), rest]).toEqual([large.cids[0], []])
  })

  it('passes on NOT_FOUND, hides what fails inside, and lives on', async () => {
    const peer = await connect(createFakeSource(1))
    const nobody = `p${'b'.repeat(51)}a` as PublisherId
    const missing = await peer.checkpoint(nobody).catch((e: unknown) => e as Error)
    expect(missing).toMatchObject({ code: 'NOT_FOUND' })
    expect((missing as Error).message).toContain('No such publisher.\\u{1b}[31m')
    const failed = await peer.claimants('com.acme/x').catch((e: unknown) => e as Error)
    expect(failed).toMatchObject({ code: 'SERVER_FAILED' })
    expect((failed as Error).message).not.toContain('secret')
    expect((await peer.checkpoint(PUBLISHER)).length).toBe(4)
  })

  it('keeps eight requests under way, and hundreds waiting', async () => {
    const source = createFakeSource(2000)
    const peer = await connect(source)
    const groups = Array.from({ length: 200 }, (_, i) => source.cids.slice(i * 10, i * 10 + 10))
    const started = performance.now()
    const answers = await Promise.all(groups.map((cids) => peer.blocks(cids)))
    const rate = Math.round((2000 / (performance.now() - started)) * 1000)
    console.info(`2,000 blocks of 6 KB: ${rate} blocks/s`)
    expect(answers.flat().map((block) => cidOf(block!))).toEqual(source.cids)
    expect(source.busiest()).toBeLessThanOrEqual(8)
    expect(source.busiest()).toBeGreaterThan(1)
  })

  it('fails what waits when it is closed', async () => {
    const peer = await connect(createFakeSource(1))
    const waiting = peer.checkpoint(PUBLISHER)
    const refused = expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
    await peer[Symbol.asyncDispose]()
    await refused
    await expect(peer.checkpoint(PUBLISHER)).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
