// Logs of real publishers with real keys, signed once a process: each as the changes that its owner’s store went through, with releases, yanks,
// revocations, tombstones, rotated keys and delegations, and as the other history that its owner could show to somebody else.

import type { Cid } from '../../../src/cid/index.ts'
import {
  delegate,
  publish,
  revokeBlock,
  rotate,
  tombstone,
  yank,
} from '../../../src/registry/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import type { Block, Change, Store, StoredRecord, Table } from '../../../src/store/index.ts'
import { copyStore, type Dump, dump } from '../../support/copy-store.ts'
import { openPublisher, toolkit } from '../../support/publisher.ts'
import type { TestWorkspace } from '../../support/workspace.ts'
import { withKnownKeys } from './keys.ts'

/** What a log amounts to after a step, in the tables that all who hold it have alike. */
export interface Contents {
  readonly head: Uint8Array
  readonly records: readonly StoredRecord[]
  readonly blocks: readonly Cid[]
}

export interface SimLog {
  readonly id: PublisherId
  /** Under which it releases, from its first step on. */
  readonly namespace: string
  /** From nothing to the genesis, then a step further each; for the store of its owner. */
  readonly changes: readonly Change[]
  readonly contents: readonly Contents[]
  /** All there ever were. */
  readonly blocks: readonly Block[]
  /** The other history, which leaves this one after `FORKED_AFTER` steps. */
  readonly twin: readonly Change[]
}

export const STEPS = 9
export const FORKED_AFTER = 2
const TWIN_STEPS = 3
/** The release that is taken back in every way. */
const FIRST = '@1.1.0'
const SHARED: readonly Table[] = ['head', 'entry', 'bundle', 'hash', 'index', 'claim', 'use']
const pool: SimLog[] = []

/** The same ones at every call. Keys are files, and the one slow thing here. */
export async function simLogs(count: number): Promise<readonly SimLog[]> {
  while (pool.length < count) {
    const index = pool.length
    pool.push(await withKnownKeys(String(index), () => makeLog(index)))
  }
  return pool.slice(0, count)
}

async function makeLog(index: number): Promise<SimLog> {
  await using publisher = await openPublisher()
  const { id, workspace } = publisher
  const namespace = `com.sim${index}`
  const main = createRecorder(workspace.store)
  await main.keep()
  let twin: Store = workspace.store
  for (let step = 1; step < STEPS; step++) {
    await act(workspace, { index, step, namespace })
    await main.keep()
    if (step === FORKED_AFTER) twin = await copyStore(workspace.store)
  }
  const other = createRecorder(twin, await dump(twin))
  for (let step = 0; step < TWIN_STEPS; step++) {
    await publish({ ...workspace, store: twin }, [kit(namespace, `9.${step}.0`, `Twin ${step}.`)])
    await other.keep()
  }
  const { changes, contents } = main
  const early = changes.slice(0, FORKED_AFTER + 1)
  const blocks = changes.flatMap((change) => change.blocks ?? [])
  return { id, namespace, changes, contents, blocks, twin: [...early, ...other.changes] }
}

interface Step {
  readonly index: number
  readonly step: number
  readonly namespace: string
}

/** What the owner does: everything there is, in an order that differs from log to log. */
async function act(workspace: TestWorkspace, { index, step, namespace }: Step): Promise<void> {
  const name = `${namespace}/tools`
  if (step <= 2) {
    const more = index % 3 === 0 ? [kit(namespace, `1.${step}.1`, `A second of ${index}.`)] : []
    await publish(workspace, [kit(namespace, `1.${step}.0`, `Of ${index}, ${step}.`), ...more])
    return
  }
  const first = `${name}${FIRST}`
  const acts: readonly (() => Promise<unknown>)[] = [
    () => yank(workspace, first, { reason: 'wrong units' }),
    () => rotate(workspace, { log: true }),
    () => publish(workspace, [kit(namespace, `2.${step}.0`, `Later, ${index}.`)]),
    () => revokeBlock(workspace, `${name}@1.2.0`, { reason: 'not safe' }),
    () => delegate(workspace, { path: `${namespace}.sub`, to: ['signing'] }),
    () => tombstone(workspace, first, { reason: 'asked to' }),
  ]
  await acts[(step - 3 + index) % acts.length]?.()
}

function kit(namespace: string, version: string, text: string): ReturnType<typeof toolkit> {
  const shared = toolkit(`${namespace}/tools`, version, 2)
  const own = toolkit('com.sim/own', '1.0.0', 1, text).tools.map((tool) => ({
    ...tool,
    name: 'own',
  }))
  return { ...shared, tools: [...shared.tools, ...own] }
}

interface Recorder {
  readonly changes: readonly Change[]
  readonly contents: readonly Contents[]
  keep(): Promise<void>
}

function createRecorder(store: Store, first: Dump = { blocks: [], records: [] }): Recorder {
  const changes: Change[] = []
  const contents: Contents[] = []
  let before = first
  return {
    changes,
    contents,
    async keep() {
      const after = await dump(store)
      changes.push({ ...differenceOf(before, after), floors: await store.listFloors() })
      contents.push(contentsOf(after))
      before = after
    },
  }
}

/** Without what nothing but a release named whose bytes go at some time: who comes afterwards can know nothing of that. */
function contentsOf({ records, blocks }: Dump): Contents {
  const text = new TextDecoder()
  const isGone = ({ table, value }: StoredRecord): boolean =>
    table === 'use' && text.decode(value).endsWith(FIRST)
  const gone = new Set(records.filter(isGone).map(({ key }) => key.slice(0, key.indexOf('/'))))
  const shared = records.filter((one) => SHARED.includes(one.table) && !isGone(one))
  const head = shared.find(({ table }) => table === 'head')?.value ?? new Uint8Array()
  const cids = blocks.flatMap(({ cid }) => (gone.has(cid) ? [] : [cid]))
  return { head, records: shared, blocks: cids }
}

function differenceOf(before: Dump, after: Dump): Change {
  const keyOf = ({ table, key }: { table: string; key: string }): string => `${table} ${key}`
  const had = new Map(before.records.map((record) => [keyOf(record), record.value]))
  const has = new Set(after.records.map(keyOf))
  const blocksBefore = new Set(before.blocks.map(({ cid }) => cid))
  const blocksAfter = new Set(after.blocks.map(({ cid }) => cid))
  return {
    blocks: after.blocks.filter(({ cid }) => !blocksBefore.has(cid)),
    drop: before.blocks.flatMap(({ cid }) => (blocksAfter.has(cid) ? [] : [cid])),
    put: after.records.filter((record) => {
      const value = had.get(keyOf(record))
      return value === undefined || Buffer.compare(value, record.value) !== 0
    }),
    remove: before.records.filter((record) => !has.has(keyOf(record))),
  }
}
