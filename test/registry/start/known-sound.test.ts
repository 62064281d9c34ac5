// What an earlier start has read is not read again before somebody looks. A record that says so wrongly changes when a fault is told, never
// whether.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { cidOf } from '../../../src/cid/index.ts'
import { isRegistryError, utf8 } from '../../../src/lib/index.ts'
import { pull } from '../../../src/registry/index.ts'
import { soundKey } from '../../../src/registry/start/known-sound.ts'
import { loadLocked } from '../../../src/registry/start/load-locked.ts'
import type { LoadedTool } from '../../../src/registry/start/types.ts'
import { EMPTY_LOCK, type Lock, lockRelease, withLocked } from '../../../src/resolve/index.ts'
import {
  openMemoryStore,
  type RecordKey,
  type Store,
  type StoredRecord,
} from '../../../src/store/index.ts'
import { parsePolicy } from '../../../src/trust/policy/index.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../../support/publisher.ts'

const NAME = 'com.example/weather'
const OTHER = 'com.example/zone'

let alice: TestPublisher
beforeAll(async () => {
  alice = await openPublisher()
  await alice.publish(toolkit(NAME, '1.0.0', 3))
  await alice.publish(toolkit(OTHER, '1.0.0', 2))
})
afterAll(() => alice[Symbol.asyncDispose]())

function policy() {
  return parsePolicy(
    `version = 1\nquorum = "none"\n[[publisher]]\nnamespace = "com.example"\nid = "${alice.id}"\ntools = ["com.example/*"]\n`,
  )
}

async function fetched(
  names: readonly string[] = [NAME],
): Promise<{ readonly store: Store; readonly lock: Lock }> {
  const store = openMemoryStore()
  const workspace = { ...alice.workspace, store }
  let lock = EMPTY_LOCK
  for (const reference of names) {
    const asked = { reference, peers: [peerOf(alice.source)], publisher: alice.id }
    const { release } = await pull(workspace, asked)
    const cids = new Map(release.tools.map(({ name, cid }) => [name, { by: 'bob', cid }]))
    const locked = lockRelease(release, (name) => cids.get(name))
    lock = withLocked(lock, release, locked)
  }
  return { store, lock: { ...lock, policy: policy().digest } }
}

function start(store: Store, lock: Lock): Promise<readonly LoadedTool[]> {
  const request = { lock, policy: policy(), quorum: undefined, now: new Date() }
  // Toolkits of the same make have tools of the same names.
  return loadLocked(store, { ...request, names: lock.releases.size > 1 ? 'prefixed' : 'plain' })
}

async function kept(store: Store): Promise<readonly StoredRecord[]> {
  return await Array.fromAsync(store.listRecords('verdict'))
}

/** The lock with another surface under one of its tools. */
function mistaken(lock: Lock): Lock {
  const [[name, locked] = []] = lock.releases
  const [[tool, first] = []] = locked?.tools ?? []
  if (!name || !locked || !tool || !first) throw new Error('nothing is locked')
  const tools = new Map(locked.tools).set(tool, { ...first, surface: `sha256-${'0'.repeat(64)}` })
  return { ...lock, releases: new Map([...lock.releases, [name, { ...locked, tools }]]) }
}

function refusalOf(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return isRegistryError(error) ? [error.code, error.message] : error
  }
}

const REFUSED = [
  'LOCK_MISMATCH',
  `What a model would see of tool_0 in ${NAME}@1.0.0 is not what the lockfile says.`,
]

test('the second start answers what the first one did, and writes nothing', async () => {
  const { store, lock } = await fetched()
  const first = await start(store, lock)
  const records = await kept(store)
  expect(records).toHaveLength(1)
  const commits: unknown[] = []
  const watched = { ...store, commit: async (change: unknown) => void commits.push(change) }
  const second = await start(watched, lock)
  expect(second).toEqual(first)
  expect(JSON.parse(JSON.stringify(second))).toEqual(JSON.parse(JSON.stringify(first)))
  expect(second[0]?.tool).toBe(second[0]?.tool)
  expect(Object.isFrozen(second[0]?.tool.inputSchema)).toBe(true)
  expect({ ...second[0] }.tool).toEqual(first[0]?.tool)
  expect(commits).toEqual([])
})

test('one record speaks of a whole lock; where one release is another, those of each are asked', async () => {
  const { store, lock } = await fetched([NAME, OTHER])
  const first = await start(store, lock)
  expect(await kept(store)).toHaveLength(3)
  const asked: RecordKey[] = []
  const watched: Store = {
    ...store,
    findRecords: (keys) => {
      asked.push(...keys.filter(({ table }) => table === 'verdict'))
      return store.findRecords(keys)
    },
  }
  const releases = [...lock.releases].map(([name, locked]) => ({ name, locked }))
  expect(await start(watched, lock)).toEqual(first)
  expect(asked).toEqual([soundKey(releases)])
  // Of the other one it is still known: nothing new is kept of a lock without the first.
  await expect(start(store, mistaken(lock))).rejects.toThrow(REFUSED[1])
  await start(store, { ...lock, releases: new Map([...lock.releases].slice(1)) })
  expect(await kept(store)).toHaveLength(3)
  // In another order it is another lock, and both releases are known.
  await start(store, { ...lock, releases: new Map([...lock.releases].toReversed()) })
  expect(await kept(store)).toHaveLength(4)
})

test('releases next to each other are not another release', () => {
  const one = (name: string, tools: readonly string[]): Parameters<typeof soundKey>[0][number] => {
    const cid = cidOf(utf8('one'))
    const surface = `sha256-${'0'.repeat(64)}`
    const log = { index: 1, size: 2, root: '0'.repeat(64) }
    const rest = { version: '1.0.0', release: cid, statement: cid, publisher: alice.id, log }
    return {
      name,
      locked: { ...rest, tools: new Map(tools.map((tool) => [tool, { cid, surface }])) },
    }
  }
  const lists = [
    [one('a.b/c', ['x', 'y'])],
    [one('a.b/c', ['x']), one('a.b/d', ['y'])],
    [one('a.b/c', ['x']), one('a.b/c', ['y'])],
    [one('a.b/d', ['x']), one('a.b/c', ['y'])],
    [one('a.b/c', ['x'])],
  ]
  expect(new Set(lists.map((list) => soundKey(list).key)).size).toBe(lists.length)
})

test('what was found of one lock says nothing of another', async () => {
  const { store, lock } = await fetched()
  await start(store, lock)
  const error = await start(store, mistaken(lock)).catch((cause: unknown) => cause)
  expect(isRegistryError(error) && [error.code, error.message]).toEqual(REFUSED)
  expect(await kept(store)).toHaveLength(1)
})

test('a record that says what is not so is found out when somebody looks', async () => {
  const { store, lock } = await fetched()
  const [[name, locked] = []] = mistaken(lock).releases
  if (!name || !locked) throw new Error('nothing is locked')
  await store.commit({ put: [{ ...soundKey([{ name, locked }]), value: utf8('1') }] })
  const [first, second] = await start(store, mistaken(lock))
  expect(refusalOf(() => first?.tool)).toEqual(REFUSED)
  expect(refusalOf(() => first?.tool)).toEqual(REFUSED)
  expect(second?.tool.name).toBe('tool_1')
})

test('another value under its key is no word of ours', async () => {
  const { store, lock } = await fetched()
  const [[name, locked] = []] = mistaken(lock).releases
  if (!name || !locked) throw new Error('nothing is locked')
  await store.commit({ put: [{ ...soundKey([{ name, locked }]), value: utf8('2') }] })
  await expect(start(store, mistaken(lock))).rejects.toThrow(REFUSED[1])
})

test('bytes are hashed at every start', async () => {
  const { store, lock } = await fetched()
  await start(store, lock)
  const asked: string[] = []
  const watched: Store = {
    ...store,
    findBlocks: (cids) => {
      asked.push(...cids)
      return store.findBlocks(cids)
    },
  }
  await start(watched, lock)
  const [locked] = lock.releases.values()
  const cids = [locked?.release, ...[...(locked?.tools.values() ?? [])].map(({ cid }) => cid)]
  expect(asked.toSorted()).toEqual(cids.toSorted())
})

test('a store that takes nothing keeps nobody from starting', async () => {
  const { store, lock } = await fetched()
  const { RegistryError } = await import('../../../src/lib/index.ts')
  const full: Store = {
    ...store,
    commit: () => Promise.reject(new RegistryError('STORE_UNAVAILABLE', 'The disk is full.')),
  }
  expect(await start(full, lock)).toHaveLength(3)
})
