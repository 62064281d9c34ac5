// The disk as a kill would leave it, before and after each commit: what is visible is whole, and what was committed is not fetched again.

import { expect, test } from 'vitest'
import { findHead } from '../../../src/log/index.ts'
import { checkLog, heldEntries, verifyName } from '../../../src/registry/index.ts'
import type { Source } from '../../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { copyStore, dump } from '../../support/copy-store.ts'
import { openPublisher, toolkit } from '../../support/publisher.ts'
import { replicate } from '../../support/replicate.ts'

/** Copies of the store before its first commit, and after each. */
function watched(store: Store, copies: Store[]): Store {
  return {
    ...store,
    commit: async (change) => {
      if (copies.length === 0) copies.push(await copyStore(store))
      await store.commit(change)
      copies.push(await copyStore(store))
    },
  }
}

function counting(source: Source, fetched: { entries: number[]; blocks: string[] }): Source {
  return {
    ...source,
    entries: async (publisher, { start, end }) => {
      for (let seq = start; seq < end; seq++) fetched.entries.push(seq)
      return await source.entries(publisher, { start, end })
    },
    blocks: async (cids) => {
      fetched.blocks.push(...cids)
      return await source.blocks(cids)
    },
  }
}

test.each([0, 3])('a kill at any moment, with %i entries held', async (held) => {
  await using publisher = await openPublisher()
  const base = openMemoryStore()
  for (let i = 0; i < 9; i++) {
    if (held > 0 && i === held - 1) await replicate(base, publisher.source, publisher.id)
    await publisher.publish(toolkit(`kit-${i % 3}`, `1.${i}.0`, 2, `Of ${i}.`))
  }
  const copies: Store[] = []
  const whole = await copyStore(base)
  await replicate(watched(whole, copies), publisher.source, publisher.id, { step: 2, take: 2 })
  expect(copies.length).toBe(1 + Math.ceil((10 - held) / 2))
  for (const [i, copy] of copies.entries()) {
    const head = await findHead(copy, publisher.id)
    const isDone = i === copies.length - 1
    expect(head?.size ?? 0).toBe(isDone ? 10 : held)
    if (head !== undefined) {
      await checkLog(copy, publisher.id)
      await expect(verifyName(copy, `${publisher.id}/kit-0`)).resolves.toBeDefined()
    }
    const from = await heldEntries(copy, publisher.id)
    const blocks = new Set((await dump(copy)).blocks.map(({ cid }) => String(cid)))
    const fetched = { entries: [] as number[], blocks: [] as string[] }
    await replicate(copy, counting(publisher.source, fetched), publisher.id, { step: 3 })
    expect(fetched.entries.filter((seq) => seq < from)).toEqual([])
    expect(fetched.blocks.filter((cid) => blocks.has(cid))).toEqual([])
    expect(await dump(copy)).toEqual(await dump(whole))
  }
})

test('two at once: the later commit is refused, and nothing is lost', async () => {
  await using publisher = await openPublisher()
  await publisher.publish(toolkit('kit', '1.0.0'), toolkit('kit', '1.1.0'))
  const store = openMemoryStore()
  const runs = [1, 1].map((step) => replicate(store, publisher.source, publisher.id, { step }))
  const ends = await Promise.allSettled(runs)
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await checkLog(store, publisher.id)
  expect(await replicate(store, publisher.source, publisher.id)).toBe('same')
})
