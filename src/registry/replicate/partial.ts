// How far a log that is being fetched has come: its entries, hashes and index nodes are stored, and no head speaks of them yet. The index
// nodes of the visible head stay until there is a new one.

import { type Cid, parseCid } from '../../cid/index.ts'
import { canonicalBytes, utf8 } from '../../lib/index.ts'
import { forgetEntries, indexKey, type LogBase, type LogHead, readRecord } from '../../log/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../../store/index.ts'

export interface Partial extends LogBase {
  /** Whether the note whose history this is a beginning of was signed by a log key in force. */
  readonly vouched: boolean
}

export interface Held {
  readonly head: LogHead | undefined
  readonly partial: Partial | undefined
  /** As it is stored: what the next commit expects. */
  readonly record: Uint8Array | undefined
}

export function partialKey(publisher: PublisherId): RecordKey {
  return { table: 'partial', key: publisher }
}

export async function findPartial(
  store: Store,
  publisher: PublisherId,
): Promise<{ readonly partial: Partial; readonly record: Uint8Array } | undefined> {
  const [record] = await store.findRecords([partialKey(publisher)])
  if (record === undefined) return undefined
  const partial = readRecord(record, `the log of ${publisher} on its way`, (fields) => ({
    publisher,
    size: Number(fields.size),
    root: String(fields.root),
    statement: parseCid(fields.statement),
    index: parseCid(fields.index),
    withdraws: fields.withdraws === true,
    vouched: fields.vouched === true,
  }))
  return { partial, record }
}

export function partialRecord(partial: Partial): StoredRecord {
  const { publisher, withdraws = false, ...fields } = partial
  return { ...partialKey(publisher), value: canonicalBytes({ ...fields, withdraws }) }
}

/** Index nodes that a step has added and replaced: the latter go when the log is visible, the former when it is given up. */
export function nodesRecord(
  publisher: PublisherId,
  size: number,
  nodes: { readonly added: readonly Cid[]; readonly replaced: readonly Cid[] },
): StoredRecord {
  const lines = [...nodes.added.map((cid) => `+${cid}`), ...nodes.replaced.map((cid) => `-${cid}`)]
  const key = `${publisher}/${String(size).padStart(16, '0')}`
  return { table: 'partial', key, value: utf8(lines.join('\n')) }
}

export interface LeftOvers {
  /** About the log on its way, and its steps. */
  readonly records: readonly RecordKey[]
  /** Of the visible head and of steps: nobody's, once the log is visible. */
  readonly replaced: readonly RecordKey[]
  readonly added: readonly RecordKey[]
}

/** None without a log on its way: the record of it is written with its first step, and removed with its last. */
export async function findLeftOvers(
  store: Store,
  { record }: Held,
  publisher: PublisherId,
): Promise<LeftOvers> {
  if (record === undefined) return { records: [], replaced: [], added: [] }
  const records: RecordKey[] = []
  const nodes: { readonly sign: string; readonly key: RecordKey }[] = []
  const prefix = `${publisher}/`
  for await (const { table, key, value } of store.listRecords('partial', { prefix })) {
    records.push({ table, key })
    for (const line of Buffer.from(value).toString('latin1').split('\n')) {
      nodes.push({ sign: line.charAt(0), key: indexKey(publisher, line.slice(1) as Cid) })
    }
  }
  const of = (wanted: string): readonly RecordKey[] =>
    nodes.flatMap(({ sign, key }) => (sign === wanted ? [key] : []))
  return { records, replaced: of('-'), added: of('+') }
}

/** Nothing of what was committed on the way to a head that does not come. Hold the log's lock. Blocks stay: they are what they are. */
export async function dropPartial(store: Store, held: Held): Promise<void> {
  const { head, partial } = held
  if (partial === undefined) return
  const { publisher, size } = partial
  const { records, added } = await findLeftOvers(store, held, publisher)
  const entries = await forgetEntries(store, publisher, { start: head?.size ?? 0, end: size })
  await store.commit({ remove: [partialKey(publisher), ...records, ...added, ...entries] })
}
