// Everything a start-up needs of the store, in a few batches, by exact keys: no folder and no table is listed, however much it holds.

import type { Cid } from '../../cid/index.ts'
import { originOf } from '../../log/index.ts'
import { evidenceKey, forkKey } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Floor, RecordKey, Store } from '../../store/index.ts'
import { newsKey } from '../lifecycle/news.ts'
import { isSoundRecord, soundKey } from './known-sound.ts'
import type { Named } from './types.ts'

/** What the store says beside the bytes. */
export interface Held {
  /** Of one of the keys that the locked releases lead to. */
  record(key: RecordKey): Uint8Array | undefined
  floor(publisher: PublisherId): Floor | undefined
  /** Whether an earlier start has read these very contents. */
  isSound(named: Named): boolean
}

/** Bytes of a locked release, and of its tools in the order of the lock. */
export interface Blocks {
  readonly named: Named
  readonly release: Uint8Array | undefined
  readonly tools: readonly (Uint8Array | undefined)[]
}

/** Throws STORE_CORRUPT. */
export async function readHeld(store: Store, releases: readonly Named[]): Promise<Held> {
  const publishers = [...new Set(releases.map(({ locked }) => locked.publisher))]
  const keys = [...releases.map(evidenceRecordKey), ...publishers.flatMap(keysOfLog)]
  const [records, sounds, floors] = await Promise.all([
    store.findRecords(keys),
    // Written while the others are read.
    store.findRecords(releases.map(soundKey)),
    Promise.all(publishers.map((publisher) => store.findFloor(originOf(publisher)))),
  ])
  const byKey = new Map(keys.map((key, i) => [idOf(key), records[i]]))
  const sound = new Set(releases.filter((_, i) => isSoundRecord(sounds[i])))
  const byPublisher = new Map(publishers.map((publisher, i) => [publisher, floors[i]]))
  return {
    record: (key) => byKey.get(idOf(key)),
    floor: (publisher) => byPublisher.get(publisher),
    isSound: (named) => sound.has(named),
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

export function headKey(publisher: PublisherId): RecordKey {
  return { table: 'head', key: publisher }
}

function keysOfLog(publisher: PublisherId): readonly RecordKey[] {
  return [headKey(publisher), forkKey(publisher), newsKey(publisher), seenKey(publisher)]
}

function cidsOf({ locked }: Named): readonly Cid[] {
  return [locked.release, ...[...locked.tools.values()].map(({ cid }) => cid)]
}

function idOf({ table, key }: RecordKey): string {
  return `${table} ${key}`
}
