// What the files of a static log hold: tiles and entry bundles as C2SP tlog-tiles says, signatures in a form of our own
// (docs/protocol.md, "Static logs"). Decoding is strict and judges form only: every byte is used, or the file is refused.

import { concatBytes, RegistryError } from '../../lib/index.ts'
import { LIMITS } from '../../spec/index.ts'
import { HASH_BYTES } from './layout.ts'

/** As many as a peer may send for one entry. */
const MAX_BUNDLES = 16

/** Entries, each after its length in two bytes, big-endian. */
export function encodeEntries(statements: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...statements.flatMap((bytes) => [uint(bytes.length, 2), bytes]))
}

/** For each entry the number of its signatures in two bytes, then each after its length in four bytes. */
export function encodeSignatures(entries: readonly (readonly Uint8Array[])[]): Uint8Array {
  return concatBytes(
    ...entries.flatMap((bundles) => [
      uint(bundles.length, 2),
      ...bundles.flatMap((bytes) => [uint(bytes.length, 4), bytes]),
    ]),
  )
}

/** Throws MESSAGE_INVALID unless the bytes are exactly `width` entries. */
export function decodeEntries(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  const reader = createReader(bytes)
  const entries = Array.from({ length: width }, () => reader.item(2, LIMITS.statementBytes))
  reader.end()
  return entries
}

/** Throws MESSAGE_INVALID unless the bytes are exactly the signatures of `width` entries, at least one each. */
export function decodeSignatures(
  bytes: Uint8Array,
  width: number,
): readonly (readonly Uint8Array[])[] {
  const reader = createReader(bytes)
  const entries = Array.from({ length: width }, () => {
    const count = reader.uint(2)
    if (count < 1 || count > MAX_BUNDLES) throw malformed(`1 to ${MAX_BUNDLES} signatures`, count)
    return Array.from({ length: count }, () => reader.item(4, LIMITS.bundleBytes))
  })
  reader.end()
  return entries
}

/** Throws MESSAGE_INVALID unless the bytes are exactly `width` hashes. */
export function decodeTile(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  const length = width * HASH_BYTES
  if (bytes.length !== length) throw malformed(`${length} bytes`, `${bytes.length} bytes`)
  return Array.from({ length: width }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  )
}

interface Reader {
  uint(width: 2 | 4): number
  item(width: 2 | 4, most: number): Uint8Array
  end(): void
}

function createReader(bytes: Uint8Array): Reader {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw malformed(`${at + length} bytes or more`, bytes.length)
    at += length
    return bytes.subarray(at - length, at)
  }
  const reader: Reader = {
    uint: (width) => take(width).reduce((value, byte) => value * 256 + byte, 0),
    item: (width, most) => {
      const length = reader.uint(width)
      if (length < 1 || length > most) throw malformed(`an item of 1 to ${most} bytes`, length)
      return take(length)
    },
    end: () => {
      if (at !== bytes.length) throw malformed(`${at} bytes`, bytes.length)
    },
  }
  return reader
}

function uint(value: number, width: 2 | 4): Uint8Array {
  const bytes = Buffer.alloc(width)
  bytes.writeUIntBE(value, 0, width)
  return bytes
}

function malformed(expected: string, got: string | number): RegistryError {
  return new RegistryError('MESSAGE_INVALID', 'These are not the bytes of such a file.', {
    expected,
    got,
  })
}
