// Publishers with real keys and logs, put into a node's store as if it had replicated them.

import type { PublisherId } from '../../../src/spec/index.ts'
import type { Store, Table } from '../../../src/store/index.ts'
import { dump } from '../../support/copy-store.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'

const TABLES: readonly Table[] = ['head', 'entry', 'bundle', 'hash', 'index', 'claim', 'use']

export interface TestLog {
  readonly id: PublisherId
  readonly publisher: TestPublisher
  /** One release of each version, of as many tools. */
  publish(...versions: readonly string[]): Promise<void>
}

export async function makePublishers(count: number, tools = 1): Promise<readonly TestLog[]> {
  const logs: TestLog[] = []
  for (let i = 0; i < count; i += 1) {
    const publisher = await openPublisher()
    const publish = (...versions: readonly string[]): Promise<void> =>
      publisher.publish(
        ...versions.map((version) => toolkit(`kit-${i}`, version, tools, `From ${i}, ${version}.`)),
      )
    await publish('1.0.0')
    logs.push({ id: publisher.id, publisher, publish })
  }
  return logs
}

export async function copyInto(store: Store, { id, publisher }: TestLog): Promise<void> {
  const { blocks, records } = await dump(publisher.workspace.store)
  const put = records.filter(({ table }) => TABLES.includes(table))
  const stale: { readonly table: Table; readonly key: string }[] = []
  const kept = new Set(put.map(({ table, key }) => `${table} ${key}`))
  for await (const { key } of store.listRecords('index', { prefix: `${id}/` })) {
    if (!kept.has(`index ${key}`)) stale.push({ table: 'index', key })
  }
  await store.commit({ blocks, put, remove: stale })
}
