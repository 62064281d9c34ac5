// What an earlier start has read is not read again before somebody looks. A record that says so wrongly changes when a fault is told, never
// whether.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { isRegistryError, utf8 } from '../../../src/lib/index.ts'
import { pull } from '../../../src/registry/index.ts'
import { soundKey } from '../../../src/registry/start/known-sound.ts'
import { loadLocked } from '../../../src/registry/start/load-locked.ts'
import type { LoadedTool } from '../../../src/registry/start/types.ts'
import { EMPTY_LOCK, type Lock, lockRelease, withLocked } from '../../../src/resolve/index.ts'
import { openMemoryStore, type Store, type StoredRecord } from '../../../src/store/index.ts'
import { parsePolicy } from '../../../src/trust/policy/index.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../../support/publisher.ts'

const NAME = 'com.example/weather'

let alice: TestPublisher
beforeAll(async () => {
  alice = await openPublisher()
  await alice.publish(toolkit(NAME, '1.0.0', 3))
})
afterAll(() => alice[Symbol.asyncDispose]())

function policy() {
  return parsePolicy(
    `version = 1\nquorum = "none"\n[[publisher]]\nnamespace = "com.example"\nid = "${alice.id}"\ntools = ["com.example/*"]\n`,
  )
}

async function fetched(): Promise<{ readonly store: Store; readonly lock: Lock }> {
  const store = openMemoryStore()
  const workspace = { ...alice.workspace, store }
  const asked = { reference: NAME, peers: [peerOf(alice.source)], publisher: alice.id }
  const { release } = await pull(workspace, asked)
  const cids = new Map(release.tools.map(({ name, cid }) => [name, { by: 'bob', cid }]))
  const locked = lockRelease(release, (name) => cids.get(name))
  return { store, lock: { ...withLocked(EMPTY_LOCK, release, locked), policy: policy().digest } }
}

function start(store: Store, lock: Lock): Promise<readonly LoadedTool[]> {
  return loadLocked(store, { lock, policy: policy(), quorum: undefined, now: new Date() })
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
  return { ...lock, releases: new Map([[name, { ...locked, tools }]]) }
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
  await store.commit({ put: [{ ...soundKey({ name, locked }), value: utf8('1') }] })
  const [first, second] = await start(store, mistaken(lock))
  expect(refusalOf(() => first?.tool)).toEqual(REFUSED)
  expect(refusalOf(() => first?.tool)).toEqual(REFUSED)
  expect(second?.tool.name).toBe('tool_1')
})

test('another value under its key is no word of ours', async () => {
  const { store, lock } = await fetched()
  const [[name, locked] = []] = mistaken(lock).releases
  if (!name || !locked) throw new Error('nothing is locked')
  await store.commit({ put: [{ ...soundKey({ name, locked }), value: utf8('2') }] })
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
