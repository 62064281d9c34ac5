// Releases of a log that is held here in full are read for all at once. Whatever of the log is gone or changed, a start refuses with a code,
// or answers what it answered.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { readVerified, resolveLocal } from '../../../src/registry/local.ts'
import { loadLocked } from '../../../src/registry/start/load-locked.ts'
import type { LoadedTool } from '../../../src/registry/start/types.ts'
import { EMPTY_LOCK, type Lock, lockRelease, withLocked } from '../../../src/resolve/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { parsePolicy } from '../../../src/trust/policy/index.ts'
import { copyStore, dump, withRecord } from '../../support/copy-store.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e'].map((base) => `com.example/${base}`)

let alice: TestPublisher
let lock: Lock
beforeAll(async () => {
  alice = await openPublisher()
  for (const name of NAMES) await alice.publish(toolkit(name, '1.0.0', 2))
  lock = { ...EMPTY_LOCK, policy: policy().digest }
  for (const name of NAMES) {
    const { store } = alice.workspace
    const entry = await resolveLocal(store, { name, range: '1.0.0', publisher: alice.id })
    const release = await readVerified(store, entry)
    const cids = new Map(release.tools.map((tool) => [tool.name, { by: 'alice', cid: tool.cid }]))
    const locked = lockRelease(release, (tool) => cids.get(tool))
    lock = withLocked(lock, release, locked)
  }
})
afterAll(() => alice[Symbol.asyncDispose]())

function policy() {
  return parsePolicy(
    `version = 1\nquorum = "none"\n[[publisher]]\nnamespace = "com.example"\nid = "${alice.id}"\ntools = ["com.example/*"]\n`,
  )
}

async function start(store: Store): Promise<readonly LoadedTool[]> {
  const request = { lock, policy: policy(), quorum: undefined, now: new Date() }
  return await loadLocked(store, { ...request, names: 'prefixed' })
}

function shown(tools: readonly LoadedTool[]): string {
  return JSON.stringify(tools)
}

test('tools of several releases with the same bytes are each their own', async () => {
  const tools = await start(await copyStore(alice.workspace.store))
  expect(tools.map(({ visibleName }) => visibleName)).toEqual(
    NAMES.flatMap((name) => [0, 1].map((i) => `${name.replaceAll(/[./]/g, '_')}__tool_${i}`)),
  )
  expect(new Set(tools.map(({ cid }) => cid)).size).toBe(2)
})

test('any record of the log that is gone or changed', async () => {
  const store = await copyStore(alice.workspace.store)
  const truth = shown(await start(store))
  const { records } = await dump(store)
  const refused = new Map<string, number>()
  for (const record of records) {
    const { table, value } = record
    if (!['head', 'entry', 'bundle', 'hash', 'index'].includes(table)) continue
    const flipped = Uint8Array.from(value)
    flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1
    for (const other of [undefined, flipped]) {
      const outcome = await start(withRecord(store, record, other)).then(
        shown,
        (error: unknown) => {
          if (!isRegistryError(error) || error.verdict === 'FAILED') throw error
          refused.set(table, (refused.get(table) ?? 0) + 1)
          return truth
        },
      )
      expect(outcome, `${table} ${record.key}`).toBe(truth)
    }
  }
  const counts = Map.groupBy(records, ({ table }) => table)
  // Each is gone once and changed once.
  const all = (table: 'bundle' | 'entry' | 'head' | 'index' | 'hash') =>
    2 * (counts.get(table)?.length ?? 0)
  expect(Object.fromEntries(refused)).toEqual({
    bundle: all('bundle'),
    entry: all('entry'),
    head: all('head'),
    index: all('index'),
    // The leaf beside the genesis proves no release.
    hash: all('hash') - 2,
  })
})
