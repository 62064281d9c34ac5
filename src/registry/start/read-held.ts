// Everything a start-up needs of the store, in a few batches, by exact keys: no folder and no table is listed, however much it holds.

import type { Cid } from '../../cid/index.ts'
import { originOf } from '../../log/index.ts'
import { evidenceKey, forkKey } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Floor, RecordKey, Store } from '../../store/index.ts'
import { newsKey } from '../lifecycle/news.ts'
import { findSound, type Sound } from './known-sound.ts'
import type { Named } from './types.ts'

/** What the store says beside the bytes. */
export interface Held {
  /** Of one of the keys that the locked releases lead to. */
  record(key: RecordKey): Uint8Array | undefined
  floor(publisher: PublisherId): Floor | undefined
  /** The contents that an earlier start has read. */
  readonly sound: Sound
}

/** Bytes of a locked release, and of its tools in the order of the lock. */
export interface Blocks {
  readonly named: Named
  readonly release: Uint8Array | undefined
  readonly tools: readonly (Uint8Array | undefined)[]
}

/** Those among the publishers whose logs are held here in full. Throws STORE_CORRUPT. */
export async function findLogs(
  store: Store,
  releases: readonly Named[],
): Promise<ReadonlySet<PublisherId>> {
  const publishers = publishersOf(releases)
  const heads = await store.findRecords(publishers.map((key) => ({ table: 'head', key })))
  return new Set(publishers.filter((_, i) => heads[i] !== undefined))
}

/** `pulled` are those releases whose proofs are asked for. Throws STORE_CORRUPT. */
export async function readHeld(
  store: Store,
  releases: readonly Named[],
  pulled: readonly Named[],
): Promise<Held> {
  const publishers = publishersOf(releases)
  const keys = [...pulled.map(evidenceRecordKey), ...publishers.flatMap(keysOfLog)]
  const [records, sound, floors] = await Promise.all([
    store.findRecords(keys),
    // Worked out while the others are read.
    findSound(store, releases),
    Promise.all(publishers.map((publisher) => store.findFloor(originOf(publisher)))),
  ])
  const byKey = new Map(keys.map((key, i) => [idOf(key), records[i]]))
  const byPublisher = new Map(publishers.map((publisher, i) => [publisher, floors[i]]))
  return {
    record: (key) => byKey.get(idOf(key)),
    floor: (publisher) => byPublisher.get(publisher),
    sound,
  }
}

/** Of each release. Every block is hashed as it is read. Throws STORE_CORRUPT. */
export async function readBlocks(
  store: Store,
  releases: readonly Named[],
): Promise<readonly Blocks[]> {
  const found = await store.findBlocks(releases.flatMap(cidsOf))
  let at = 0
  return releases.map((named) => {
    const [release, ...tools] = found.slice(at, at + 1 + named.locked.tools.size)
    at += 1 + tools.length
    return { named, release, tools }
  })
}

export function evidenceRecordKey({ name, locked: { version, publisher } }: Named): RecordKey {
  return { table: 'evidence', key: evidenceKey({ name, version, publisher }) }
}

export function seenKey(publisher: PublisherId): RecordKey {
  return { table: 'seen', key: publisher }
}

function publishersOf(releases: readonly Named[]): readonly PublisherId[] {
  return [...new Set(releases.map(({ locked }) => locked.publisher))]
}

function keysOfLog(publisher: PublisherId): readonly RecordKey[] {
  return [forkKey(publisher), newsKey(publisher), seenKey(publisher)]
}

function cidsOf({ locked }: Named): readonly Cid[] {
  return [locked.release, ...[...locked.tools.values()].map(({ cid }) => cid)]
}

function idOf({ table, key }: RecordKey): string {
  return `${table} ${key}`
}
