// Dropping logs: what goes, what stays because others need it, and what is never forgotten of a publisher whose log is gone.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cid } from '../../../src/cid/index.ts'
import { bytesOf, findAccount } from '../../../src/registry/follow/accounts.ts'
import { evictLog, finishEvictions } from '../../../src/registry/follow/evict.ts'
import { openInterest } from '../../../src/registry/follow/interest.ts'
import { makeRoom } from '../../../src/registry/follow/make-room.ts'
import { checkLog, follow, pull, revokeBlock, unfollow } from '../../../src/registry/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { dump } from '../../support/copy-store.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../../support/publisher.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const LATER = new Date('2026-11-21T15:00:00Z')

let alice: TestPublisher
let bob: TestPublisher

beforeAll(async () => {
  ;[alice, bob] = await Promise.all([openPublisher(), openPublisher()])
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) {
    await alice.publish(
      toolkit('com.alice/weather', version),
      toolkit('com.alice/maps', version, 3),
    )
  }
  // Word for word one of Alice’s tools, and some of his own.
  await bob.publish(
    toolkit('org.bob/weather', '1.0.0'),
    toolkit('org.bob/own', '1.0.0', 1, 'Bob’s.'),
  )
})
afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await bob[Symbol.asyncDispose]()
})

/** A follower who has these logs, as replication leaves them: everything but the publisher’s own settings and pins. */
async function nodeWith(...publishers: readonly TestPublisher[]): Promise<Store> {
  const store = openMemoryStore()
  for (const { workspace } of publishers) {
    const { blocks, records } = await dump(workspace.store)
    const put = records.filter(({ table }) => table !== 'self' && table !== 'pin')
    await store.commit({ blocks, put, floors: await workspace.store.listFloors() })
  }
  return store
}

async function cidsIn(store: Store): Promise<ReadonlySet<Cid>> {
  return new Set(await Array.fromAsync(store.listBlocks()))
}

async function recordsOf(store: Store, publisher: PublisherId): Promise<readonly string[]> {
  const { records } = await dump(store)
  return records.map(({ table, key }) => `${table} ${key}`).filter((key) => key.includes(publisher))
}

describe('a log that goes', () => {
  test('frees what is its own, and leaves a store as if it had never been there', async () => {
    const store = await nodeWith(alice, bob)
    const evicted = await evictLog(store, alice.id, { now: NOW })
    expect(evicted).toMatchObject({ publisher: alice.id, entries: 7 })
    const only = await nodeWith(bob)
    expect(await cidsIn(store)).toEqual(await cidsIn(only))
    expect(await recordsOf(store, alice.id)).toEqual([`seen ${alice.id}`])
    const rest = (await dump(store)).records.filter(({ key }) => !key.includes(alice.id))
    expect(rest.map(({ table, key }) => `${table} ${key}`)).toEqual(
      (await dump(only)).records.map(({ table, key }) => `${table} ${key}`),
    )
    expect(await checkLog(store, bob.id)).toMatchObject({ size: 3 })
  })

  test('the floor, and the note behind it, are kept', async () => {
    const store = await nodeWith(alice)
    const floors = await store.listFloors()
    expect(floors.length).toBe(1)
    await evictLog(store, alice.id, { now: NOW })
    expect(await store.listFloors()).toEqual(floors)
  })

  test('in pieces it comes to the same', async () => {
    const [whole, pieces] = [await nodeWith(alice, bob), await nodeWith(alice, bob)]
    const [a, b] = [
      await evictLog(whole, alice.id, { now: NOW }),
      await evictLog(pieces, alice.id, { now: NOW, piece: 2 }),
    ]
    expect(b).toEqual(a)
    expect(await dump(pieces)).toEqual(await dump(whole))
  })
})
