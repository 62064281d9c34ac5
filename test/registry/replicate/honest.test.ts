// Logs that are what they say they are, of every kind of entry: what comes is what was published, record for record.

import { expect, test } from 'vitest'
import { findHead } from '../../../src/log/index.ts'
import { checkLog, heldEntries } from '../../../src/registry/index.ts'
import { localSource } from '../../../src/resolve/index.ts'
import { openMemoryStore } from '../../../src/store/index.ts'
import { dump } from '../../support/copy-store.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { replicate } from '../../support/replicate.ts'

const LOG = ['head', 'entry', 'bundle', 'hash', 'index', 'claim', 'use']

async function logOf(store: TestPublisher['workspace']['store']): Promise<unknown> {
  const { blocks, records } = await dump(store)
  return { blocks, records: records.filter(({ table }) => LOG.includes(table)) }
}

async function openBusy(): Promise<TestPublisher> {
  const publisher = await openPublisher()
  for (let i = 0; i < 5; i++) {
    await publisher.publish(toolkit(`kit-${i % 2}`, `1.${i}.0`, 3, `Of ${i}.`))
  }
  return publisher
}

test('a log from nothing, and then what it has grown by', async () => {
  await using publisher = await openBusy()
  const store = openMemoryStore()
  expect(await replicate(store, publisher.source, publisher.id)).toBe('done')
  expect(await logOf(store)).toEqual(await logOf(publisher.workspace.store))
  expect(await replicate(store, publisher.source, publisher.id)).toBe('same')
  await publisher.publish(toolkit('kit-9', '1.0.0'), toolkit('kit-0', '9.0.0'))
  expect(await replicate(store, publisher.source, publisher.id)).toBe('done')
  expect(await logOf(store)).toEqual(await logOf(publisher.workspace.store))
  await checkLog(store, publisher.id)
})

test('in steps of any size, and cut after any of them', async () => {
  await using publisher = await openBusy()
  for (const step of [1, 2, 3, 4, 5]) {
    const store = openMemoryStore()
    let cuts = 0
    while (
      (await replicate(store, publisher.source, publisher.id, { step, steps: 1, take: 2 })) ===
      'cut'
    ) {
      cuts += 1
      expect(await findHead(store, publisher.id)).toBeUndefined()
      expect(await heldEntries(store, publisher.id)).toBe(cuts * step)
      await expect(localSource(store).entries(publisher.id, { start: 0, end: 1 })).rejects.toThrow(
        'does not hold',
      )
    }
    expect(cuts).toBe(Math.ceil(6 / step) - 1)
    expect(await logOf(store)).toEqual(await logOf(publisher.workspace.store))
    expect((await dump(store)).records.filter(({ table }) => table === 'partial')).toEqual([])
  }
})
