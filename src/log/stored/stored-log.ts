// A publisher's log as records of a store: entries, bundles, tree hashes and index nodes. Statements are blocks.
// Reading checks what damage could change; trust in what is read is decided elsewhere.

import { type Cid, parseCid } from '../../cid/index.ts'
import { canonicalBytes } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Block, RecordKey, Store, StoredRecord } from '../../store/index.ts'
import type { ReadNodes } from '../map/index-node.ts'
import type { Hash, ReadHashes, TreeHash, TreePosition } from '../tree/merkle.ts'
import { corrupt, readRecord } from './stored-head.ts'

/** A statement's canonical bytes and the bundles that sign it, at least one. */
export interface SignedEntry {
  readonly statement: Uint8Array
  readonly bundles: readonly Uint8Array[]
}

export interface HashedEntry extends SignedEntry {
  /** What the statement hashes to: a store hashes each block that it reads. */
  readonly cid: Cid
}

/** Entries start ≤ seq < end, all of them. Throws STORE_CORRUPT where one is missing. */
export function readEntries(
  store: Store,
  publisher: PublisherId,
  range: { readonly start: number; readonly end: number },
): Promise<readonly SignedEntry[]> {
  return readEntriesAt(store, publisher, placesOf(range))
}

/** The same, of any places. */
export async function readEntriesAt(
  store: Store,
  publisher: PublisherId,
  seqs: readonly number[],
): Promise<readonly SignedEntry[]> {
  const entries = await readPlaces(store, publisher, seqs)
  return entries.map(({ statement, bundles }) => ({ statement, bundles }))
}

/** As `readEntries`, for whoever would hash each statement once more. */
export function readHashedEntries(
  store: Store,
  publisher: PublisherId,
  range: { readonly start: number; readonly end: number },
): Promise<readonly HashedEntry[]> {
  return readPlaces(store, publisher, placesOf(range))
}

function placesOf({ start, end }: { readonly start: number; readonly end: number }): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i)
}

async function readPlaces(
  store: Store,
  publisher: PublisherId,
  seqs: readonly number[],
): Promise<readonly HashedEntry[]> {
  const keys = seqs.map((seq) => entryKey(publisher, seq))
  const values = await store.findRecords(keys)
  const positions = keys.map((key, i) => parsePosition(key, values[i]))
  const bundleKeys = positions.flatMap(bundleKeysOf)
  const [statements, found] = await Promise.all([
    store.findBlocks(positions.map(({ statement }) => statement)),
    store.findRecords(bundleKeys),
  ])
  const bundles = found.map((bundle, i) => present(bundle, bundleKeys[i]))
  let at = 0
  return positions.map((position, i) => {
    const first = at
    at += position.bundles
    return {
      cid: position.statement,
      statement: present(statements[i], { table: 'entry', key: position.statement }),
      bundles: bundles.slice(first, at),
    }
  })
}

/** Throws STORE_CORRUPT for a hash that is missing. */
export function hashReader(store: Store, publisher: PublisherId): ReadHashes {
  return async (wanted) => {
    const keys = wanted.map((at) => hashKey(publisher, at))
    const found = await store.findRecords(keys)
    return found.map((hash, i) => assertHash(present(hash, keys[i]), keys[i]))
  }
}

/** Nodes and histories of the newest index map; older ones are not kept. */
export function indexReader(store: Store, publisher: PublisherId): ReadNodes {
  return (cids) => store.findRecords(cids.map((cid) => indexKey(publisher, cid)))
}

export function entryRecords(
  publisher: PublisherId,
  {
    seq,
    statement,
    bundles,
  }: { readonly seq: number; readonly statement: Cid; readonly bundles: readonly Uint8Array[] },
): readonly StoredRecord[] {
  const position = { statement, bundles: bundles.length }
  return [
    { ...entryKey(publisher, seq), value: canonicalBytes(position) },
    ...bundles.map((value, i) => ({ ...bundleKey(statement, i), value })),
  ]
}

export function hashRecord(publisher: PublisherId, { hash, ...at }: TreeHash): StoredRecord {
  return { ...hashKey(publisher, at), value: hash }
}

export function indexRecord(publisher: PublisherId, { cid, bytes }: Block): StoredRecord {
  return { ...indexKey(publisher, cid), value: bytes }
}

export function indexKey(publisher: PublisherId, cid: Cid): RecordKey {
  return { table: 'index', key: `${publisher}/${cid}` }
}

function entryKey(publisher: PublisherId, seq: number): RecordKey {
  return { table: 'entry', key: `${publisher}/${fixed(seq, 16)}` }
}

function bundleKey(statement: Cid, i: number): RecordKey {
  return { table: 'bundle', key: `${statement}/${fixed(i, 3)}` }
}

function bundleKeysOf(position: {
  readonly statement: Cid
  readonly bundles: number
}): readonly RecordKey[] {
  const keys: RecordKey[] = []
  for (let i = 0; i < position.bundles; i++) keys.push(bundleKey(position.statement, i))
  return keys
}

function hashKey(publisher: PublisherId, { level, index }: TreePosition): RecordKey {
  return { table: 'hash', key: `${publisher}/${fixed(level, 2)}/${fixed(index, 16)}` }
}

/** Of one width, so that byte order is the order of the numbers. */
function fixed(value: number, width: number): string {
  return String(value).padStart(width, '0')
}

/** As `entryRecords` writes it; any other text, and its faults, are the parser’s. */
const POSITION =
  /^\{"bundles":([1-9][0-9]{0,2}),"statement":"(bafkrei[a-h][a-z2-7]{50}[aeimquy4])"\}$/

function parsePosition(
  key: RecordKey,
  value: Uint8Array | undefined,
): { readonly statement: Cid; readonly bundles: number } {
  const bytes = present(value, key)
  const plain = POSITION.exec(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'),
  )
  if (plain !== null) return { statement: plain[2] as Cid, bundles: Number(plain[1]) }
  return readRecord(bytes, `the log entry ${key.key}`, ({ statement, bundles }) => {
    if (!Number.isSafeInteger(bundles) || Number(bundles) < 1 || Number(bundles) > 999) {
      throw new TypeError('no count of bundles')
    }
    return { statement: parseCid(statement), bundles: Number(bundles) }
  })
}

function present(value: Uint8Array | undefined, key: RecordKey | undefined): Uint8Array {
  if (value !== undefined) return value
  const what = key === undefined ? 'a record' : `${key.table} ${key.key}`
  throw corrupt('A part of a log is missing from this store.', what, 'nothing')
}

function assertHash(hash: Hash, key: RecordKey | undefined): Hash {
  if (hash.length === 32) return hash
  throw corrupt(
    'A stored hash of a log has another length.',
    '32 bytes',
    `${hash.length} bytes in ${key?.key}`,
  )
}

/** What removes entries start ≤ seq < end from a store, with their signatures and the hashes they completed. Statements stay: others may be of the same bytes. */
export async function forgetEntries(
  store: Store,
  publisher: PublisherId,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<readonly RecordKey[]> {
  const keys = placesOf({ start, end }).map((seq) => entryKey(publisher, seq))
  const values = await store.findRecords(keys)
  const bundles = keys.flatMap((key, i) => bundleKeysOf(parsePosition(key, values[i])))
  return [...keys, ...bundles, ...hashesSince(start, end).map((at) => hashKey(publisher, at))]
}

/** The complete subtrees of a tree of `end` leaves that one of `start` leaves has not. */
function hashesSince(start: number, end: number): readonly TreePosition[] {
  const found: TreePosition[] = []
  for (let level = 0; 2 ** level <= end; level++) {
    const size = 2 ** level
    for (let index = Math.floor(start / size); (index + 1) * size <= end; index++) {
      found.push({ level, index })
    }
  }
  return found
}
