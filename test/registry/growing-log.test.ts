// Reading a log while somebody publishes to it: every answer is true of some moment, and none is an error.

import { describe, expect, it } from 'vitest'
import {
  checkLog,
  claim,
  listReleases,
  showPublisher,
  verifyName,
  yank,
} from '../../src/registry/index.ts'
import type { Store, Table } from '../../src/store/index.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'

/** The publisher's store, which publishes once more before each of the first `times` reads of a table. */
function growing(publisher: TestPublisher, table: Table, times: number): Store {
  const { store } = publisher.workspace
  let left = times
  return {
    ...store,
    findRecords: async (keys) => {
      if (left > 0 && keys.some((key) => key.table === table)) {
        left -= 1
        await publisher.publish(toolkit(`more-${left}`, '1.0.0'))
      }
      return store.findRecords(keys)
    },
  }
}

async function openHello(): Promise<TestPublisher> {
  const publisher = await openPublisher()
  await publisher.publish(toolkit('hello', '1.0.0'))
  return publisher
}

describe('a log that grows under its readers', () => {
  // Four is as often as a reader tries before it takes its turn among the publishers.
  it.each([1, 2, 4])('is listed, after %i surprises', async (times) => {
    await using publisher = await openHello()
    const held = await Array.fromAsync(listReleases(growing(publisher, 'index', times)))
    expect(held.map(({ name }) => name)).toContain(`${publisher.id}/hello`)
  })

  it.each([1, 2, 4])('is verified, after %i surprises', async (times) => {
    await using publisher = await openHello()
    const name = `${publisher.id}/hello`
    const { release } = await verifyName(growing(publisher, 'index', times), name)
    expect(release.entry.version).toBe('1.0.0')
  })

  it('is not taken for one that has lost its newest entries', async () => {
    await using publisher = await openHello()
    const { size } = await checkLog(growing(publisher, 'entry', 1), publisher.id)
    expect(size).toBe(2)
  })
})

describe('a log that grows under whoever looks at it', () => {
  it.each([1, 2, 4])('shows its publisher, after %i surprises', async (times) => {
    for (const table of ['head', 'index'] as const) {
      await using publisher = await openHello()
      await claim(publisher.workspace, 'com.acme')
      const store = growing(publisher, table, times)
      const shown = await showPublisher({ ...publisher.workspace, store }, publisher.id)
      expect(shown.claims).toHaveLength(1)
      const held = await Array.fromAsync(listReleases(growing(publisher, table, times)))
      expect(held.map(({ name }) => name)).toContain(`${publisher.id}/hello`)
    }
  })

  it('is said something more', async () => {
    for (const table of ['head', 'index'] as const) {
      await using publisher = await openHello()
      await claim(publisher.workspace, 'com.acme')
      const store = growing(publisher, table, 1)
      const workspace = { ...publisher.workspace, store }
      const act = yank(workspace, `${publisher.id}/hello@1.0.0`, {})
      expect((await act).kind).toBe('appended')
      await checkLog(publisher.workspace.store, publisher.id)
    }
  })
})

describe('a log whose statements are read as other bytes than their names say', () => {
  it('is not taken for the one that was signed', async () => {
    await using publisher = await openHello()
    const { store } = publisher.workspace
    const swapped: Store = {
      ...store,
      // Against the contract: whoever reads hashed entries relies on it, and yet the signatures and the tree are over the bytes.
      findBlocks: async (cids) =>
        (await store.findBlocks(cids)).map((bytes) =>
          bytes === undefined
            ? undefined
            : Buffer.from(
                Buffer.from(bytes).toString('latin1').replace('"1.0.0"', '"1.0.1"'),
                'latin1',
              ),
        ),
    }
    await expect(checkLog(swapped, publisher.id)).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    expect((await checkLog(store, publisher.id)).size).toBe(2)
  })
})
