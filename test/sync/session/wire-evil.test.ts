// Peers that break the rules of the wire, message by message: the session ends with a code, in time, and others are served meanwhile.

import { encode } from 'cborg'
import { afterEach, describe, expect, it } from 'vitest'
import { headItem } from '../../../src/sync/heads/item.ts'
import {
  type Channel,
  createMemoryHub,
  type Link,
  openLink,
  type SyncResult,
} from '../../../src/sync/index.ts'
import { decodeRequest, type Request } from '../../../src/sync/wire/messages.ts'
import { connect, NETWORKS, openNode, sync } from './nodes.ts'
import { copyInto, makePublishers, type TestLog } from './publishers.ts'

type Reply = (request: Request, channel: Channel) => unknown

const owned: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

/** Answers each request with what `reply` says; nothing for undefined. */
async function linkTo(reply: Reply, idleMs = 2_000): Promise<Link> {
  const hub = createMemoryHub()
  hub.open('evil').handle(async (channel) => {
    for (;;) {
      const frame = await channel.receive()
      if (frame === undefined) return
      const request = decodeRequest(frame)
      const ok = await reply(request, channel)
      if (ok !== undefined) await channel.send(encode({ id: request.id, ...(ok as object) }))
    }
  })
  const link = openLink(await hub.open('client').dial('memory:evil'), { idleMs })
  owned.push(link)
  return link
}

const item = (n: number): Uint8Array => new Uint8Array(32).fill(n).fill(2, 0, 1)
/** One range to the end, with these items. */
const naming = (...items: readonly Uint8Array[]): object => {
  const head = [0x61, 0, 0, 2, items.length]
  return { ok: { message: Buffer.concat([Uint8Array.from(head), ...items]) } }
}

async function log(): Promise<TestLog> {
  const [one] = await makePublishers(1)
  return one as TestLog
}

async function pieceOf({ id, publisher }: TestLog): Promise<object> {
  const note = await publisher.source.checkpoint(id)
  const entries = await publisher.source.entries(id, { start: 0, end: 2 })
  return { publisher: id, note, consistency: [], entries, blocks: [] }
}

async function meet(reply: Reply, limits = {}): Promise<SyncResult> {
  return sync(await linkTo(reply), await openNode(), { limits })
}

describe('a peer that answers', () => {
  it.each<[string, string, Reply]>([
    [
      'MESSAGE_INVALID, for it is older',
      'MESSAGE_INVALID',
      () => ({ error: { code: 'MESSAGE_INVALID', message: 'What?' } }),
    ],
    ['in another version', 'MESSAGE_INVALID', () => ({ ok: { message: Uint8Array.of(0x62) } })],
  ])('%s is not at fault', async (_, code, reply) => {
    const result = await meet(reply)
    expect(result.unable).toMatchObject({ code })
    expect(result).toMatchObject({ failure: undefined, logs: 0 })
  })

  const two = { unknown: true }
  it.each<[string, Reply]>([
    ['no message', () => ({ ok: { message: new Uint8Array(0) } })],
    [
      'ranges out of order',
      () => ({ ok: { message: Uint8Array.of(0x61, 1, 1, 9, 0, 1, 1, 3, 0) } }),
    ],
    [
      'more logs than were asked for',
      ({ op }) => (op === 'reconcile' ? naming(item(1)) : { ok: { logs: [two, two] } }),
    ],
    ['no logs', ({ op }) => (op === 'reconcile' ? naming(item(1)) : { ok: { logs: [] } })],
    ['something else', () => ({ ok: { logs: [] } })],
  ])('%s loses the channel', async (_, reply) => {
    const result = await meet(reply)
    expect(result.failure).toMatchObject({ code: 'PEER_MISBEHAVED' })
    expect(result.logs).toBe(0)
  })

  it('the log of another publisher loses the channel', async () => {
    const piece = await pieceOf(await log())
    const result = await meet(({ op }) =>
      op === 'reconcile' ? naming(item(1)) : { ok: { logs: [piece] } },
    )
    expect(result.failure).toMatchObject({ code: 'PEER_MISBEHAVED' })
    expect(result.failure?.message).toContain('another publisher')
  })

  it.each(['more entries', 'more blocks'])(
    '%s than were asked for loses the channel',
    async (what) => {
      const one = await log()
      await one.publish('2.0.0')
      const whole = (await pieceOf(one)) as { entries: readonly unknown[] }
      const entries = whole.entries.slice(0, 1)
      const result = await meet(({ op, ask }) => {
        if (op === 'reconcile')
          return naming(headItem({ publisher: one.id, size: 9, root: '' }, false))
        if (op === 'logs' && what === 'more blocks') {
          return {
            ok: { logs: [{ ...whole, entries, blocks: [Uint8Array.of(1), Uint8Array.of(2)] }] },
          }
        }
        if (op === 'logs') return { ok: { logs: [{ ...whole, entries }] } }
        if (op !== 'entries') return { ok: { blocks: [null] } }
        const count = ask.end - ask.start + 1
        return { ok: { entries: Array.from({ length: count }, () => whole.entries[0]) } }
      })
      expect(result.failure).toMatchObject({ code: 'PEER_MISBEHAVED' })
    },
  )

  it('reconciliation without an end loses the channel', async () => {
    let n = 0
    const result = await meet(({ op }) => {
      n += 1
      // One more range with another fingerprint, for ever.
      const message = Buffer.concat([Uint8Array.of(0x61, 0, 0, 1), new Uint8Array(16).fill(n)])
      return op === 'reconcile' ? { ok: { message } } : { ok: { logs: [two] } }
    })
    expect(result.failure).toMatchObject({ code: 'PEER_MISBEHAVED' })
    expect(n).toBeLessThan(100)
  })

  it('a frame without end is silent, and one that talks unasked is cut off', async () => {
    const silent = await sync(await linkTo(() => undefined, 50), await openNode())
    expect(silent.failure).toMatchObject({ code: 'PEER_UNAVAILABLE' })
    const unasked = await meet(async (_, channel) => {
      await channel.send(encode({ id: 77, ok: {} }))
      return naming()
    })
    expect(unasked.failure).toMatchObject({ code: 'PEER_MISBEHAVED' })
  })

  it('a few bytes at a time is too slow, and others are served meanwhile', async () => {
    const logs = await makePublishers(2)
    const server = await openNode()
    for (const one of logs) await copyInto(server.store, one)
    const [[, open]] = NETWORKS as [(typeof NETWORKS)[0]]
    const client = await openNode()
    const link = await linkTo(async ({ op, ask }) => {
      if (op === 'reconcile') return naming(...Array.from({ length: 60 }, (_, i) => item(i)))
      await new Promise((resolve) => setTimeout(resolve, 20))
      // Each answer is in time and says nothing.
      return op === 'logs' ? { ok: { logs: ask.wants.slice(0, 1).map(() => two) } } : undefined
    })
    const limits = { leastRate: 100_000, patienceMs: 100 }
    const slow = sync(link, client, { limits })
    const honest = await connect(open, server)
    owned.push(honest)
    const started = performance.now()
    expect(await sync(honest.link, client)).toMatchObject({ logs: 2, failure: undefined })
    expect(performance.now() - started).toBeLessThan(8_000)
    const { failure } = await slow
    expect(failure).toMatchObject({ code: 'PEER_UNAVAILABLE' })
    expect(failure?.message).toContain('too slowly')
  })

  it('more than a session may bring is stopped', async () => {
    const many = Array.from({ length: 100 }, (_, i) => item(i))
    const result = await meet(
      ({ op }) => (op === 'reconcile' ? naming(...many) : { ok: { logs: [two] } }),
      { bytes: 3_400 },
    )
    expect(result.failure).toMatchObject({ code: 'PEER_LIMIT' })
    expect(result.failure?.details).toMatchObject({ expected: 'at most 3400 bytes' })
  })
})
