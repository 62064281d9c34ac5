// The Store's own values as lists for the wire, and back: one pair of functions each.

import { type Cid, parseCid } from '../../cid/index.ts'
import { assertFloor, assertKey, isTable } from '../checks.ts'
import type { Change, Floor, RecordKey, Table } from '../store.ts'
import { asBytes, asList, asSize, asText, asTuple, malformed, orAbsent } from './wire.ts'

/** More items than fit one frame anyway. */
const MANY = 1_000_000

export function asCid(value: unknown): Cid {
  return parseCid(value)
}

export function asTable(value: unknown): Table {
  if (!isTable(value)) throw malformed('the name of a table', value)
  return value
}

export function writeKey({ table, key }: RecordKey): unknown {
  return [table, key]
}

export function asKey(value: unknown): RecordKey {
  const [table, key] = asTuple(value, 2)
  const read = { table: asTable(table), key: asText(key) }
  assertKey(read)
  return read
}

export function writeFloor({ origin, size, root }: Floor): unknown {
  return [origin, size, root]
}

export function asFloor(value: unknown): Floor {
  const [origin, size, root] = asTuple(value, 3)
  const floor = { origin: asText(origin), size: asSize(size), root: asText(root) }
  assertFloor(floor)
  return floor
}

export function writeChange(change: Change): unknown[] {
  return [
    (change.blocks ?? []).map(({ cid, bytes }) => [cid, bytes]),
    change.drop ?? [],
    (change.put ?? []).map(({ table, key, value }) => [table, key, value]),
    (change.remove ?? []).map(writeKey),
    (change.expect ?? []).map(({ table, key, value }) => [table, key, value ?? null]),
    (change.floors ?? []).map(writeFloor),
    (change.resets ?? []).map(({ from, to }) => [writeFloor(from), writeFloor(to)]),
  ]
}

export function asChange(args: readonly unknown[]): Change {
  const [blocks, drop, put, remove, expect, floors, resets] = asTuple(args, 7)
  return {
    blocks: asList(blocks, MANY, (item) => {
      const [cid, bytes] = asTuple(item, 2)
      return { cid: asCid(cid), bytes: asBytes(bytes) }
    }),
    drop: asList(drop, MANY, asCid),
    put: asList(put, MANY, (item) => {
      const [table, key, value] = asTuple(item, 3)
      return { ...asKey([table, key]), value: asBytes(value) }
    }),
    remove: asList(remove, MANY, asKey),
    expect: asList(expect, MANY, (item) => {
      const [table, key, value] = asTuple(item, 3)
      return { ...asKey([table, key]), value: orAbsent(asBytes)(value) }
    }),
    floors: asList(floors, MANY, asFloor),
    resets: asList(resets, MANY, (item) => {
      const [from, to] = asTuple(item, 2)
      return { from: asFloor(from), to: asFloor(to) }
    }),
  }
}
