// How blocks, records and floors lie in LevelDB: a one-byte prefix, then the 32-byte digest or the record's key.
// A record's value follows a CRC-32 over (table, key, value): LevelDB returns wrong bytes after a flipped bit,
// and a value under another record's key is as wrong as a changed one.

import { crc32 } from 'node:zlib'
import { type Cid, cidFromDigest, writeDigest } from '../../cid/index.ts'
import { concatBytes, sha256Hex, utf8 } from '../../lib/index.ts'
import { assertCid, rottenRecord } from '../checks.ts'
import type { Table } from '../store.ts'

/** Floors lie among the records, in a table of their own that callers cannot name. */
type Place = Table | 'floor'

const PREFIX: Readonly<Record<Place, string>> = {
  head: 'h',
  entry: 'e',
  bundle: 's',
  hash: 't',
  index: 'i',
  claim: 'c',
  use: 'u',
  evidence: 'v',
  seen: 'w',
  news: 'y',
  attestation: 'j',
  fork: 'x',
  lack: 'l',
  partial: 'k',
  cosignature: 'o',
  witness: 'q',
  follow: 'g',
  peer: 'z',
  pin: 'p',
  alias: 'a',
  root: 'r',
  verdict: 'd',
  self: 'n',
  floor: 'f',
}
const BLOCK = 0x62 // b
const CHECKSUM = 4

export const FORMAT_KEY: Uint8Array = utf8('!format')

/**
 * Every batch removes the marker of the batch before it and puts its own, so there is always exactly one. A batch that
 * LevelDB dropped silently, from the middle of a damaged log, leaves its predecessor's behind.
 */
export const BATCH_RANGE: KeyRange = { gte: utf8('#'), lt: utf8('$') }

export function batchKey(number: number): Uint8Array {
  return utf8(`#${String(number).padStart(16, '0')}`)
}

export function numberOfBatchKey(key: Uint8Array): number {
  return Number(keyOfRecordKey(key))
}

export interface KeyRange {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
}

/** Out of the pool: a small array of its own costs LevelDB a microsecond to look into. Throws MESSAGE_INVALID for what is no CID. */
export function blockKey(cid: Cid): Buffer {
  const key = Buffer.allocUnsafe(33)
  key[0] = BLOCK
  if (!writeDigest(cid, key, 1)) assertCid(cid)
  return key
}

export function cidOfBlockKey(key: Uint8Array): Cid {
  return cidFromDigest(key.subarray(1))
}

/** Whether these are the bytes that the key names, if there are any. In hex, which costs half of what a CID to compare does. */
export function isSound(key: Buffer | undefined, bytes: Uint8Array | undefined): boolean {
  return bytes === undefined || (key !== undefined && sha256Hex(bytes) === key.toString('hex', 1))
}

export function blockRange(after?: Cid): KeyRange {
  const gte = after === undefined ? Uint8Array.of(BLOCK) : successor(blockKey(after))
  return { gte, lt: Uint8Array.of(BLOCK + 1) }
}

export function recordKey(place: Place, key: string): Uint8Array {
  return Buffer.from(PREFIX[place] + key, 'latin1')
}

/** Latin-1, so that a key with a flipped bit still has a name to be reported and stepped over by. */
export function keyOfRecordKey(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1', 1)
}

export function recordRange(place: Place, prefix = '', after = ''): KeyRange {
  const low = recordKey(place, prefix)
  const lt = Buffer.from(low)
  lt[lt.length - 1] = (low.at(-1) ?? 0) + 1
  const next = successor(recordKey(place, after))
  return { gte: after !== '' && Buffer.compare(next, low) > 0 ? next : low, lt }
}

export function sealRecord(place: Place, key: string, value: Uint8Array): Uint8Array {
  const sealed = Buffer.allocUnsafe(CHECKSUM + value.length)
  sealed.writeUInt32BE(checksum(place, key, value))
  sealed.set(value, CHECKSUM)
  return sealed
}

/** The value inside a sealed record; throws STORE_CORRUPT when the checksum differs. */
export function openRecord(place: Place, key: string, sealed: Uint8Array): Uint8Array {
  const value = sealed.subarray(CHECKSUM)
  const [a = 0, b = 0, c = 0, d = 0] = sealed
  const isWhole = sealed.length >= CHECKSUM
  if (isWhole && ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 === checksum(place, key, value))
    return value
  throw rottenRecord(place, key)
}

/** Against decay, not against people: whoever can write here can write a matching sum. A hash costs four times as much. */
function checksum(place: Place, key: string, value: Uint8Array): number {
  return crc32(value, crc32(`${place} ${key} `))
}

/** The very next key in byte order. */
function successor(key: Uint8Array): Uint8Array {
  return concatBytes(key, Uint8Array.of(0))
}
