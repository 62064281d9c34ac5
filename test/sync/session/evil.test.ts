// Peers that lie, one lie a test: each ends with a code that names it, costs this log or this peer, and never the others.

import { afterEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/lib/index.ts'
import { localSource, type Source } from '../../../src/resolve/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import { shareLogs } from '../../../src/sync/index.ts'
import { copyStore } from '../../support/copy-store.ts'
import { forgeLog, forgeryOf } from '../../support/forged-log.ts'
import { toolkit } from '../../support/publisher.ts'
import {
  type Connected,
  connect,
  contentsOf,
  NETWORKS,
  openNode,
  type Served,
  sync,
  type TestNode,
} from './nodes.ts'
import { copyInto, makePublishers, type TestLog } from './publishers.ts'

const [[, open]] = NETWORKS as [(typeof NETWORKS)[0]]

describe('a lying peer', () => {
  const owned: AsyncDisposable[] = []
  afterEach(async () => {
    for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]()
  })

  async function serve(
    logs: readonly TestLog[],
    change: (source: Source, server: TestNode) => Served = () => ({}),
  ): Promise<{ readonly server: TestNode; readonly connected: Connected }> {
    const server = await openNode()
    for (const one of logs) await copyInto(server.store, one)
    const connected = await connect(open, server, change(localSource(server.store), server))
    owned.push(connected)
    return { server, connected }
  }

  const only =
    (id: PublisherId, changed: (source: Source) => Partial<Source>) =>
    (source: Source): Served => ({
      source: {
        ...source,
        ...Object.fromEntries(
          Object.entries(changed(source)).map(([name, act]) => [
            name,
            (publisher: PublisherId, ...rest: never[]) =>
              publisher === id
                ? (act as (...all: unknown[]) => unknown)(publisher, ...rest)
                : (source[name as 'checkpoint'] as (...all: unknown[]) => unknown)(
                    publisher,
                    ...rest,
                  ),
          ]),
        ),
      } as Source,
    })

  /** The first of three logs is lied about; the other two arrive. */
  const lies: readonly [
    string,
    string,
    (log: TestLog, other: TestLog) => (source: Source) => Partial<Source>,
  ][] = [
    [
      'entries that skip one',
      'SEQUENCE_INVALID',
      () => (source) => ({
        entries: async (id, range) => (await source.entries(id, range)).toSpliced(1, 1),
      }),
    ],
    [
      'another publisher’s entries',
      'SEQUENCE_INVALID',
      (_, other) => (source) => ({ entries: (_id, range) => source.entries(other.id, range) }),
    ],
    [
      'a signature of nobody',
      'SUBJECT_MISMATCH',
      () => (source) => ({
        entries: async (id, range) => {
          const entries = await source.entries(id, range)
          return entries.map(({ statement }) => ({
            statement,
            bundles: entries[0]?.bundles ?? [],
          }))
        },
      }),
    ],
    [
      'a head that says more than there is',
      'NOT_FOUND',
      () => (source) => ({
        checkpoint: async (id) => {
          const note = Buffer.from(await source.checkpoint(id)).toString()
          return utf8(note.replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) + 1}\n`))
        },
        entries: (id, { start, end }) =>
          source.entries(id, { start, end: start < 4 ? Math.min(end, 4) : end }),
      }),
    ],
  ]

  it.each(lies)('that sends %s costs that log alone', async (_, code, lie) => {
    const logs = await makePublishers(3)
    for (const one of logs) await one.publish('2.0.0', '3.0.0')
    const [first, other] = logs as [TestLog, TestLog]
    const { connected } = await serve(logs, only(first.id, lie(first, other)))
    const client = await openNode()
    const result = await sync(connected.link, client)
    expect(result).toMatchObject({ logs: 2, failure: undefined })
    const heads = (await contentsOf(client)).filter((line) => line.startsWith('head'))
    expect(heads.some((line) => line.includes(first.id))).toBe(false)
    expect(result.refused).toMatchObject([{ publisher: first.id, error: { code } }])
    expect(result.refused[0]?.error.details.next).toMatch(/\.$/)
  })

  it('that sends wrong bytes for a block costs the logs that it is for', async () => {
    const logs = await makePublishers(2)
    const { connected } = await serve(logs, (source) => ({
      source: {
        ...source,
        blocks: async (cids) => (await source.blocks(cids)).map(() => utf8('{"kind":"tool/v1"}')),
      },
    }))
    const client = await openNode()
    const result = await sync(connected.link, client)
    expect(result.logs).toBe(0)
    expect(result.refused.map(({ error }) => error.code)).toEqual([
      'HASH_MISMATCH',
      'HASH_MISMATCH',
    ])
    expect((await contentsOf(client)).filter((line) => line.startsWith('head'))).toEqual([])
  })

  it('that withholds blocks leaves a gap, which the next peer fills', async () => {
    const logs = await makePublishers(2)
    const { server, connected } = await serve(logs, (source) => ({
      source: { ...source, blocks: async (cids) => cids.map(() => undefined) },
    }))
    const client = await openNode()
    const first = await sync(connected.link, client)
    expect(first).toMatchObject({ logs: 2, lacking: 2, refused: [] })
    const honest = await connect(open, server)
    owned.push(honest)
    const second = await sync(honest.link, client)
    expect(second).toMatchObject({ logs: 0, blocks: 4, failure: undefined, refused: [] })
    expect(await contentsOf(client)).toEqual(await contentsOf(server))
    const third = await sync(honest.link, client)
    expect(third).toMatchObject({ blocks: 0, roundTrips: 1, requests: 1 })
  })

  it('that shows an older head changes nothing', async () => {
    const [log] = (await makePublishers(1)) as [TestLog]
    const old = await openNode(await copyStore(log.publisher.workspace.store))
    await log.publish('2.0.0')
    const { server } = await serve([log])
    const client = await openNode()
    await copyInto(client.store, log)
    const connected = await connect(open, old)
    owned.push(connected)
    const result = await sync(connected.link, client)
    expect(result).toMatchObject({ logs: 0, blocks: 0, refused: [], failure: undefined, forks: [] })
    expect((await contentsOf(client)).filter((line) => line.startsWith('head'))).toEqual(
      (await contentsOf(server)).filter((line) => line.startsWith('head')),
    )
  })

  it('that names logs and then does not know them is asked once for each', async () => {
    const logs = await makePublishers(3)
    const { connected } = await serve(logs, (source, server) => ({
      source,
      sharing: {
        ...shareLogs(server.store, server.heads),
        heads: {
          ...server.heads,
          items: server.heads.items,
          publisherOf: () => undefined,
          itemOf: () => undefined,
        },
      } as Served['sharing'],
    }))
    const result = await sync(connected.link, await openNode())
    expect(result).toMatchObject({ logs: 0, refused: [], failure: undefined, requests: 2 })
  })

  it('that shows two histories is caught, and the proof is kept', async () => {
    const [log] = (await makePublishers(1)) as [TestLog]
    const forged = await forgeLog(log.publisher, [
      forgeryOf(log.publisher, toolkit('evil', '1.0.0', 1)),
      forgeryOf(log.publisher, toolkit('evil', '2.0.0', 1)),
    ])
    const client = await openNode()
    await copyInto(client.store, log)
    const { connected } = await serve([log], () => ({ source: forged }))
    const result = await sync(connected.link, client, { publishers: [log.id] })
    expect(result).toMatchObject({ forks: [log.id], logs: 0, failure: undefined })
    // From now on the proof travels first, and the log no more.
    const other = await openNode()
    await copyInto(other.store, log)
    const gossip = await connect(open, client)
    owned.push(gossip)
    expect(await sync(gossip.link, other)).toMatchObject({ forks: [log.id], logs: 0 })
    const third = await openNode()
    const last = await connect(open, other)
    owned.push(last)
    expect(await sync(last.link, third)).toMatchObject({ forks: [log.id], logs: 0 })
  })

  it('that does not share is left in peace', async () => {
    const { connected } = await serve(await makePublishers(1), () => ({ sharing: undefined }))
    const result = await sync(connected.link, await openNode())
    expect(result.unable).toMatchObject({ code: 'NOT_FOUND' })
    expect(result).toMatchObject({ failure: undefined, refused: [], logs: 0 })
  })
})
