// What every store checks before it believes a caller: shapes of keys and floors, block hashes, floors that only rise.
// Types promise this within one program; a shared store also hears from other processes.

import { type Block, type Cid, cidOf, isCid, isHashed } from '../cid/index.ts'
import { RegistryError } from '../lib/index.ts'
import type { Change, Floor, FloorReset, RecordKey, Table } from './store.ts'

export const TABLES: readonly Table[] = [
  'head',
  'entry',
  'bundle',
  'hash',
  'index',
  'claim',
  'use',
  'evidence',
  'seen',
  'news',
  'attestation',
  'fork',
  'lack',
  'partial',
  'cosignature',
  'witness',
  'follow',
  'peer',
  'pin',
  'alias',
  'root',
  'verdict',
  'self',
]

const KNOWN: ReadonlySet<unknown> = new Set(TABLES)
const KEY = /^[\x21-\x7e]{1,1024}$/
const ROOT = /^[0-9a-f]{64}$/

export function isTable(value: unknown): value is Table {
  return KNOWN.has(value)
}

export function assertCid(cid: Cid): void {
  if (!isCid(cid)) throw invalid('a CID', cid)
}

export function assertKey({ table, key }: RecordKey): void {
  if (!isTable(table)) throw invalid(`a table: ${TABLES.join(', ')}`, table)
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw invalid('a key of 1 to 1,024 printable ASCII characters without spaces', key)
  }
}

export function assertPrefix(text: string | undefined): void {
  if (text !== undefined && text !== '' && !KEY.test(text)) {
    throw invalid('a prefix of printable ASCII characters without spaces', text)
  }
}

export function assertFloor({ origin, size, root }: Floor): void {
  if (typeof origin !== 'string' || !KEY.test(origin)) throw invalid('an origin', origin)
  if (!Number.isSafeInteger(size) || size < 0) throw invalid('a size of a log', size)
  if (typeof root !== 'string' || !ROOT.test(root)) throw invalid('a root of 64 hex digits', root)
}

/** The form of a whole change. The hashes of its blocks are checked at the moment of writing. */
export function assertChange(change: Change): void {
  for (const { cid, bytes } of change.blocks ?? []) {
    assertCid(cid)
    if (!(bytes instanceof Uint8Array)) throw invalid('bytes of a block', bytes)
  }
  for (const cid of change.drop ?? []) assertCid(cid)
  for (const record of change.put ?? []) {
    assertKey(record)
    if (!(record.value instanceof Uint8Array)) throw invalid('bytes of a record', record.value)
  }
  for (const key of change.remove ?? []) assertKey(key)
  for (const key of change.expect ?? []) assertKey(key)
  for (const floor of change.floors ?? []) assertFloor(floor)
  for (const { from, to } of change.resets ?? []) {
    assertFloor(from)
    assertFloor(to)
    if (to.origin !== from.origin) throw invalid(`a floor of ${from.origin}`, to.origin)
    // Their hashes are checked right before they are written, and a floor that is replaced is written in steps.
    if (change.blocks !== undefined && change.blocks.length > 0) {
      throw invalid('no blocks with a floor that is replaced', change.blocks.length)
    }
  }
}

/** A store that trusted the caller's CID would serve wrong bytes under a right name for ever. */
export function assertHash(block: Block): void {
  if (isHashed(block)) return
  const { cid, bytes } = block
  const got = cidOf(bytes)
  if (got === cid) return
  throw new RegistryError('HASH_MISMATCH', 'The bytes of a block do not hash to its CID.', {
    expected: cid,
    got,
    next: 'Fetch the block again, from another source if this one repeats.',
  })
}

/** Rollback and equivocation stop here as well, under the commit lock: two writers cannot both pass an earlier check. */
function assertFloorRises(held: Floor | undefined, next: Floor): void {
  if (held === undefined || next.size > held.size) return
  const evidence = { held, got: next }
  if (next.size < held.size) {
    throw new RegistryError('ROLLBACK', `The log ${next.origin} is older than what was accepted.`, {
      expected: `size ${held.size} or more`,
      got: `size ${next.size}`,
      next: 'Ask another peer for the newest checkpoint; do not accept the older one.',
      evidence,
    })
  }
  if (next.root === held.root) return
  throw new RegistryError('FORKED', `The log ${next.origin} has two roots at size ${next.size}.`, {
    expected: held.root,
    got: next.root,
    next: 'Keep both checkpoints: together they prove that the publisher showed two histories.',
    evidence,
  })
}

/** All that a change writes, in order. */
export function floorsOf({ floors = [], resets = [] }: Change): readonly Floor[] {
  return [...resets.map(({ to }) => to), ...floors]
}

/** `held` has the floor of every origin in the change, where there is one. In one step, so that a store can check and write in one. */
export function assertFloors(
  { floors = [], resets = [] }: Change,
  held: ReadonlyMap<string, Floor>,
): void {
  const risen = new Map(held)
  for (const reset of resets) {
    const { origin } = reset.from
    risen.set(origin, assertReset(reset, risen.get(origin)))
  }
  for (const floor of floors) {
    assertFloorRises(risen.get(floor.origin), floor)
    risen.set(floor.origin, floor)
  }
}

/** Who lowers a floor has to know which: one that rose meanwhile was not meant. */
function assertReset({ from, to }: FloorReset, held: Floor | undefined): Floor {
  if (held?.size === from.size && held.root === from.root) return to
  throw new RegistryError('CONFLICT', `The floor of ${from.origin} is not the one that was read.`, {
    expected: `${from.size} ${from.root}`,
    got: held === undefined ? 'none' : `${held.size} ${held.root}`,
    next: 'Run the command again; it starts from the new state.',
  })
}

export function higherFloor(a: Floor | undefined, b: Floor | undefined): Floor | undefined {
  if (a === undefined || b === undefined) return a ?? b
  if (a.size !== b.size) return a.size > b.size ? a : b
  if (a.root === b.root) return a
  throw new RegistryError('STORE_CORRUPT', `Two roots are kept for ${a.origin} at one size.`, {
    expected: `${a.size} ${a.root}`,
    got: `${b.size} ${b.root}`,
    next: 'Restore the folder from a backup, or start a new one and pull again.',
    evidence: { kind: 'floor', origin: a.origin },
  })
}

export function rottenBlock(cid: Cid): RegistryError {
  return new RegistryError('STORE_CORRUPT', `The stored block ${cid} has rotted.`, {
    expected: 'bytes that hash to the CID',
    got: 'other bytes',
    next: 'Pull the release again to fetch a good copy, or restore the store from a backup.',
    evidence: { kind: 'block', cid },
  })
}

export function rottenRecord(table: Table | 'floor', key: string): RegistryError {
  return new RegistryError('STORE_CORRUPT', `A stored record in ${table} has rotted.`, {
    expected: 'a value that matches its checksum',
    got: JSON.stringify(key),
    next: 'Restore the store from a backup, or start a new folder and pull again.',
    evidence: table === 'floor' ? { kind: 'floor', origin: key } : { kind: 'record', table, key },
  })
}

export function conflict({ table, key }: RecordKey): RegistryError {
  return new RegistryError('CONFLICT', 'Someone else changed the store in the meantime.', {
    expected: `${table} ${key} as it was read`,
    got: 'another value',
    next: 'Run the command again; it starts from the new state.',
  })
}

export function closed(next = 'Open the store again.'): RegistryError {
  return new RegistryError('CLOSED', 'This store is closed.', { next })
}

function invalid(expected: string, got: unknown): RegistryError {
  const text = typeof got === 'string' ? JSON.stringify(got.slice(0, 80)) : typeof got
  return new RegistryError('MESSAGE_INVALID', 'The store was asked for something malformed.', {
    expected,
    got: typeof got === 'number' ? got : text,
  })
}
