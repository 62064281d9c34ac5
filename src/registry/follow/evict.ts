// Dropping a log to make room. It is gone for readers in one commit; a long one is then taken away piece by piece, and whatever a crash
// leaves of it is taken away later. What this node has accepted of the publisher stays: floor, fork, revocations, the note behind the floor.

import { parseCid } from '../../cid/index.ts'
import { isJsonObject, parseCanonical, utf8 } from '../../lib/index.ts'
import { findHead, originOf } from '../../log/index.ts'
import { localSource, readHead } from '../../resolve/index.ts'
import { type PublisherId, parseReference } from '../../spec/index.ts'
import type { RecordKey, Store } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { findSeenHead, seenRecord } from '../forks.ts'
import { keepNews } from '../lifecycle/news.ts'
import { lackRecord } from '../replicate/lack.ts'
import { accountKey, bytesOf } from './accounts.ts'
import { type Entry, type Piece, readPiece } from './piece.ts'

export interface Evicted {
  readonly publisher: PublisherId
  /** As they were counted. */
  readonly bytes: number
  readonly entries: number
  /** Blocks whose bytes are gone; those that others use are still here. */
  readonly blocks: number
}

/** Entries that one commit takes away. */
const PIECE = 1_024
const LEAVING = 'leaving/'

export interface EvictOptions {
  readonly now: Date
  /** Looked at once more when nobody else can write to the log: whether it may still go. */
  readonly isWanted?: () => Promise<boolean>
  readonly signal?: AbortSignal
  /** Entries a commit; for tests. */
  readonly piece?: number
}

/** Undefined for a log that is not here, or that was wanted after all. */
export async function evictLog(
  store: Store,
  publisher: PublisherId,
  options: EvictOptions,
): Promise<Evicted | undefined> {
  const bytes = await bytesOf(store, publisher, options.now)
  await using _lock = await store.lock(`log/${publisher}`, pickSignal(options))
  if ((await options.isWanted?.()) === true) return undefined
  const head = await findHead(store, publisher)
  const [partial] = await store.findRecords([partialKey(publisher)])
  if (head === undefined && partial === undefined) return undefined
  if (head !== undefined) await keepWhatWasAccepted(store, publisher, head.checkpoint)
  const taken = await takeAway(store, publisher, { first: true, piece: options.piece ?? PIECE })
  return { publisher, bytes, ...taken }
}

/** What earlier evictions had to leave behind, as by a crash. */
export async function finishEvictions(store: Store): Promise<void> {
  for await (const { key } of store.listRecords('follow', { prefix: LEAVING })) {
    const publisher = key.slice(LEAVING.length) as PublisherId
    await using _lock = await store.lock(`log/${publisher}`)
    // It was fetched again meanwhile, over what was left: all of it is needed now.
    if (await isLogHere(store, publisher)) {
      await store.commit({ remove: [leavingKey(publisher)] })
    } else await takeAway(store, publisher, { first: false, piece: PIECE })
  }
}

/** Whole, or on its way. */
export async function isLogHere(store: Store, publisher: PublisherId): Promise<boolean> {
  const found = await store.findRecords([headKey(publisher), partialKey(publisher)])
  return found.some((value) => value !== undefined)
}

/** Hold the lock of the log. */
async function takeAway(
  store: Store,
  publisher: PublisherId,
  { first, piece }: { readonly first: boolean; readonly piece: number },
): Promise<Pick<Evicted, 'entries' | 'blocks'>> {
  const counted = { entries: 0, blocks: 0 }
  for (let isFirst = first; ; isFirst = false) {
    const entries = await listEntries(store, publisher, piece + 1)
    const isLast = entries.length <= piece
    const taken = await readPiece(store, publisher, entries.slice(0, piece))
    const rest = isLast ? await restOf(store, publisher) : []
    const head = isFirst ? [headKey(publisher), partialKey(publisher), accountKey(publisher)] : []
    await store.commit({
      drop: taken.drop,
      remove: [...head, ...taken.remove, ...rest, ...(isLast ? [leavingKey(publisher)] : [])],
      put: isLast ? [] : [{ ...leavingKey(publisher), value: utf8('{}') }],
    })
    counted.entries += Math.min(entries.length, piece)
    counted.blocks += taken.drop.length
    await wantAgain(store, taken.contents)
    if (isLast) return counted
  }
}

/** T1, T5, T18: who drops a log must not forget what it has learned from it, or a liar only had to wait for that. */
async function keepWhatWasAccepted(
  store: Store,
  publisher: PublisherId,
  checkpoint: Uint8Array,
): Promise<void> {
  const seen = await findSeenHead(store, publisher)
  const floor = await store.findFloor(originOf(publisher))
  const source = localSource(store)
  const verifier = await loadVerifier(store)
  const read = await readHead(source, verifier, { publisher, floor: undefined }, {})
  const from = seen?.from ?? source.label
  if (read !== undefined) await keepNews(store, { ...read, from })
  // The note that is kept is the one behind the floor, where that is the log’s own.
  const isBehindFloor = floor === undefined || read?.head.checkpoint.size === floor.size
  if (isBehindFloor)
    await store.commit({ put: [seenRecord(publisher, { note: checkpoint, from })] })
}

async function listEntries(
  store: Store,
  publisher: PublisherId,
  limit: number,
): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  for await (const { key, value } of store.listRecords('entry', {
    prefix: `${publisher}/`,
    limit,
  })) {
    const fields = parseCanonical(value)
    if (!isJsonObject(fields)) continue
    entries.push({ key, statement: parseCid(fields.statement), bundles: Number(fields.bundles) })
  }
  return entries
}

/** Tree hashes and index nodes, and those of a log on its way: they are only read by way of a head. */
async function restOf(store: Store, publisher: PublisherId): Promise<readonly RecordKey[]> {
  const keys: RecordKey[] = []
  for (const table of ['hash', 'index', 'partial'] as const) {
    for await (const { key } of store.listRecords(table, { prefix: `${publisher}/` })) {
      keys.push({ table, key })
    }
  }
  return keys
}

/** Somebody else may have come to use a block in the moment before it went: then it is asked for again. */
async function wantAgain(store: Store, dropped: Piece['contents']): Promise<void> {
  for (const { cid, tool } of dropped) {
    for await (const { key, value } of store.listRecords('use', { prefix: `${cid}/`, limit: 1 })) {
      const publisher = key.slice(cid.length + 1) as PublisherId
      const { name, range: version = '' } = parseReference(Buffer.from(value).toString())
      await store.commit({ put: [lackRecord(cid, { publisher, name, version, tool })] })
    }
  }
}

function pickSignal({ signal }: EvictOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function headKey(publisher: PublisherId): RecordKey {
  return { table: 'head', key: publisher }
}

function partialKey(publisher: PublisherId): RecordKey {
  return { table: 'partial', key: publisher }
}

function leavingKey(publisher: PublisherId): RecordKey {
  return { table: 'follow', key: `${LEAVING}${publisher}` }
}
