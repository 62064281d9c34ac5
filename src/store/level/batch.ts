// Changes as operations of LevelDB, and floors as the records they are kept in.

import { utf8 } from '../../lib/index.ts'
import { assertFloor, floorsOf, rottenRecord } from '../checks.ts'
import type { Change, Floor } from '../store.ts'
import type { Db } from './db.ts'
import { batchKey, blockKey, openRecord, recordKey, sealRecord } from './keys.ts'

const NOTHING = new Uint8Array()

/** One change after the other in one atomic batch, durable when resolved. `number` follows the last batch's. */
export async function writeBatch(
  db: Db,
  changes: readonly Change[],
  number: number,
): Promise<void> {
  // Not an array of operations, which costs twice as much to look into as all the rest of a batch.
  const batch = db.batch()
  for (const change of changes) add(change, batch)
  batch.del(batchKey(number - 1))
  batch.put(batchKey(number), NOTHING)
  await batch.write({ sync: true })
}

/** What changes nothing is no batch. */
export function isEmpty(change: Change): boolean {
  const { blocks = [], drop = [], put = [], remove = [] } = change
  const all = [blocks, drop, put, remove, floorsOf(change)]
  return all.every((list: readonly unknown[]) => list.length === 0)
}

function add(change: Change, batch: ReturnType<Db['batch']>): void {
  for (const { cid, bytes } of change.blocks ?? []) batch.put(blockKey(cid), bytes)
  for (const cid of change.drop ?? []) batch.del(blockKey(cid))
  for (const { table, key, value } of change.put ?? []) {
    batch.put(recordKey(table, key), sealRecord(table, key, value))
  }
  for (const { table, key } of change.remove ?? []) batch.del(recordKey(table, key))
  for (const { origin, size, root } of floorsOf(change)) {
    const sealed = sealRecord('floor', origin, utf8(`${size} ${root}`))
    batch.put(recordKey('floor', origin), sealed)
  }
}

export function parseFloorRecord(origin: string, sealed: Uint8Array): Floor {
  const text = Buffer.from(openRecord('floor', origin, sealed)).toString('latin1')
  const [size = '', root = ''] = text.split(' ')
  const floor = { origin, size: Number(size), root }
  try {
    assertFloor(floor)
  } catch {
    throw rottenRecord('floor', origin)
  }
  return floor
}
