// Peers that break the rules, on either side: nothing crashes, every failure has a code, and the cost stays bounded.

import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from 'cborg'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FRAME_LIMIT } from '../../src/spec/index.ts'
import {
  type Channel,
  type ConnectOptions,
  connectSource,
  createBudget,
  createMemoryHub,
  type MemoryHub,
  type PeerSource,
  serveSource,
} from '../../src/sync/index.ts'
import { decodeAnswer, decodeRequest } from '../../src/sync/wire/messages.ts'
import { createFakeSource, PUBLISHER } from './fake-source.ts'

let hub: MemoryHub
const uncaught: unknown[] = []
const onUncaught = (error: unknown): void => void uncaught.push(error)
beforeEach(() => {
  hub = createMemoryHub()
  process.on('uncaughtException', onUncaught)
  process.on('unhandledRejection', onUncaught)
})
afterEach(async () => {
  await sleep(5)
  process.off('uncaughtException', onUncaught)
  process.off('unhandledRejection', onUncaught)
  expect(uncaught.splice(0)).toEqual([])
})

describe('a hostile server', () => {
  type Evil = (channel: Channel, request: { readonly id: number }) => Promise<void>

  async function connectTo(evil: Evil, options: ConnectOptions = {}): Promise<PeerSource> {
    const server = hub.open('server')
    server.handle(async (channel) => {
      for (;;) {
        const frame = await channel.receive()
        if (frame === undefined) return
        await evil(channel, decodeRequest(frame))
      }
    })
    return connectSource(await hub.open('client').dial('memory:server'), options)
  }

  const cids = createFakeSource(3).cids
  const answers: readonly [string, (id: number) => unknown][] = [
    ['another id', (id) => ({ id: id + 1, ok: { blocks: [null] } })],
    ['no id', () => ({ ok: { blocks: [null] } })],
    ['a negative id', () => ({ id: -1, ok: { blocks: [null] } })],
    ['neither ok nor error', (id) => ({ id })],
    ['ok and error', (id) => ({ id, ok: { blocks: [null] }, error: { code: 'X', message: '' } })],
    ['an unknown field', (id) => ({ id, ok: { blocks: [null], more: 1 } })],
    [
      'a prototype key',
      (id) =>
        new Map<string, unknown>([
          ['id', id],
          ['__proto__', { ok: 1 }],
        ]),
    ],
    ['a number for blocks', (id) => ({ id, ok: { blocks: 7 } })],
    ['text for a block', (id) => ({ id, ok: { blocks: ['x'] } })],
    ['more blocks than asked', (id) => ({ id, ok: { blocks: [null, null, null, null] } })],
    ['no blocks', (id) => ({ id, ok: { blocks: [] } })],
    ['a huge array', (id) => ({ id, ok: { blocks: new Array(200_000).fill(null) } })],
    ['deep nesting', (id) => ({ id, ok: nest(2000) })],
    ['a strange error code', (id) => ({ id, error: { code: 'UNSIGNED', message: 'no' } })],
    [
      'a long error text',
      (id) => ({ id, error: { code: 'NOT_FOUND', message: 'x'.repeat(9999) } }),
    ],
    ['a float', (id) => ({ id: id + 0.5, ok: { blocks: [null] } })],
    ['an array', (id) => [id]],
    ['undefined', () => undefined],
  ]

  it.each(answers)('that answers with %s is cut off', async (_, make) => {
    const peer = await connectTo((channel, { id }) => channel.send(encode(make(id))))
    await expect(peer.blocks(cids)).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' })
    await expect(peer.blocks(cids)).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' })
  })

  const raw: readonly [string, Uint8Array][] = [
    ['no bytes', new Uint8Array(0)],
    ['half a message', encode({ id: 0, ok: {} }).subarray(0, 5)],
    ['a message and more', Buffer.concat([encode({ id: 0, ok: {} }), Uint8Array.of(0)])],
    ['a million nested arrays', new Uint8Array(FRAME_LIMIT).fill(0x81)],
    ['an array that claims 2^32 items', Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff)],
    ['bytes that claim 2^53', Uint8Array.of(0x5b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ['an indefinite map', Uint8Array.of(0xbf, 0xff)],
    ['a tag', Uint8Array.of(0xc2, 0x41, 0x01)],
    ['a duplicate key', Uint8Array.of(0xa2, 0x62, 0x69, 0x64, 0, 0x62, 0x69, 0x64, 1)],
    ['a long form of a short number', Uint8Array.of(0xa1, 0x62, 0x69, 0x64, 0x18, 0x00)],
  ]

  it.each(raw)('that answers with %s is cut off', async (_, bytes) => {
    const peer = await connectTo((channel) => channel.send(bytes))
    const started = performance.now()
    await expect(peer.blocks(cids)).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' })
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  it('that answers twice is cut off', async () => {
    const peer = await connectTo(async (channel, { id }) => {
      await channel.send(encode({ id, ok: { note: Uint8Array.of(1) } }))
      await channel.send(encode({ id, ok: { note: Uint8Array.of(2) } }))
    })
    expect(await peer.checkpoint(PUBLISHER)).toEqual(Uint8Array.of(1))
    await sleep(50)
    await expect(peer.checkpoint(PUBLISHER)).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' })
  })

  it('that talks unasked is cut off', async () => {
    const server = hub.open('server')
    server.handle((channel) => channel.send(encode({ id: 0, ok: { note: Uint8Array.of(1) } })))
    const peer = connectSource(await hub.open('client').dial('memory:server'))
    await sleep(50)
    await expect(peer.checkpoint(PUBLISHER)).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' })
  })

  it('that is silent is given up', async () => {
    const peer = await connectTo(async () => {}, { idleMs: 30 })
    const asked = Array.from({ length: 20 }, () => peer.checkpoint(PUBLISHER))
    for (const { status, reason } of (await Promise.allSettled(asked)) as PromiseRejectedResult[]) {
      expect([status, reason.code]).toEqual(['rejected', 'PEER_UNAVAILABLE'])
    }
  })

  it('that is late fails one request, and its late answer does no harm', async () => {
    let count = 0
    const peer = await connectTo(
      async (channel, { id }) => {
        count += 1
        const first = count === 1
        setTimeout(
          () => void channel.send(encode({ id, ok: { note: Uint8Array.of(first ? 1 : 2) } })),
          first ? 800 : 0,
        )
      },
      { totalMs: 400 },
    )
    await expect(peer.checkpoint(PUBLISHER)).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
    expect(await peer.checkpoint(PUBLISHER)).toEqual(Uint8Array.of(2))
    await sleep(600)
    expect(await peer.checkpoint(PUBLISHER)).toEqual(Uint8Array.of(2))
  })

  it('does not hold a caller who gives up', async () => {
    const peer = await connectTo(async () => {}, { idleMs: 200 })
    const stop = new AbortController()
    const asked = peer.checkpoint(PUBLISHER, { signal: stop.signal })
    stop.abort(new Error('no longer'))
    await expect(asked).rejects.toThrow('no longer')
  })

  it('cannot make decoding do anything but answer or refuse', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.anything().map((v) => {
        try {
          return encode(v)
        } catch {
          return new Uint8Array(1)
        }
      }),
    )
    fc.assert(
      fc.property(anything, (bytes) => {
        for (const decode of [decodeAnswer, decodeRequest]) {
          try {
            decode(bytes)
          } catch (error) {
            expect(error).toMatchObject({ code: 'MESSAGE_INVALID' })
          }
        }
      }),
      { numRuns: 2000 },
    )
    expect('ok' in {}).toBe(false)
  })
})

describe('a hostile client', () => {
  async function dial(options: Parameters<typeof serveSource>[2] = {}): Promise<{
    channel: Channel
    ended: Promise<void>
    source: ReturnType<typeof createFakeSource>
  }> {
    const source = createFakeSource(20)
    const ended = Promise.withResolvers<void>()
    hub.open('server').handle(async (channel) => {
      await serveSource(channel, source, options)
      ended.resolve()
    })
    const channel = await hub.open('client').dial('memory:server')
    return { channel, ended: ended.promise, source }
  }

  const checkpoint = (id: number): Uint8Array =>
    encode({ id, op: 'checkpoint', publisher: PUBLISHER })
  const receive = async (channel: Channel): Promise<{ id: number; code: string | undefined }> => {
    const answer = decodeAnswer((await channel.receive())!)
    return { id: answer.id, code: answer.kind === 'error' ? answer.code : undefined }
  }

  it('that floods 100,000 requests is told so, then cut off', async () => {
    const { channel, ended, source } = await dial()
    let refused = 0
    const reading = (async () => {
      for (;;) if ((await receive(channel)).code === 'PEER_LIMIT') refused += 1
    })().catch((error: unknown) => error)
    const flood = (async () => {
      for (let id = 0; id < 100_000; id += 1) await channel.send(checkpoint(id))
    })()
    await expect(flood).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
    await ended
    expect(await reading).toMatchObject({ code: 'PEER_UNAVAILABLE' })
    expect(refused).toBeGreaterThan(10)
    expect(source.busiest()).toBeLessThanOrEqual(8)
  })

  it('that asks and never reads holds eight answers, and is given up', async () => {
    const { channel, ended, source } = await dial({ totalMs: 100 })
    const cids = source.cids
    const flood = (async () => {
      for (let id = 0; id < 5000; id += 1) await channel.send(encode({ id, op: 'blocks', cids }))
    })()
    await expect(flood).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
    await ended
    expect(source.busiest()).toBeLessThanOrEqual(8)
  })

  it('that overspends its bytes has to wait', async () => {
    const limits = {
      requestsPerSecond: 1000,
      requestBurst: 1000,
      bytesPerSecond: 1,
      byteBurst: 1000,
    }
    const { channel, source } = await dial({ budget: createBudget(limits) })
    await channel.send(encode({ id: 1, op: 'blocks', cids: source.cids.slice(0, 5) }))
    expect(await receive(channel)).toEqual({ id: 1, code: undefined })
    await channel.send(checkpoint(2))
    expect(await receive(channel)).toEqual({ id: 2, code: 'PEER_LIMIT' })
  })

  it.each<[string, object]>([
    ['an unknown op', { op: 'shutdown' }],
    ['a prototype op', { op: 'constructor' }],
    ['an unknown field', { op: 'checkpoint', publisher: PUBLISHER, admin: true }],
    ['a bad publisher', { op: 'checkpoint', publisher: '../../etc/passwd' }],
    ['too many CIDs', { op: 'blocks', cids: new Array(1025).fill('x') }],
    ['a bad CID', { op: 'blocks', cids: ['QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPBdG'] }],
    ['a negative start', { op: 'entries', publisher: PUBLISHER, start: -1, end: 1 }],
    ['an odd name', { op: 'claimants', name: 'a\nb' }],
  ])('that asks %s gets MESSAGE_INVALID and may go on', async (_, message) => {
    const { channel } = await dial()
    await channel.send(encode({ id: 9, ...message }))
    expect(await receive(channel)).toEqual({ id: 9, code: 'MESSAGE_INVALID' })
    await channel.send(checkpoint(10))
    expect(await receive(channel)).toEqual({ id: 10, code: undefined })
  })

  it.each([
    ['no CBOR', Uint8Array.of(0xff)],
    ['an empty frame', new Uint8Array(0)],
    ['nested arrays', new Uint8Array(FRAME_LIMIT).fill(0x81)],
  ])('that sends %s loses its channel', async (_, bytes) => {
    const { channel, ended } = await dial()
    await channel.send(bytes)
    await expect(channel.receive()).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
    await ended
  })

  it('that says nothing is not kept', async () => {
    const { channel, ended } = await dial({ idleMs: 30 })
    await ended
    await expect(channel.receive()).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
  })
})

function nest(depth: number): unknown {
  let value: unknown = null
  for (let i = 0; i < depth; i += 1) value = [value]
  return value
}
