// A log is being brought here while another goes, or it goes itself: whatever comes first, no log names blocks that are neither here nor asked for.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evictLog } from '../../../src/registry/follow/evict.ts'
import { checkLog, type Replication } from '../../../src/registry/index.ts'
import { listLacking } from '../../../src/registry/replicate/lack.ts'
import type { Store } from '../../../src/store/index.ts'
import { followerOf } from '../../support/follower.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { openFrom, replicate, takeSome } from '../../support/replicate.ts'

const NOW = new Date('2026-11-21T12:00:00Z')

let alice: TestPublisher
let bob: TestPublisher

beforeAll(async () => {
  alice = await openPublisher()
  bob = await openPublisher()
  await alice.publish(toolkit('com.alice/x', '1.0.0'), toolkit('com.alice/x', '1.0.1', 3, 'More.'))
  // Word for word the same tools.
  await bob.publish(toolkit('org.bob/y', '1.0.0'), toolkit('org.bob/y', '1.0.1', 3, 'More.'))
})
afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await bob[Symbol.asyncDispose]()
})

async function open(store: Store): Promise<Replication> {
  const opened = await openFrom(store, alice.source, alice.id)
  if (opened.kind !== 'open') throw new Error(opened.kind)
  return opened.replication
}

/** Blocks that Alice’s log names, and that are neither here nor known to be missing. */
async function forgotten(store: Store): Promise<readonly string[]> {
  const named = await Array.fromAsync(alice.workspace.store.listBlocks())
  const held = await store.hasBlocks(named)
  const lacking = (await Array.fromAsync(listLacking(store))).map(({ cid }) => cid)
  const own: string[] = []
  for await (const { key } of store.listRecords('use')) {
    if (key.endsWith(`/${alice.id}`)) own.push(key.slice(0, key.indexOf('/')))
  }
  return named.filter((cid, i) => held[i] !== true && own.includes(cid) && !lacking.includes(cid))
}

/** Evicts Bob’s log in the middle of the commit. */
function evictingAt(store: Store, when: 'before' | 'after'): Store {
  let isDone = false
  return {
    ...store,
    commit: async (change) => {
      const isHead = (change.put ?? []).some(({ key }) => key === alice.id)
      const evict = async (): Promise<void> => {
        if (!isHead || isDone) return
        isDone = true
        await evictLog(store, bob.id, { now: NOW })
      }
      if (when === 'before') await evict()
      await store.commit(change)
      if (when === 'after') await evict()
    },
  }
}

describe('the log whose tools were here goes', () => {
  test('after they were counted on', async () => {
    const store = await followerOf(bob)
    const replication = await open(store)
    while (replication.from < replication.to) {
      await takeSome(replication, alice.source, replication.to, 64)
    }
    await evictLog(store, bob.id, { now: NOW })
    expect(await replication.commit()).toBe('done')
    expect(await forgotten(store)).toEqual([])
    expect(await Array.fromAsync(listLacking(store))).toHaveLength(5)
  })

  test.each(['before', 'after'] as const)('in the very moment %s the commit', async (when) => {
    const store = await followerOf(bob)
    const replication = await open(evictingAt(store, when))
    while (replication.from < replication.to) {
      await takeSome(replication, alice.source, replication.to, 64)
    }
    expect(await replication.commit()).toBe('done')
    expect(await forgotten(store)).toEqual([])
    expect(await checkLog(store, alice.id)).toMatchObject({ size: 3 })
  })

  test('between two steps', async () => {
    const store = await followerOf(bob)
    expect(await replicate(store, alice.source, alice.id, { take: 2, step: 2, steps: 1 })).toBe(
      'cut',
    )
    await evictLog(store, bob.id, { now: NOW })
    expect(await replicate(store, alice.source, alice.id)).toBe('done')
    expect(await forgotten(store)).toEqual([])
  })
})

describe('the log itself goes', () => {
  test('while more of it is on its way: nothing is committed over what is gone, and it can come again', async () => {
    const store = await followerOf(alice)
    await alice.publish(toolkit('com.alice/x', '1.0.2', 1, 'Again.'))
    const replication = await open(store)
    await takeSome(replication, alice.source, replication.to, 64)
    await evictLog(store, alice.id, { now: NOW })
    await expect(replication.commit()).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await replicate(store, alice.source, alice.id)).toBe('done')
    expect(await forgotten(store)).toEqual([])
    expect(await checkLog(store, alice.id)).toMatchObject({ size: 4 })
  })

  test('while it comes anew, over what was not yet taken away', async () => {
    const store = await followerOf(alice)
    const replications: Replication[] = []
    const watching: Store = {
      ...store,
      commit: async (change) => {
        await store.commit(change)
        const isFirst = (change.remove ?? []).some(({ table }) => table === 'head')
        if (!isFirst) return
        const replication = await open(store)
        while (replication.from < replication.to) {
          await takeSome(replication, alice.source, replication.to, 64)
        }
        replications.push(replication)
      },
    }
    await evictLog(watching, alice.id, { now: NOW, piece: 1 })
    expect(await replications[0]?.commit()).toBe('done')
    expect(await forgotten(store)).toEqual([])
    expect(await checkLog(store, alice.id)).toMatchObject({ size: 4 })
  })
})
