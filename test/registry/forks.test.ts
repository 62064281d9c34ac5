// A publisher that shows two histories, peers that help it or hide news, and what a consumer is told, keeps, and refuses afterwards.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { isRegistryError, type RegistryError, toHex } from '../../src/lib/index.ts'
import { parseCheckpointUnverified, verifyForkProof } from '../../src/log/index.ts'
import {
  importFork,
  listForks,
  loadTools,
  type Peer,
  pull,
  readFork,
  showFork,
  verifyCid,
  verifyName,
} from '../../src/registry/index.ts'
import type { Source } from '../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { connectSource, createMemoryHub, serveSource } from '../../src/sync/index.ts'
import { loadVerifier } from '../../src/trust/index.ts'
import { dump } from '../support/copy-store.ts'
import { type Forgery, forgeLog, forgeryOf } from '../support/forged-log.ts'
import { makeForkBytes } from '../support/fork-file.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'

const NAME = 'com.example/weather'
/** Both histories begin alike; then each consumer is told something else. */
const SHARED = ['1.0.0', '1.0.1', '1.0.2']

let evil: TestPublisher
beforeAll(async () => {
  evil = await openPublisher()
})
afterAll(() => evil[Symbol.asyncDispose]())

function history(...versions: readonly string[]): Promise<Source> {
  return forgeLog(evil, versions.map(release))
}

function release(version: string): Forgery {
  return forgeryOf(evil, toolkit(NAME, version))
}

function pullFrom(store: Store, peers: readonly Peer[], range = '') {
  const reference = `${NAME}${range}`
  return pull({ ...evil.workspace, store }, { reference, peers, publisher: evil.id })
}

async function refusalOf(act: Promise<unknown>): Promise<RegistryError> {
  const error = await act.then(
    () => new Error('accepted'),
    (cause: unknown) => cause,
  )
  if (isRegistryError(error)) return error
  throw error
}

async function headOf(source: Source): Promise<{ readonly size: number; readonly root: string }> {
  const note = await source.checkpoint(evil.id)
  const { size, root } = parseCheckpointUnverified(note, evil.id)
  return { size, root: toHex(root) }
}

/** Peers over a network, each serving its own source. */
function peersOf(sources: Readonly<Record<string, Source>>): readonly Peer[] {
  const hub = createMemoryHub()
  const consumer = hub.open('consumer')
  return Object.entries(sources).map(([name, source]) => {
    hub.open(name).handle((channel) => serveSource(channel, source))
    const open: Peer['open'] = async (o) => connectSource(await consumer.dial(`memory:${name}`, o))
    return { label: name, open }
  })
}

/** All that a consumer can ask of the publisher, which must now be refused in the same words. */
async function refusalsOf(store: Store, honest: Source): Promise<readonly RegistryError[]> {
  const { tools } = release('1.0.0')
  return await Promise.all(
    [
      pullFrom(store, [peerOf(honest)]),
      verifyName(store, NAME, { publisher: evil.id }),
      verifyName(store, `${NAME}@1.0.0`, { publisher: evil.id }),
      verifyCid(store, cidOf(tools[0] as Uint8Array)),
      loadTools(store, { tools: [`${NAME}@1.0.0`], publishers: [evil.id] }),
    ].map(refusalOf),
  )
}

describe('t05-split-view: a publisher that shows two histories', () => {
  test('through one peer, to one consumer: proven, kept, and refused from then on', async () => {
    const [shown, hidden] = [
      await history(...SHARED, '2.0.0'),
      await history(...SHARED, '3.0.0', '3.0.1'),
    ]
    let current = shown
    const turning = (): Peer => peersOf({ evil: current })[0] as Peer
    const store = openMemoryStore()
    await pullFrom(store, [turning()], '@1.0.0')
    current = hidden
    const error = await refusalOf(pullFrom(store, [turning()]))
    const [fork] = await listForks(store)
    const heads = [await headOf(shown), await headOf(hidden)]
    expect(error).toMatchObject({
      code: 'FORKED',
      verdict: 'FORKED',
      message: 'This publisher has signed two histories of its log.',
      details: {
        expected: `one log of ${evil.id}, which only grows`,
        got: heads
          .map(({ size, root }) => `${size} entries with root ${root}, from evil`)
          .join('\nand '),
        evidence: { publisher: evil.id, fork: fork?.fork },
      },
    })
    expect(error.details.next).toContain(`\`registry fork export ${fork?.fork}\``)
    const bytes = await readFork(store, fork?.fork as never)
    expect(verifyForkProof(bytes, await loadVerifier()).heads).toEqual(heads)
    const again = await refusalsOf(store, shown)
    expect(again.map(({ details }) => details.got)).toEqual(again.map(() => error.details.got))
    expect(again.every(({ verdict }) => verdict === 'FORKED')).toBe(true)
  })

  test.each([
    ['of one size', ['2.0.0'], ['3.0.0']],
    ['of two sizes', ['2.0.0'], ['3.0.0', '3.0.1', '3.0.2']],
    ['the longer one first', ['2.0.0', '2.0.1'], ['3.0.0']],
    ['which branched at once', [], ['3.0.0']],
  ])('through two peers, %s: neither is accepted', async (_, one, other) => {
    const a = await history(...SHARED, ...one)
    const b = await history(...(one.length === 0 ? [] : SHARED), ...other)
    const store = openMemoryStore()
    const error = await refusalOf(pullFrom(store, peersOf({ a, b })))
    expect(error.code).toBe('FORKED')
    expect(error.details.got).toContain('from a')
    expect(error.details.got).toContain('from b')
    expect(await store.listFloors()).toEqual([])
    const { records } = await dump(store)
    expect(records.map(({ table }) => table)).toEqual(['fork'])
  })

  test('to two consumers: both come to hold the same proof', async () => {
    const [a, b] = [await history(...SHARED, '2.0.0'), await history(...SHARED, '3.0.0')]
    const consumers = [openMemoryStore(), openMemoryStore()] as const
    await pullFrom(consumers[0], peersOf({ a }))
    await pullFrom(consumers[1], peersOf({ b }))
    const errors = [
      await refusalOf(pullFrom(consumers[0], peersOf({ b }))),
      await refusalOf(pullFrom(consumers[1], peersOf({ a }))),
    ]
    const [first, second] = errors.map(({ details }) => details.evidence) as { fork: string }[]
    expect(first?.fork).toBe(second?.fork)
    expect(errors.map(({ code }) => code)).toEqual(['FORKED', 'FORKED'])
  })

  // Whole subtrees are left out of consistency proofs: every size at which a reader may stand, against every later one.
  test('is proven at every size', async () => {
    const versions = Array.from({ length: 9 }, (_, i) => `1.${i}.0`)
    for (const seen of [2, 3, 4, 5, 7, 8]) {
      const a = await history(...versions.slice(0, seen - 2), '2.0.0')
      for (const now of [seen, seen + 1, 9]) {
        const b = await history(
          ...versions.slice(0, seen - 2),
          '3.0.0',
          ...versions.slice(seen - 1, now - 1),
        )
        const store = openMemoryStore()
        await pullFrom(store, [peerOf(a)])
        const error = await refusalOf(pullFrom(store, [peerOf(b)]))
        expect(error.message, `${seen} and ${now}`).toContain('has signed two histories')
      }
    }
  })

  test('a known floor without its note: refused, unproven, and not for good', async () => {
    const [a, b] = [await history(...SHARED, '2.0.0'), await history(...SHARED, '3.0.0')]
    const store = openMemoryStore()
    await pullFrom(store, [peerOf(a)])
    await store.commit({ remove: [{ table: 'seen', key: evil.id }] })
    const error = await refusalOf(pullFrom(store, [peerOf(b)]))
    expect(error.message).toBe('This log shows another history than the one already accepted here.')
    expect(await listForks(store)).toEqual([])
    await pullFrom(store, [peerOf(a)])
  })

  test('a peer alone cannot make an honest publisher look forked', async () => {
    const honest = await history(...SHARED, '2.0.0', '2.0.1')
    const store = openMemoryStore()
    await pullFrom(store, [peerOf(await history(...SHARED))])
    const before = await dump(store)
    const path = (hash: Uint8Array) => [hash, hash, hash]
    const lies: Partial<Source>[] = [
      { consistency: async () => [] },
      { consistency: async () => [new Uint8Array(3)] },
      { consistency: async () => Array.from({ length: 3 }, () => new Uint8Array(32)) },
      {
        consistency: async () => [new Uint8Array(32)],
        inclusion: async (id, at) =>
          at.index === 0 ? path(new Uint8Array(32)) : await honest.inclusion(id, at),
      },
      { consistency: async () => [new Uint8Array(32)] },
    ]
    for (const [i, lie] of lies.entries()) {
      const error = await refusalOf(pullFrom(store, [peerOf({ ...honest, ...lie }, 'liar')]))
      expect(error.code, `lie ${i}`).toBe('PROOF_INVALID')
    }
    expect(await dump(store)).toEqual(before)
    await pullFrom(store, [peerOf(honest)])
  })
})

describe('a proof brought by a stranger', () => {
  test('has the same effect, once', async () => {
    const bytes = await makeForkBytes()
    const store = openMemoryStore()
    const { publisher, cid, heads } = verifyForkProof(bytes, await loadVerifier())
    expect(await importFork(store, bytes)).toEqual({
      fork: { publisher, fork: cid, heads },
      isNew: true,
    })
    expect((await importFork(store, bytes)).isNew).toBe(false)
    expect(await showFork(store, cid)).toEqual({ publisher, fork: cid, heads })
    const name = `${publisher}/weather`
    expect(await refusalOf(verifyName(store, name))).toMatchObject({ code: 'FORKED' })
  })

  test('that proves nothing leaves nothing', async () => {
    const bytes = Uint8Array.from(await makeForkBytes())
    bytes[bytes.length - 40] = (bytes.at(-40) as number) ^ 1
    const store = openMemoryStore()
    await refusalOf(importFork(store, bytes))
    expect(await dump(store)).toEqual({ blocks: [], records: [] })
  })
})

describe('peers that withhold', () => {
  const PEERS = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9']
  const withholding = (source: Source, names: readonly string[] = PEERS) =>
    Object.fromEntries(names.map((name) => [name, source]))

  test('t07-withheld-data: nine of ten, and the newest is found; the nine are told', async () => {
    const [old, newest] = [await history(...SHARED), await history(...SHARED, '2.0.0')]
    for (const sources of [
      { ...withholding(old), honest: newest },
      { honest: newest, ...withholding(old) },
    ]) {
      const pulled = await pullFrom(openMemoryStore(), peersOf(sources))
      expect(pulled.release.entry.version).toBe('2.0.0')
      expect(pulled.from).toBe('honest')
      expect(pulled.behind).toEqual(PEERS.map((name) => ({ from: name, size: 4 })))
    }
  })

  test('t07-withheld-data: all ten, of what is known here: a rollback, never up to date', async () => {
    const [old, newest] = [await history(...SHARED), await history(...SHARED, '2.0.0')]
    const store = openMemoryStore()
    await pullFrom(store, [peerOf(newest)])
    const before = await dump(store)
    const floors = await store.listFloors()
    const error = await refusalOf(pullFrom(store, peersOf(withholding(old, [...PEERS, 'p10']))))
    expect(error).toMatchObject({ code: 'ROLLBACK', details: { expected: 'at least 5 entries' } })
    expect(await dump(store)).toEqual(before)
    expect(await store.listFloors()).toEqual(floors)
  })

  test('a boaster is refused, and delays nobody', async () => {
    const newest = await history(...SHARED, '2.0.0')
    const checkpoint: Source['checkpoint'] = async (id) => {
      const text = Buffer.from(await newest.checkpoint(id)).toString()
      return Buffer.from(text.replace(/^5$/m, '5000'))
    }
    const peers = peersOf({ boaster: { ...newest, checkpoint }, honest: newest })
    const pulled = await pullFrom(openMemoryStore(), peers)
    expect(pulled.from).toBe('honest')
    expect(pulled.refused.map(({ from }) => from)).toEqual(['boaster'])
    expect(pulled.behind).toEqual([])
  })

  test('a silent peer is not waited for', async () => {
    const newest = await history(...SHARED)
    const silent: Source = { ...newest, checkpoint: () => new Promise(() => {}) }
    const peers = peersOf({ silent, honest: newest })
    expect((await pullFrom(openMemoryStore(), peers)).from).toBe('honest')
  })
})

describe('the floor', () => {
  test('t04-mix-and-match: halves of two states are not taken for one', async () => {
    const [old, newest] = [await history(...SHARED), await history(...SHARED, '2.0.0')]
    const outcomes = new Set<string>()
    const parts = ['checkpoint', 'entries', 'inclusion', 'indexPath'] as const
    for (const part of parts) {
      for (const [one, other] of [
        [old, newest],
        [newest, old],
      ] as const) {
        const mixed = { ...one, [part]: other[part] }
        const store = openMemoryStore()
        const pulled = await pullFrom(store, [peerOf(mixed)]).catch(() => undefined)
        if (pulled === undefined) expect((await dump(store)).records).toEqual([])
        else {
          // Earlier entries are the same in both; what is said of them must be said by one of the two.
          const { checkpoint, version } = pulled.release.entry
          expect(['4 1.0.2', '5 2.0.0']).toContain(`${checkpoint.size} ${version}`)
          expect((await store.listFloors())[0]?.size).toBe(checkpoint.size)
        }
        outcomes.add(pulled === undefined ? 'refused' : 'whole')
      }
    }
    expect(outcomes.has('refused')).toBe(true)
  })

  test('is kept with the note behind it, by the same commit', async () => {
    const store = openMemoryStore()
    const source = await history(...SHARED)
    await pullFrom(store, [peerOf(source, 'alice')])
    const [value] = await store.findRecords([{ table: 'seen', key: evil.id }])
    const seen = JSON.parse(Buffer.from(value as Uint8Array).toString())
    expect(seen.from).toBe('alice')
    const { size, root } = parseCheckpointUnverified(Buffer.from(seen.note, 'base64'), evil.id)
    const [floor] = await store.listFloors()
    expect({ size, root: toHex(root) }).toEqual({ size: floor?.size, root: floor?.root })
  })
})
