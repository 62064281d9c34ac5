// Messages of Negentropy v1 (https://github.com/hoytech/negentropy, docs/negentropy-protocol-v1.md), read strictly: a message is a
// peer's, so its ranges are counted, in order and inside one another's bounds. Timestamps are always 0 here, or infinity.

import { RegistryError, toHex } from '../../lib/index.ts'
import { FINGERPRINT, ITEM, varint } from './sums.ts'

/** A message, either way. Smaller ones would cost many round trips where sets differ much. */
export const MESSAGE_BYTES: number = 512 * 1024
export const VERSION = 0x61
/** A message full of fingerprints, each with a skipped range before it, has 52,000. */
const MAX_RANGES = 65_536
const [SKIP, PRINT, LIST] = [0, 1, 2]

/** The end of a range: 0 to 32 bytes that zeros follow; undefined: everything that is left. */
export type Bound = Uint8Array | undefined

export type Range =
  | { readonly kind: 'skip'; readonly upper: Bound }
  | { readonly kind: 'fingerprint'; readonly upper: Bound; readonly fingerprint: Uint8Array }
  /** Sorted, without duplicates, all inside the range. */
  | { readonly kind: 'items'; readonly upper: Bound; readonly items: readonly Uint8Array[] }

/** The version byte; the rest of a message of another version means nothing here. */
export function versionOf(message: Uint8Array): number {
  if (message.length > MESSAGE_BYTES) {
    refuse('is too long', `at most ${MESSAGE_BYTES} bytes`, `${message.length} bytes`)
  }
  const version = message[0]
  if (version !== undefined && version >= 0x60 && version <= 0x6f) return version
  return refuse('has no version', 'a first byte of 60 to 6f', version?.toString(16) ?? 'no bytes')
}

/** The ranges of a message of this version, one by one: what is wrong further on shows when it is reached. Throws MESSAGE_INVALID. */
export function* readRanges(message: Uint8Array): Generator<Range> {
  const reader = new Reader(message)
  let lower: Bound = new Uint8Array(0)
  for (let count = 0; !reader.isDone; count++) {
    if (count === MAX_RANGES) refuse('has too many ranges', `at most ${MAX_RANGES}`, 'more')
    if (lower === undefined) refuse('goes on behind its end', 'nothing', 'another range')
    const upper = reader.bound()
    if (upper !== undefined && compareBounds(upper, lower as Uint8Array) < 0) {
      refuse('has ranges out of order', `a bound from ${toHex(lower as Uint8Array)}`, toHex(upper))
    }
    yield readRange(reader, lower as Uint8Array, upper)
    lower = upper
  }
}

function readRange(reader: Reader, lower: Uint8Array, upper: Bound): Range {
  const mode = reader.varint()
  if (mode === SKIP) return { kind: 'skip', upper }
  if (mode === PRINT) return { kind: 'fingerprint', upper, fingerprint: reader.take(FINGERPRINT) }
  if (mode !== LIST) return refuse('has a range of an unknown kind', 'mode 0, 1 or 2', `${mode}`)
  const count = reader.varint()
  const bytes = reader.take(count * ITEM)
  const items = Array.from({ length: count }, (_, i) => bytes.subarray(i * ITEM, (i + 1) * ITEM))
  return { kind: 'items', upper, items: sortedItems(items, lower, upper) }
}

/** The format asks for no order, so another implementation may have none. */
function sortedItems(
  items: readonly Uint8Array[],
  lower: Uint8Array,
  upper: Bound,
): readonly Uint8Array[] {
  const sorted = isSorted(items) ? items : items.toSorted(compareBounds)
  if (!isSorted(sorted)) refuse('lists an item twice', 'each item once', 'the same again')
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (first === undefined || last === undefined) return sorted
  const isInside =
    compareBounds(first, lower) >= 0 && (upper === undefined || compareBounds(last, upper) < 0)
  // An item may stand in one range only: a peer that repeats itself would be believed, and stored, again and again.
  if (!isInside) refuse('lists an item of another range', 'items inside their range', 'one outside')
  return sorted
}

function isSorted(items: readonly Uint8Array[]): boolean {
  return items.every((item, i) => i === 0 || compareBounds(items[i - 1] as Uint8Array, item) < 0)
}

/** As if zeros followed the shorter one. */
export function compareBounds(a: Uint8Array, b: Uint8Array): number {
  const length = Math.max(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

class Reader {
  readonly #bytes: Uint8Array
  #at = 1

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isDone(): boolean {
    return this.#at === this.#bytes.length
  }

  take(length: number): Uint8Array {
    const left = this.#bytes.length - this.#at
    if (length > left) refuse('ends early', `${length} bytes more`, `${left} bytes`)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** Below 2^28: nothing that is counted here is more. */
  varint(): number {
    let value = 0
    for (let digits = 1; ; digits++) {
      const [byte = 0] = this.take(1)
      const isLong = digits > 4 || (digits === 1 && byte === 128)
      if (isLong) refuse('has a number that is too long', 'at most 4 digits, none in vain', 'more')
      value = value * 128 + (byte & 127)
      if (byte < 128) return value
    }
  }

  bound(): Bound {
    const time = this.varint()
    const length = this.varint()
    if (length > ITEM) refuse('has a bound that is too long', `at most ${ITEM} bytes`, `${length}`)
    const bytes = this.take(length)
    if (time === 1) return bytes
    if (time === 0 && length === 0) return undefined
    return refuse('has a bound with a time', 'time 0, or the end without bytes', 'another time')
  }
}

/** Ranges in order, after the version. */
export class Writer {
  #bytes = new Uint8Array(1024)
  #length = 1

  constructor() {
    this.#bytes[0] = VERSION
  }

  get length(): number {
    return this.#length
  }

  /** A copy. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  put(bytes: Uint8Array): void {
    const length = this.#length + bytes.length
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = length
  }
}

export function formatSkip(upper: Bound): Uint8Array {
  return Uint8Array.from([...formatBound(upper), SKIP])
}

export function formatFingerprint(upper: Bound, fingerprint: Uint8Array): Uint8Array {
  return Uint8Array.from([...formatBound(upper), PRINT, ...fingerprint])
}

/** `items`: one after another. */
export function formatItems(upper: Bound, items: Uint8Array): Uint8Array {
  const start = [...formatBound(upper), LIST, ...varint(items.length / ITEM)]
  const bytes = new Uint8Array(start.length + items.length)
  bytes.set(start)
  bytes.set(items, start.length)
  return bytes
}

function formatBound(bound: Bound): readonly number[] {
  return bound === undefined ? [0, 0] : [1, bound.length, ...bound]
}

export function refuse(what: string, expected: string, got: string): never {
  throw new RegistryError('MESSAGE_INVALID', `A message of set reconciliation ${what}.`, {
    expected,
    got,
    next: 'The other side speaks another version of the protocol or is broken; use another peer.',
  })
}
