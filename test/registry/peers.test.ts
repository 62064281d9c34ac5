// Several peers, and pulls that are cut: the longest log that verifies serves, the most telling refusal is told, and what had verified
// is not asked for again.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError, RegistryError } from '../../src/lib/index.ts'
import { listReleases, type Peer, pull, verifyName } from '../../src/registry/index.ts'
import { localSource, type Source } from '../../src/resolve/index.ts'
import { type Floor, openMemoryStore, type Store } from '../../src/store/index.ts'
import { copyStore, dump } from '../support/copy-store.ts'
import { forgeLog, forgeryOf } from '../support/forged-log.ts'
import { findLeftovers } from '../support/invariants.ts'
import { flip } from '../support/mutate.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'

const NAME = 'com.example/weather'
const TOOLS = 150

let alice: TestPublisher
let older: Source
let floor: Floor

beforeAll(async () => {
  alice = await openPublisher()
  await alice.publish(toolkit(NAME, '1.0.0'))
  older = localSource(await copyStore(alice.workspace.store))
  await alice.publish(toolkit(NAME, '2.0.0', TOOLS))
  ;[floor] = (await alice.workspace.store.listFloors()) as [Floor]
})

afterAll(() => alice[Symbol.asyncDispose]())

function pullFrom(store: Store, peers: readonly Peer[], publisher = alice.id) {
  return pull({ ...alice.workspace, store }, { reference: NAME, peers, publisher })
}

async function versionsIn(store: Store): Promise<readonly string[]> {
  const versions: string[] = []
  for await (const { version } of listReleases(store)) versions.push(version)
  return versions
}

const unreachable: Peer = {
  label: 'unreachable',
  open: async () => {
    throw new RegistryError('PEER_UNAVAILABLE', 'Nobody there.')
  },
}

function liar(): Peer {
  const blocks: Source['blocks'] = async (cids) =>
    (await alice.source.blocks(cids)).map((bytes) => bytes && flip(bytes, 9))
  return peerOf({ ...alice.source, blocks }, 'liar')
}

function garbled(): Peer {
  const checkpoint: Source['checkpoint'] = async (publisher) => {
    const text = Buffer.from(await alice.source.checkpoint(publisher)).toString()
    return Buffer.from(text.replace(/.{8}\n$/, 'AAAAAAA=\n'))
  }
  return peerOf({ ...alice.source, checkpoint }, 'garbled')
}

const empty = (): Peer => peerOf(localSource(openMemoryStore()), 'empty')
const late = (): Peer => peerOf(older, 'late')
const forker = async (): Promise<Peer> => {
  const forged = await forgeLog(alice, [
    forgeryOf(alice, toolkit(NAME, '8.0.0')),
    forgeryOf(alice, toolkit(NAME, '9.0.0')),
  ])
  return peerOf(forged, 'forker')
}

async function withFloor(): Promise<Store> {
  const store = openMemoryStore()
  await store.commit({ floors: [floor] })
  return store
}

describe('several peers', () => {
  test('the longest log that verifies serves, and the others’ faults are told', async () => {
    const store = await withFloor()
    const peers = [unreachable, late(), empty(), liar(), peerOf(alice.source, 'alice')]
    const pulled = await pullFrom(store, peers)
    expect(pulled.from).toBe('alice')
    expect(pulled.release.entry.version).toBe('2.0.0')
    expect(pulled.fetched).toBe(TOOLS + 1)
    expect(pulled.refused.map(({ from, error }) => `${from}: ${error.code}`)).toEqual([
      'unreachable: PEER_UNAVAILABLE',
      'empty: NOT_FOUND',
      'liar: HASH_MISMATCH',
    ])
    expect(pulled.behind).toEqual([{ from: 'late', size: 2 }])
    expect(await versionsIn(store)).toEqual(['2.0.0'])
    expect(await store.listFloors()).toEqual([floor])
    const verified = await verifyName(store, NAME)
    expect(verified.release.tools).toHaveLength(TOOLS)
  })

  test('every peer is asked how long the log is, and only one for the rest', async () => {
    const asked: string[] = []
    const counting = (label: string): Peer => {
      const note = (method: string) => asked.push(`${label} ${method}`)
      const checkpoint: Source['checkpoint'] = (...args) => {
        note('checkpoint')
        return alice.source.checkpoint(...args)
      }
      const blocks: Source['blocks'] = (...args) => {
        note('blocks')
        return alice.source.blocks(...args)
      }
      return peerOf({ ...alice.source, checkpoint, blocks }, label)
    }
    const pulled = await pullFrom(openMemoryStore(), [counting('first'), counting('second')])
    expect(pulled).toMatchObject({ from: 'first', refused: [], behind: [] })
    expect(asked.filter((what) => what.startsWith('second'))).toEqual(['second checkpoint'])
  })

  test('without an honest one, the most telling refusal is thrown, wherever it stood', async () => {
    const fork = await forker()
    const ladder = [unreachable, empty(), garbled(), late(), fork]
    const codes = ['PEER_UNAVAILABLE', 'NOT_FOUND', 'SIGNATURE_INVALID', 'ROLLBACK', 'FORKED']
    for (const [i, code] of codes.entries()) {
      const some = ladder.slice(0, i + 1)
      for (const peers of [some, some.toReversed()]) {
        const store = await withFloor()
        const error = await pullFrom(store, peers).catch((cause: unknown) => cause)
        expect(isRegistryError(error) && error.code).toBe(code)
        expect(await findLeftovers(store, { listed: new Set(), floors: [floor] })).toEqual([])
      }
    }
  })

  test('without a pin, every peer’s claims are named and none is believed', async () => {
    const store = openMemoryStore()
    const workspace = { ...alice.workspace, store }
    const pulling = pull(workspace, { reference: NAME, peers: [peerOf(alice.source)] })
    await expect(pulling).rejects.toMatchObject({
      code: 'PUBLISHER_UNPINNED',
      message: 'No publisher is pinned to com.example here.',
      details: { got: `claims by ${alice.id}` },
    })
    expect(await findLeftovers(store, { listed: new Set() })).toEqual([])
  })

  test('no peer at all', async () => {
    await expect(pullFrom(openMemoryStore(), [])).rejects.toMatchObject({
      code: 'PEER_UNAVAILABLE',
      message: 'There is no peer to ask.',
      details: { next: 'Name one: `--from MULTIADDR` (a node prints its address when it serves).' },
    })
  })

  test('a namespace pinned to another publisher ends the pull at once', async () => {
    const mallory = await openPublisher()
    await mallory.publish(toolkit(NAME, '9.0.0'))
    const store = openMemoryStore()
    await pullFrom(store, [peerOf(alice.source)])
    const before = await dump(store)
    const peers = [peerOf(mallory.source), peerOf(alice.source)]
    await expect(pullFrom(store, peers, mallory.id)).rejects.toMatchObject({
      code: 'PUBLISHER_CHANGED',
      verdict: 'REBIND',
    })
    expect(await dump(store)).toEqual(before)
    await mallory[Symbol.asyncDispose]()
  })
})

describe('a pull that is cut', () => {
  /** Serves at most ten blocks an answer, and dies for good after `most`. */
  function dying(most: number): { readonly peer: Peer; readonly served: () => number } {
    let served = 0
    const blocks: Source['blocks'] = async (cids) => {
      if (served >= most) throw new RegistryError('PEER_UNAVAILABLE', 'It died.')
      const some = cids.slice(0, Math.min(10, most - served))
      served += some.length
      return alice.source.blocks(some)
    }
    return { peer: peerOf({ ...alice.source, blocks }, 'dying'), served: () => served }
  }

  test.each([1, 2, 11, 64, 100, TOOLS])(
    'after %i blocks: the next fetches only the rest',
    async (most) => {
      const store = openMemoryStore()
      const first = dying(most)
      await expect(pullFrom(store, [first.peer])).rejects.toMatchObject({
        code: 'PEER_UNAVAILABLE',
      })
      expect(first.served()).toBe(most)
      expect(await versionsIn(store)).toEqual([])
      const { blocks, records } = await dump(store)
      expect(blocks).toHaveLength(most)
      expect(records).toEqual([])

      const second = dying(Number.POSITIVE_INFINITY)
      const pulled = await pullFrom(store, [second.peer])
      expect(pulled.fetched).toBe(TOOLS + 1 - most)
      expect(second.served()).toBe(TOOLS + 1 - most)
      expect(await versionsIn(store)).toEqual(['2.0.0'])
      expect((await verifyName(store, NAME)).release.tools).toHaveLength(TOOLS)
    },
  )

  test('a pull again fetches nothing', async () => {
    const store = openMemoryStore()
    await pullFrom(store, [peerOf(alice.source)])
    const again = dying(0)
    expect((await pullFrom(store, [again.peer])).fetched).toBe(0)
  })

  test('a peer that answers with none, or with more than was asked, is refused', async () => {
    for (const [answer, got] of [
      [async () => [], 0],
      [async (cids) => [...(await alice.source.blocks(cids)), new Uint8Array()], 2],
    ] as const satisfies readonly (readonly [Source['blocks'], number])[]) {
      const peer = peerOf({ ...alice.source, blocks: answer }, 'odd')
      await expect(pullFrom(openMemoryStore(), [peer])).rejects.toMatchObject({
        code: 'PEER_MISBEHAVED',
        message: 'odd answered with another number of blocks than asked.',
        details: { expected: '1 to 1', got, next: 'Ask another peer.' },
      })
    }
  })
})
