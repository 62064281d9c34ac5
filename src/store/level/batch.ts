// A change as LevelDB's operations, all of them for one atomic batch; and floors as the records they are kept in.

import { utf8 } from '../../lib/index.ts'
import { assertFloor, floorsOf, rottenRecord } from '../checks.ts'
import type { Change, Floor } from '../store.ts'
import { batchKey, blockKey, openRecord, recordKey, sealRecord } from './keys.ts'

export type Operation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

/** One change after the other. `number` follows the last batch's. Empty where nothing changes, which is no batch. */
export function operationsOf(changes: readonly Change[], number: number): Operation[] {
  const operations: Operation[] = []
  for (const change of changes) add(change, operations)
  if (operations.length === 0) return []
  operations.push({ type: 'del', key: batchKey(number - 1) })
  operations.push({ type: 'put', key: batchKey(number), value: new Uint8Array() })
  return operations
}

function add(change: Change, operations: Operation[]): void {
  for (const { cid, bytes } of change.blocks ?? []) {
    operations.push({ type: 'put', key: blockKey(cid), value: bytes })
  }
  for (const cid of change.drop ?? []) operations.push({ type: 'del', key: blockKey(cid) })
  for (const { table, key, value } of change.put ?? []) {
    const sealed = sealRecord(table, key, value)
    operations.push({ type: 'put', key: recordKey(table, key), value: sealed })
  }
  for (const { table, key } of change.remove ?? []) {
    operations.push({ type: 'del', key: recordKey(table, key) })
  }
  for (const { origin, size, root } of floorsOf(change)) {
    const sealed = sealRecord('floor', origin, utf8(`${size} ${root}`))
    operations.push({ type: 'put', key: recordKey('floor', origin), value: sealed })
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
