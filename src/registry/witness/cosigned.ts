// What this node has cosigned last, one record a log. It is written before a signature leaves, and its size and root are kept beside the
// database as well: who loses it could be led to cosign a second history (T6).

import {
  canonicalBytes,
  fromBase64,
  fromHex,
  isJsonObject,
  type Json,
  parseCanonical,
  RegistryError,
  sha256Hex,
  toBase64,
  toHex,
  utf8,
} from '../../lib/index.ts'
import type { Hash } from '../../log/index.ts'
import type { Floor, RecordKey, Store } from '../../store/index.ts'

export interface Cosigned {
  readonly origin: string
  readonly size: number
  readonly root: Hash
  readonly time: Date
  /** Signed by the log’s key, and by this node. */
  readonly note: Uint8Array
}

/** A record as it was read: what a commit expects to be there still. */
export interface LastCosigned {
  readonly key: RecordKey
  readonly value: Uint8Array | undefined
  readonly last: Cosigned | undefined
}

/** An origin may hold anything but a newline; a key may not. */
export function hashOfOrigin(origin: string): string {
  return sha256Hex(utf8(origin))
}

function cosignedKey(originHash: string): RecordKey {
  return { table: 'self', key: `cosigned/${originHash}` }
}

/** Throws STORE_CORRUPT for a record that is damaged, or older than what was signed. */
export async function readCosigned(store: Store, originHash: string): Promise<LastCosigned> {
  const key = cosignedKey(originHash)
  // Before the record: who cosigns meanwhile makes the record newer than this floor, never older.
  const floor = await store.findFloor(key.key)
  const [value] = await store.findRecords([key])
  const last = value === undefined ? undefined : parseCosigned(value, key)
  if (floor !== undefined && isBehind(last, floor)) throw lost(floor, last)
  return { key, value, last }
}

export function formatCosigned({ origin, size, root, time, note }: Cosigned): Uint8Array {
  const seconds = Math.floor(Number(time) / 1000)
  return canonicalBytes({ origin, size, root: toHex(root), time: seconds, note: toBase64(note) })
}

export function cosignedFloor({ origin, size, root }: Cosigned): Floor {
  return { origin: cosignedKey(hashOfOrigin(origin)).key, size, root: toHex(root) }
}

function isBehind(last: Cosigned | undefined, floor: Floor): boolean {
  if (last === undefined || last.size < floor.size) return true
  return last.size === floor.size && toHex(last.root) !== floor.root
}

function parseCosigned(value: Uint8Array, key: RecordKey): Cosigned {
  try {
    const fields: Json = parseCanonical(value)
    if (!isJsonObject(fields)) throw new TypeError('not an object')
    const { origin, size, root, time, note } = fields
    const bytes = typeof note === 'string' ? fromBase64(note) : undefined
    const isWhole = typeof size === 'number' && typeof time === 'number' && bytes !== undefined
    if (!isWhole || typeof origin !== 'string' || typeof root !== 'string') {
      throw new TypeError('another form')
    }
    return { origin, size, root: fromHex(root), time: new Date(time * 1000), note: bytes }
  } catch (cause) {
    throw new RegistryError('STORE_CORRUPT', 'What this node cosigned last cannot be read.', {
      expected: 'a record this node wrote',
      got: 'other bytes',
      next: 'This log is cosigned no more. Restore the store from a backup, then run `registry doctor`.',
      evidence: { kind: 'record', ...key },
      cause,
    })
  }
}

function lost(floor: Floor, last: Cosigned | undefined): RegistryError {
  return new RegistryError('STORE_CORRUPT', 'This store has forgotten what this node cosigned.', {
    expected: `${floor.size} entries with root ${floor.root}`,
    got: last === undefined ? 'nothing' : `${last.size} entries with root ${toHex(last.root)}`,
    next: 'Cosigning now could vouch for two histories. Restore the newest copy of the store.',
  })
}
