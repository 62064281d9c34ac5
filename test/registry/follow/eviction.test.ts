// Dropping logs: what goes, what stays because others need it, and what is never forgotten of a publisher whose log is gone.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cid, cidOf } from '../../../src/cid/index.ts'
import { canonicalBytes, utf8 } from '../../../src/lib/index.ts'
import { openDraft } from '../../../src/log/index.ts'
import { findAccount } from '../../../src/registry/follow/accounts.ts'
import { evictLog, finishEvictions } from '../../../src/registry/follow/evict.ts'
import { makeRoom } from '../../../src/registry/follow/make-room.ts'
import { openInterest } from '../../../src/registry/follow/stored-interest.ts'
import {
  checkLog,
  importFork,
  listForks,
  pull,
  revokeBlock,
  verifyName,
} from '../../../src/registry/index.ts'
import { listLacking } from '../../../src/registry/replicate/lack.ts'
import { type PublisherId, splitToolkit } from '../../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { dump } from '../../support/copy-store.ts'
import { followerOf } from '../../support/follower.ts'
import { makeForkBytes } from '../../support/fork-file.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { replicate } from '../../support/replicate.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const WEATHER = toolkit('com.alice/weather', '1.0.0')

let alice: TestPublisher
let bob: TestPublisher

beforeAll(async () => {
  alice = await openPublisher()
  bob = await openPublisher()
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) {
    await alice.publish({ ...WEATHER, version }, toolkit('com.alice/maps', version, 3))
  }
  // Word for word some of Alice’s tools, and one of his own.
  await bob.publish(toolkit('org.bob/weather', '1.0.0'), toolkit('org.bob/own', '1.0.0', 1, 'Own.'))
})
afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await bob[Symbol.asyncDispose]()
})

async function cidsIn(store: Store): Promise<ReadonlySet<Cid>> {
  return new Set(await Array.fromAsync(store.listBlocks()))
}

async function keysIn(store: Store): Promise<readonly string[]> {
  return (await dump(store)).records.map(({ table, key }) => `${table} ${key}`)
}

const about = (publisher: PublisherId) => (key: string) => key.includes(publisher)

describe('a log that goes', () => {
  test('frees what is its own, and leaves the rest as if it had never been there', async () => {
    const store = await followerOf(alice, bob)
    const evicted = await evictLog(store, alice.id, { now: NOW })
    expect(evicted).toMatchObject({ publisher: alice.id, entries: 7 })
    const only = await followerOf(bob)
    expect(await cidsIn(store)).toEqual(await cidsIn(only))
    const keys = await keysIn(store)
    expect(keys.filter(about(alice.id))).toEqual([`seen ${alice.id}`])
    expect(keys.filter((key) => !about(alice.id)(key))).toEqual(await keysIn(only))
    expect(await checkLog(store, bob.id)).toMatchObject({ size: 3 })
    expect((await verifyName(store, 'org.bob/weather', { publisher: bob.id })).tool).toBeUndefined()
  })

  test('is not here a second time', async () => {
    const store = await followerOf(alice)
    await evictLog(store, alice.id, { now: NOW })
    expect(await evictLog(store, alice.id, { now: NOW })).toBeUndefined()
    expect(await findAccount(store, alice.id)).toBeUndefined()
  })

  test('in pieces it comes to the same', async () => {
    const whole = await followerOf(alice, bob)
    const pieces = await followerOf(alice, bob)
    const a = await evictLog(whole, alice.id, { now: NOW })
    const b = await evictLog(pieces, alice.id, { now: NOW, piece: 2 })
    expect(b).toEqual(a)
    expect(await dump(pieces)).toEqual(await dump(whole))
  })

  test('a crash after any piece leaves no log, and what is left goes later', async () => {
    const whole = await followerOf(alice, bob)
    await evictLog(whole, alice.id, { now: NOW })
    for (const last of [1, 2, 3]) {
      const store = await followerOf(alice, bob)
      const cut = cutAfter(store, last)
      await expect(evictLog(cut, alice.id, { now: NOW, piece: 2 })).rejects.toThrow('cut')
      const keys = await keysIn(store)
      expect(keys.filter((key) => key === `head ${alice.id}`)).toEqual(
        keys.includes(`follow leaving/${alice.id}`) ? [] : [`head ${alice.id}`],
      )
      if (keys.includes(`head ${alice.id}`)) continue
      await finishEvictions(store)
      expect(await keysIn(store)).toEqual(await keysIn(whole))
      expect(await cidsIn(store)).toEqual(await cidsIn(whole))
    }
  })

  test('one that was fetched again over what was left is left alone', async () => {
    const store = await followerOf(alice)
    await store.commit({
      put: [{ table: 'follow', key: `leaving/${alice.id}`, value: utf8('{}') }],
    })
    await finishEvictions(store)
    expect(await checkLog(store, alice.id)).toMatchObject({ size: 7 })
    expect((await keysIn(store)).filter((key) => key.includes('leaving/'))).toEqual([])
  })
})

describe('what is never forgotten', () => {
  test('the floor, and the note behind it: an older log is a rollback afterwards', async () => {
    const older = await openPublisher()
    await older.publish(toolkit('com.older/x', '1.0.0'))
    const before = await followerOf(older)
    await older.publish(toolkit('com.older/x', '2.0.0'))
    const store = await followerOf(older)
    const floors = await store.listFloors()
    await evictLog(store, older.id, { now: NOW })
    expect(await store.listFloors()).toEqual(floors)
    const { localSource } = await import('../../../src/resolve/index.ts')
    const request = { reference: 'com.older/x', publisher: older.id }
    const peers = [peerOf(localSource(before))]
    const asked = pull({ ...older.workspace, store }, { ...request, peers })
    await expect(asked).rejects.toMatchObject({ code: 'ROLLBACK' })
    await older[Symbol.asyncDispose]()
  })

  test('a revocation, which holds for what is pulled later', async () => {
    const carol = await openPublisher()
    await carol.publish(toolkit('com.carol/bad', '1.0.0'))
    const { release } = splitToolkit(toolkit('com.carol/bad', '1.0.0'), carol.id)
    await revokeBlock(carol.workspace, release.cid, { reason: 'It leaks.' })
    const store = await followerOf(carol)
    await evictLog(store, carol.id, { now: NOW })
    expect((await keysIn(store)).filter(about(carol.id))).toEqual([
      `seen ${carol.id}`,
      `news ${carol.id}`,
    ])
    await carol[Symbol.asyncDispose]()
  })

  test('the proof of a fork', async () => {
    const store = await followerOf(alice)
    const { fork } = await importFork(store, await makeForkBytes())
    await evictLog(store, alice.id, { now: NOW })
    expect(await listForks(store)).toEqual([fork])
    expect((await store.hasBlocks([fork.fork]))[0]).toBe(true)
  })
})

test('a publisher that names the blocks of others takes none of them along', async () => {
  const mallory = await openPublisher()
  const { fork } = await importFork(mallory.workspace.store, await makeForkBytes())
  const [statement] = (await cidsIn(await followerOf(bob))) as unknown as [Cid]
  const claimed = [statement, fork.fork]
  const draft = await openDraft(mallory.workspace.store, mallory.id)
  for (const [i, subject] of claimed.entries()) {
    const entry = { kind: 'release', name: 'com.mallory/x', version: `1.0.${i}`, subject } as const
    await draft.add(entry, mallory.signing)
  }
  await mallory.workspace.store.commit(await draft.finish(mallory.log))
  const store = await followerOf(bob, mallory)
  // As a replication that looks at no kind would leave it.
  const value = utf8('com.mallory/x@1.0.0')
  const put = claimed.map((cid) => ({ table: 'use', key: `${cid}/${mallory.id}`, value }) as const)
  await store.commit({ put })
  expect(await evictLog(store, mallory.id, { now: NOW })).toMatchObject({ entries: 3 })
  expect(await store.hasBlocks(claimed)).toEqual([true, true])
  expect((await keysIn(store)).filter(about(mallory.id))).toEqual([`seen ${mallory.id}`])
  await mallory[Symbol.asyncDispose]()
})

test('bytes that are no tool go with the log that called them one', async () => {
  const mallory = await openPublisher()
  await mallory.publish(toolkit('com.mallory/x', '1.0.0'))
  const { store: own } = mallory.workspace
  const junk = utf8('{"_type":"x","kind":"fork/v1"}')
  const { release } = splitToolkit(toolkit('com.mallory/x', '1.1.0'), mallory.id)
  const listing = {
    ...JSON.parse(Buffer.from(release.bytes).toString()),
    tools: { junk: cidOf(junk) },
  }
  const bytes = canonicalBytes(listing)
  const draft = await openDraft(own, mallory.id)
  const subject = cidOf(bytes)
  await draft.add(
    { kind: 'release', name: 'com.mallory/x', version: '1.1.0', subject },
    mallory.signing,
  )
  const change = await draft.finish(mallory.log)
  const blocks = [subject, cidOf(junk)].map((cid, i) => ({ cid, bytes: i === 0 ? bytes : junk }))
  const put = blocks.map(({ cid }) => useRecordOf(cid, mallory.id))
  await own.commit({
    ...change,
    blocks: [...(change.blocks ?? []), ...blocks],
    put: [...(change.put ?? []), ...put],
  })
  const store = await followerOf(mallory)
  await evictLog(store, mallory.id, { now: NOW })
  expect([...(await cidsIn(store))]).toEqual([])
  await mallory[Symbol.asyncDispose]()
})

test('a log that was on its way goes as one that had arrived', async () => {
  const store = openMemoryStore()
  expect(await replicate(store, alice.source, alice.id, { take: 2, step: 2, steps: 2 })).toBe('cut')
  expect((await keysIn(store)).length).toBeGreaterThan(5)
  const interest = await openInterest(store)
  const { evicted } = await makeRoom(store, interest, { now: NOW })
  expect(evicted).toMatchObject([{ publisher: alice.id, entries: 4 }])
  expect(await keysIn(store)).toEqual([])
  expect([...(await cidsIn(store))]).toEqual([])
})

test('a block that somebody came to use at that very moment is asked for again', async () => {
  const store = await followerOf(alice)
  const [use] = await Array.fromAsync(store.listRecords('use'))
  const [cid = ''] = use?.key.split('/') ?? []
  let isDone = false
  const racing: Store = {
    ...store,
    commit: async (change) => {
      await store.commit(change)
      if (isDone || (change.drop ?? []).length === 0) return
      isDone = true
      await store.commit({ put: [useRecordOf(cid as Cid, bob.id)] })
    },
  }
  await evictLog(racing, alice.id, { now: NOW })
  expect(await Array.fromAsync(listLacking(store))).toMatchObject([{ cid, publisher: bob.id }])
})

function useRecordOf(cid: Cid, publisher: PublisherId) {
  return { table: 'use', key: `${cid}/${publisher}`, value: utf8('com.mallory/x@1.1.0') } as const
}

/** The store, which refuses every commit after so many. */
function cutAfter(store: Store, commits: number): Store {
  let count = 0
  return {
    ...store,
    commit: async (change) => {
      count++
      // Counting what it takes, and the note behind the floor, come first.
      if (count > commits + 2) throw new Error('cut')
      await store.commit(change)
    },
  }
}
