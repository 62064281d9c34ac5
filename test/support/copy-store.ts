// A store as it is now, in memory: for a peer that serves an older state, and for a disk that somebody has changed.

import type { Cid } from '../../src/cid/index.ts'
import { TABLES } from '../../src/store/checks.ts'
import {
  type Block,
  openMemoryStore,
  type RecordKey,
  type Store,
  type StoredRecord,
} from '../../src/store/index.ts'

export interface Dump {
  readonly blocks: readonly Block[]
  readonly records: readonly StoredRecord[]
}

export async function dump(store: Store): Promise<Dump> {
  const cids: Cid[] = []
  for await (const cid of store.listBlocks()) cids.push(cid)
  const found = await store.findBlocks(cids)
  const records: StoredRecord[] = []
  for (const table of TABLES) {
    for await (const record of store.listRecords(table)) records.push(record)
  }
  return { blocks: cids.map((cid, i) => ({ cid, bytes: found[i] as Uint8Array })), records }
}

export async function copyStore(store: Store): Promise<Store> {
  const { blocks, records } = await dump(store)
  const copy = openMemoryStore()
  await copy.commit({ blocks, put: records, floors: await store.listFloors() })
  return copy
}

/** The same store, in which one record has another value, or is gone. */
export function withRecord(store: Store, { table, key }: RecordKey, value?: Uint8Array): Store {
  const isIt = (record: RecordKey): boolean => record.table === table && record.key === key
  return {
    ...store,
    findRecords: async (keys) => {
      const found = await store.findRecords(keys)
      return found.map((bytes, i) => (isIt(keys[i] as RecordKey) ? value : bytes))
    },
    async *listRecords(...args) {
      for await (const record of store.listRecords(...args)) {
        if (!isIt(record)) yield record
        else if (value !== undefined) yield { ...record, value }
      }
    },
  }
}
