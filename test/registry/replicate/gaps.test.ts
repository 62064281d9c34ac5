// Blocks that a peer has not got, that are not what their log says, and that are to be forgotten: the log goes on without them.

import { expect, test } from 'vitest'
import { blockOf, type Cid, cidOf } from '../../../src/cid/index.ts'
import { utf8 } from '../../../src/lib/index.ts'
import {
  checkLog,
  giveLacking,
  listLacking,
  settleLacking,
  tombstone,
  verifyName,
} from '../../../src/registry/index.ts'
import type { Source } from '../../../src/resolve/index.ts'
import { splitToolkit } from '../../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { rejectionOf } from '../../log/helpers.ts'
import { dump } from '../../support/copy-store.ts'
import { forgeLog, forgeryOf } from '../../support/forged-log.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { replicate } from '../../support/replicate.ts'

const KIT = toolkit('kit', '1.0.0', 3)
const NEXT = toolkit('kit', '2.0.0', 2, 'Other words.')

async function openTwo(): Promise<TestPublisher> {
  const publisher = await openPublisher()
  await publisher.publish(KIT, NEXT)
  return publisher
}

/** Without what `isMissing` says. */
function without(source: Source, isMissing: (cid: Cid) => boolean): Source {
  return {
    ...source,
    blocks: async (cids) =>
      (await source.blocks(cids)).map((b, i) => (isMissing(cids[i] as Cid) ? undefined : b)),
  }
}

async function lackingIn(store: Store): Promise<readonly Cid[]> {
  return (await Array.fromAsync(listLacking(store))).map(({ cid }) => cid)
}

const tables = async (store: Store) => {
  const { blocks, records } = await dump(store)
  return {
    blocks,
    records: records.filter(({ table }) => table !== 'self' && table !== 'pin' && table !== 'seen'),
  }
}

test('a log without its blocks, which come later, in any order, from others', async () => {
  await using publisher = await openTwo()
  for (const step of [1, 100]) {
    const store = openMemoryStore()
    expect(
      await replicate(
        store,
        without(publisher.source, () => true),
        publisher.id,
        { step },
      ),
    ).toBe('done')
    await checkLog(store, publisher.id)
    const releases = await lackingIn(store)
    expect(releases).toHaveLength(2)
    for (const cid of releases.toReversed()) {
      const blocks = await publisher.source.blocks([cid])
      await giveLacking(store, blocks as Uint8Array[])
    }
    expect(await rejectionOf(() => giveLacking(store, [utf8('{}')]))).toMatch(
      /^HASH_MISMATCH: This block is none that was asked for\. expected bytes that hash to a CID that was asked for; got bafkrei/,
    )
    const tools = await lackingIn(store)
    expect(tools).toHaveLength(5)
    await giveLacking(store, (await publisher.source.blocks(tools)) as Uint8Array[])
    expect(await lackingIn(store)).toEqual([])
    const own = await tables(publisher.workspace.store)
    expect(await tables(store)).toEqual(own)
    await expect(verifyName(store, `${publisher.id}/kit`)).resolves.toBeDefined()
  }
})

test('blocks that came meanwhile for another log are lacking no more, and bring what they list', async () => {
  await using publisher = await openTwo()
  const store = openMemoryStore()
  const bare = without(publisher.source, () => true)
  await replicate(store, bare, publisher.id)
  const releases = await lackingIn(store)
  expect(await settleLacking(store, releases)).toEqual(releases)
  for (let asked = releases; asked.length > 0; ) {
    const blocks = (await publisher.source.blocks(asked)) as Uint8Array[]
    await store.commit({ blocks: blocks.map((bytes) => ({ cid: cidOf(bytes), bytes })) })
    expect(await lackingIn(store)).toEqual(expect.arrayContaining([...asked]))
    // Two sessions at once: one of them does it.
    const both = await Promise.all([settleLacking(store, asked), settleLacking(store, asked)])
    asked = [...new Set(both.flat())]
  }
  expect(await lackingIn(store)).toEqual([])
  expect(await tables(store)).toEqual(await tables(publisher.workspace.store))
})

test('blocks that come a step late are lacking for no longer than that', async () => {
  await using publisher = await openTwo()
  const store = openMemoryStore()
  const { openFrom } = await import('../../support/replicate.ts')
  const opened = await openFrom(store, publisher.source, publisher.id)
  if (opened.kind !== 'open') throw new Error(opened.kind)
  const { replication } = opened
  const read = (start: number, end: number) =>
    publisher.source.entries(publisher.id, { start, end })
  const wanted = await replication.take(await read(0, 2))
  await replication.commit(await publisher.source.consistency(publisher.id, { from: 2, to: 3 }))
  expect(await lackingIn(store)).toEqual(wanted)
  const more = await replication.take(await read(2, 3))
  let next: readonly Cid[] = [...wanted, ...more]
  while (next.length > 0)
    next = await replication.give(
      (await publisher.source.blocks(next)).flatMap((block) => (block ? blockOf(block) : [])),
    )
  expect(await replication.commit()).toBe('done')
  expect(await lackingIn(store)).toEqual([])
  expect(await tables(store)).toEqual(await tables(publisher.workspace.store))
  expect(await rejectionOf(() => replication.commit())).toMatch(
    /^CLOSED: The log from this node has been fetched/,
  )
})

test('a release that is not what its log says is asked of nobody, and the rest of the log goes on', async () => {
  await using publisher = await openPublisher()
  const [bad, good] = [forgeryOf(publisher, KIT), forgeryOf(publisher, NEXT)]
  const other = splitToolkit(toolkit('kit', '9.0.0'), publisher.id)
  const source = await forgeLog(publisher, [
    { ...bad, release: other.release.bytes },
    { ...good, release: utf8('{}') },
  ])
  const store = openMemoryStore()
  expect(await replicate(store, source, publisher.id)).toBe('done')
  await checkLog(store, publisher.id)
  expect(await lackingIn(store)).toEqual([])
  const lacks = (await dump(store)).records.filter(({ table }) => table === 'lack')
  const faults = new Map(
    lacks.map(({ key, value }) => [key, JSON.parse(Buffer.from(value).toString()).fault]),
  )
  expect(faults.get(cidOf(other.release.bytes))).toBe('SUBJECT_MISMATCH')
  expect(faults.get(cidOf(utf8('{}')))).toBe('DOCUMENT_INVALID')
  expect(await store.hasBlocks([cidOf(other.release.bytes), cidOf(utf8('{}'))])).toEqual([
    false,
    false,
  ])
})

test('what is tombstoned is not asked for, and goes where it is held', async () => {
  await using publisher = await openTwo()
  const before = openMemoryStore()
  await replicate(before, publisher.source, publisher.id)
  const { release } = splitToolkit(KIT, publisher.id)
  await tombstone(publisher.workspace, release.cid, { reason: 'A secret in it.' })
  for (const step of [1, 100]) {
    const store = openMemoryStore()
    const asked: Cid[] = []
    const source: Source = {
      ...publisher.source,
      blocks: async (cids) => {
        asked.push(...cids)
        return await publisher.source.blocks(cids)
      },
    }
    expect(await replicate(store, source, publisher.id, { step })).toBe('done')
    expect(asked.includes(release.cid)).toBe(step === 1)
    expect(await lackingIn(store)).toEqual([])
    expect(await store.hasBlocks([release.cid])).toEqual([false])
  }
  expect(await before.hasBlocks([release.cid])).toEqual([true])
  await replicate(before, publisher.source, publisher.id)
  expect(await before.hasBlocks([release.cid])).toEqual([false])
  await checkLog(before, publisher.id)
})
