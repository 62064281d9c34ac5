// Reads everything a store holds and reports what has rotted. It repairs nothing: a rotten block is healed by pulling it
// again, and only its publisher's log can tell what a rotten record should say.

import type { Cid } from '../cid/index.ts'
import { isRegistryError, type RegistryError } from '../lib/index.ts'
import { rottenBlock, rottenRecord, TABLES } from './checks.ts'
import type { RecordKey, Store, Table } from './store.ts'

export type ScrubFinding =
  | { readonly kind: 'block'; readonly cid: Cid; readonly error: RegistryError }
  | {
      readonly kind: 'record'
      readonly table: Table
      readonly key: string
      readonly error: RegistryError
    }
  /** Something that cannot be read past: what follows it in `part` was not checked. */
  | { readonly kind: 'unreadable'; readonly part: string; readonly error: RegistryError }
  /** Always last. */
  | {
      readonly kind: 'summary'
      readonly blocks: number
      readonly records: number
      readonly rotten: number
    }

/** Findings as they are met, then a summary. Only STORE_CORRUPT is a finding; other errors end the scrub. */
export async function* scrubStore(store: Store): AsyncGenerator<ScrubFinding, void, undefined> {
  const counts = { blocks: 0, records: 0, rotten: 0 }
  for await (const finding of readEverything(store, counts)) {
    counts.rotten += 1
    yield finding
  }
  yield { kind: 'summary', ...counts }
}

interface Counts {
  blocks: number
  records: number
}

async function* readEverything(store: Store, counts: Counts): AsyncGenerator<ScrubFinding> {
  yield* checkBlocks(store, counts)
  for (const table of TABLES) yield* checkTable(store, table, counts)
  try {
    await store.listFloors()
  } catch (error) {
    yield { kind: 'unreadable', part: 'floors', error: asRot(error) }
  }
}

async function* checkBlocks(store: Store, counts: Counts): AsyncGenerator<ScrubFinding> {
  try {
    for await (const cid of store.listBlocks()) {
      counts.blocks += 1
      const error = await checkBlock(store, cid)
      if (error !== undefined) yield { kind: 'block', cid, error }
    }
  } catch (error) {
    yield { kind: 'unreadable', part: 'blocks', error: asRot(error) }
  }
}

async function checkBlock(store: Store, cid: Cid): Promise<RegistryError | undefined> {
  try {
    const [bytes] = await store.findBlocks([cid])
    return bytes === undefined ? rottenBlock(cid) : undefined
  } catch (error) {
    return asRot(error)
  }
}

async function* checkTable(
  store: Store,
  table: Table,
  counts: Counts,
): AsyncGenerator<ScrubFinding> {
  let after: string | undefined
  for (;;) {
    try {
      for await (const { key } of store.listRecords(table, after === undefined ? {} : { after })) {
        counts.records += 1
        after = key
        const error = await checkRecord(store, { table, key })
        if (error !== undefined) yield { kind: 'record', table, key, error }
      }
      return
    } catch (error) {
      const rot = asRot(error)
      const key = rottenKey(rot)
      if (key === undefined || (after !== undefined && key <= after)) {
        yield { kind: 'unreadable', part: table, error: rot }
        return
      }
      counts.records += 1
      yield { kind: 'record', table, key, error: rot }
      after = key
    }
  }
}

/** A damaged table can be read from end to end and yet not by key: what a list shows must also be found. */
async function checkRecord(store: Store, at: RecordKey): Promise<RegistryError | undefined> {
  try {
    const [value] = await store.findRecords([at])
    if (value !== undefined || !(await isListed(store, at))) return undefined
    return rottenRecord(at.table, at.key)
  } catch (error) {
    return asRot(error)
  }
}

/** Somebody may have removed the record since it was listed: then it is not there now either. */
async function isListed(store: Store, { table, key }: RecordKey): Promise<boolean> {
  for await (const record of store.listRecords(table, { prefix: key, limit: 1 })) {
    return record.key === key
  }
  return false
}

function rottenKey(error: RegistryError): string | undefined {
  const { evidence } = error.details
  if (typeof evidence !== 'object' || evidence === null) return undefined
  return 'key' in evidence && typeof evidence.key === 'string' ? evidence.key : undefined
}

function asRot(error: unknown): RegistryError {
  if (isRegistryError(error, 'STORE_CORRUPT')) return error
  throw error
}
