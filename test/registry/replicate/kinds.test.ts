// A log that says everything a log can say, in which all keys change: copied entry by entry, it is the same log.

import { expect, test } from 'vitest'
import { findHead } from '../../../src/log/index.ts'
import {
  checkLog,
  claim,
  delegate,
  deprecate,
  listLog,
  revokeBlock,
  rotate,
  tombstone,
  yank,
} from '../../../src/registry/index.ts'
import { openMemoryStore } from '../../../src/store/index.ts'
import { dump } from '../../support/copy-store.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { replicate } from '../../support/replicate.ts'

/** Not `use`: what only a tombstoned release says of its tools is nobody's to know any more. */
const LOG = ['head', 'entry', 'bundle', 'hash', 'index', 'claim', 'lack', 'partial']

async function logOf(store: TestPublisher['workspace']['store']): Promise<unknown> {
  const { records } = await dump(store)
  return records.filter(({ table }) => LOG.includes(table))
}

test('every kind of entry, at any step', async () => {
  await using publisher = await openPublisher()
  const { workspace } = publisher
  await publisher.publish(
    ...['1.0.0', '1.1.0', '1.2.0', '1.3.0'].map((v) => toolkit('kit', v, 2, v)),
  )
  await deprecate(workspace, `${publisher.id}/kit@1.0.0`, { message: 'Old.' })
  expect((await findHead(workspace.store, publisher.id))?.withdraws).toBe(false)
  await yank(workspace, `${publisher.id}/kit@1.1.0`, { reason: 'Broken.' })
  await claim(workspace, 'com.example')
  await rotate(workspace, { log: true })
  await delegate(workspace, { path: 'com.acme', to: [publisher.signing.key] })
  await revokeBlock(workspace, `${publisher.id}/kit@1.2.0`, { reason: 'Harmful.' })
  await tombstone(workspace, `${publisher.id}/kit@1.3.0`, { reason: 'Private.' })
  await rotate(workspace, {})
  await publisher.publish(toolkit('kit', '2.0.0'))
  const lines = await Array.fromAsync(listLog(workspace.store, publisher.id))
  expect(new Set(lines.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(9)
  for (const step of [1, 2, 5, 100]) {
    const store = openMemoryStore()
    expect(await replicate(store, publisher.source, publisher.id, { step })).toBe('done')
    await checkLog(store, publisher.id)
    expect((await findHead(store, publisher.id))?.withdraws).toBe(true)
    expect(await logOf(store)).toEqual(await logOf(workspace.store))
  }
})
