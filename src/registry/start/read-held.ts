// Everything a start-up needs of the store, in three batches, by exact keys: no folder and no table is listed, however much it holds.

import type { Cid } from '../../cid/index.ts'
import { originOf } from '../../log/index.ts'
import { evidenceKey, forkKey } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Floor, RecordKey, Store } from '../../store/index.ts'
import { newsKey } from '../lifecycle/news.ts'
import type { Named } from './types.ts'

export interface Held {
  block(cid: Cid): Uint8Array | undefined
  /** Of one of the keys that the locked releases lead to. */
  record(key: RecordKey): Uint8Array | undefined
  floor(publisher: PublisherId): Floor | undefined
}

/** Every block is hashed as it is read. Throws STORE_CORRUPT. */
export async function readHeld(store: Store, releases: readonly Named[]): Promise<Held> {
  const publishers = [...new Set(releases.map(({ locked }) => locked.publisher))]
  const keys = [...releases.map(evidenceRecordKey), ...publishers.flatMap(keysOfLog)]
  const cids = [...new Set(releases.flatMap(cidsOf))]
  const [blocks, records, floors] = await Promise.all([
    store.findBlocks(cids),
    store.findRecords(keys),
    Promise.all(publishers.map((publisher) => store.findFloor(originOf(publisher)))),
  ])
  const byCid = new Map(cids.map((cid, i) => [cid, blocks[i]]))
  const byKey = new Map(keys.map((key, i) => [idOf(key), records[i]]))
  const byPublisher = new Map(publishers.map((publisher, i) => [publisher, floors[i]]))
  return {
    block: (cid) => byCid.get(cid),
    record: (key) => byKey.get(idOf(key)),
    floor: (publisher) => byPublisher.get(publisher),
  }
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
