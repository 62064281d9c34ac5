// Logs of real publishers with real keys, signed once a process and then as often used as a simulation likes: each as the changes that its
// owner’s store went through. Taking one further costs a commit and no signature.

import type { Cid } from '../../src/cid/index.ts'
import { publish } from '../../src/registry/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import type { Change, Store } from '../../src/store/index.ts'
import { copyStore, type Dump, dump } from './copy-store.ts'
import { openPublisher, toolkit } from './publisher.ts'

export interface PooledLog {
  readonly id: PublisherId
  /** From nothing to the genesis, then one release further each. For the store of its owner. */
  readonly changes: readonly Change[]
  /** The last change as a liar shows it to others: another history of the same length. */
  readonly forked: Change
}

const RELEASES = 6
const pool: Promise<PooledLog>[] = []

/** The same ones at every call. The releases share two tools, and have one of their own. */
export async function logPool(count: number): Promise<readonly PooledLog[]> {
  while (pool.length < count) {
    const made = makeLog(pool.length)
    pool.push(made)
    // One after the other: keys are files.
    await made
  }
  return await Promise.all(pool.slice(0, count))
}

async function makeLog(index: number): Promise<PooledLog> {
  await using publisher = await openPublisher()
  const { store } = publisher.workspace
  const changes: Change[] = []
  let before: Dump = { blocks: [], records: [] }
  const keep = async (of: Store): Promise<Change> => {
    const after = await dump(of)
    const change = { ...differenceOf(before, after), floors: await of.listFloors() }
    before = after
    return change
  }
  changes.push(await keep(store))
  for (let release = 1; release < RELEASES; release++) {
    await publisher.publish(releaseOf(index, release))
    changes.push(await keep(store))
  }
  const twin = await copyStore(store)
  await publisher.publish(releaseOf(index, RELEASES))
  const last = before
  changes.push(await keep(store))
  await publish({ ...publisher.workspace, store: twin }, [releaseOf(index, RELEASES + 1)])
  before = last
  return { id: publisher.id, changes, forked: await keep(twin) }
}

function releaseOf(index: number, release: number) {
  const shared = toolkit(`com.sim${index}/tools`, `1.${release}.0`, 2)
  const [own] = toolkit('com.sim/own', '1.0.0', 1, `Own ${index}/${release}.`).tools
  return { ...shared, tools: [...shared.tools, { ...own, name: 'own' }] } as typeof shared
}

function differenceOf(before: Dump, after: Dump): Change {
  const keyOf = ({ table, key }: { table: string; key: string }): string => `${table} ${key}`
  const had = new Map(before.records.map((record) => [keyOf(record), record.value]))
  const has = new Set(after.records.map(keyOf))
  const blocks = new Set<Cid>(before.blocks.map(({ cid }) => cid))
  return {
    blocks: after.blocks.filter(({ cid }) => !blocks.has(cid)),
    put: after.records.filter((record) => {
      const value = had.get(keyOf(record))
      return value === undefined || Buffer.compare(value, record.value) !== 0
    }),
    remove: before.records.filter((record) => !has.has(keyOf(record))),
  }
}
