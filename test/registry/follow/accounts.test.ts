// What a log takes: its content to the byte, each block once, whether it is counted at once or as it grows.

import { expect, test } from 'vitest'
import { bytesOf, findAccount } from '../../../src/registry/follow/accounts.ts'
import { dump } from '../../support/copy-store.ts'
import { bringLog, followerOf } from '../../support/follower.ts'
import { openPublisher, toolkit } from '../../support/publisher.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const RECORDS = 1_024

test('statements, bundles, releases and tools, each once, and a kibibyte an entry', async () => {
  await using alice = await openPublisher()
  const store = await followerOf()
  expect(await bytesOf(store, alice.id, NOW)).toBe(0)
  // The second version takes both tools over, the third one of them.
  const steps = [
    [toolkit('com.alice/a', '1.0.0'), toolkit('com.alice/b', '1.0.0', 1, 'Other.')],
    [toolkit('com.alice/a', '1.1.0')],
    [toolkit('com.alice/a', '2.0.0', 1), toolkit('com.alice/b', '2.0.0', 1, 'Another.')],
  ]
  for (const toolkits of steps) {
    await alice.publish(...toolkits)
    await bringLog(store, alice)
    const { blocks, records } = await dump(store)
    const content = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const bundles = records.filter(({ table }) => table === 'bundle')
    const signed = bundles.reduce((sum, { value }) => sum + value.length, 0)
    const bytes = await bytesOf(store, alice.id, NOW)
    expect(bytes).toBe(content + signed + RECORDS * bundles.length)
    expect(await findAccount(store, alice.id)).toMatchObject({ bytes, entries: bundles.length })
    const fresh = await followerOf(alice)
    expect(await bytesOf(fresh, alice.id, NOW)).toBe(bytes)
  }
})

test('what has not grown is not read again, nor counted as used', async () => {
  await using alice = await openPublisher()
  const store = await followerOf(alice)
  await bytesOf(store, alice.id, NOW)
  let reads = 0
  const findBlocks: typeof store.findBlocks = (cids) => {
    reads++
    return store.findBlocks(cids)
  }
  await bytesOf({ ...store, findBlocks }, alice.id, new Date(NOW.getTime() + 1))
  expect(reads).toBe(0)
  expect((await findAccount(store, alice.id))?.used).toBe(NOW.getTime())
})
