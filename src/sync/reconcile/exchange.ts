// One message of Negentropy v1 turned into the next, as both sides do it: ranges with equal fingerprints are left alone, others are
// split in 16 or, when small, listed. A message that would become too long ends in one fingerprint of all that is left.

import { equalBytes } from '../../lib/index.ts'
import type { Items } from './item-set.ts'
import { findRuns, separate } from './merge.ts'
import {
  type Bound,
  compareBounds,
  formatFingerprint,
  formatItems,
  formatSkip,
  type Range,
  readRanges,
  Writer,
} from './message.ts'
import { ITEM } from './sums.ts'

const BUCKETS = 16
/** Kept free for the end: a skipped range and a fingerprint. */
const ROOM = 200

export interface Exchange {
  readonly message: Uint8Array
  /** Nothing more to say: all ranges are settled. */
  readonly isDone: boolean
  /** The message was cut at the limit. */
  readonly isCut: boolean
}

type Listed = Extract<Range, { readonly kind: 'items' }>

/** What to do with a range that the other side has listed: answer with one's own list, or take it and be done with the range. */
export type OnList = (listed: readonly Uint8Array[], start: number, end: number) => void

/** Throws MESSAGE_INVALID. With `onList` as the side that began; without as the side that answers. */
export function exchange(
  items: Items,
  incoming: Uint8Array,
  { limit, onList }: { readonly limit: number; readonly onList?: OnList },
): Exchange {
  const out = new Outgoing(items, limit)
  for (const range of readRanges(incoming)) {
    if (onList !== undefined && range.kind === 'items') out.settle(range, onList)
    else out.answer(range)
    if (out.isCut) break
  }
  return out.finish()
}

export function firstMessage(items: Items): Uint8Array {
  const writer = new Writer()
  for (const part of split(items, { start: 0, end: items.size }, undefined)) writer.put(part)
  return writer.finish()
}

class Outgoing {
  isCut = false
  readonly #items: Items
  readonly #limit: number
  readonly #writer = new Writer()
  /** Where the next range begins: its bound, and how many items are before it. */
  #lower: Bound = new Uint8Array(0)
  #start = 0
  /** Whether ranges before it are still to be skipped. */
  #skips = false

  constructor(items: Items, limit: number) {
    this.#items = items
    this.#limit = limit - ROOM
  }

  finish(): Exchange {
    return {
      message: this.#writer.finish(),
      isDone: this.#writer.length === 1,
      isCut: this.isCut,
    }
  }

  settle({ upper, items }: Listed, onList: OnList): void {
    const end = this.#endOf(upper)
    onList(items, this.#start, end)
    this.#skip(upper, end)
  }

  answer(range: Range): void {
    const { upper } = range
    const end = this.#endOf(upper)
    if (range.kind === 'items') this.#tell(range, end)
    else if (range.kind === 'skip' || this.#isSame(range.fingerprint, end)) this.#skip(upper, end)
    else this.#split(upper, end)
  }

  #isSame(fingerprint: Uint8Array, end: number): boolean {
    return equalBytes(fingerprint, this.#items.fingerprint(this.#start, end))
  }

  #split(upper: Bound, end: number): void {
    const parts = split(this.#items, { start: this.#start, end }, upper)
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    if (this.#writer.length + length > this.#limit) {
      this.#cut()
      return
    }
    this.#putSkip()
    for (const part of parts) this.#writer.put(part)
    this.#go(upper, end)
  }

  /** Of what is held in the range, what they have not: what both have is skipped, as far as there is room. */
  #tell({ upper, items }: Listed, end: number): void {
    const start = this.#start
    const last = Math.min(end, start + this.#room())
    const bound = last < end ? this.#items.at(last) : upper
    const theirs =
      bound === undefined ? items : items.filter((one) => compareBounds(one, bound) < 0)
    for (const run of findRuns(theirs, this.#items.slice(start, last))) {
      if (run.lower !== undefined) this.#skip(run.lower, start + run.first)
      this.#list(run.upper ?? bound, start + run.last)
      if (this.isCut) return
    }
    this.#skip(bound, last)
    if (last < end) this.#cut()
  }

  /** Everything held in the range, or as much as fits. */
  #list(upper: Bound, end: number): void {
    this.#putSkip()
    const last = Math.min(end, this.#start + this.#room())
    const bound = last < end ? this.#items.at(last) : upper
    this.#writer.put(formatItems(bound, this.#items.slice(this.#start, last)))
    this.#go(bound, last)
    if (bound !== undefined && this.#writer.length > this.#limit) this.#cut()
  }

  /** How many items may still be listed; the last one may go over the limit. */
  #room(): number {
    return Math.max(0, Math.ceil((this.#limit - this.#writer.length) / ITEM))
  }

  #cut(): void {
    this.isCut = true
    this.#putSkip()
    const rest = this.#items.fingerprint(this.#start, this.#items.size)
    this.#writer.put(formatFingerprint(undefined, rest))
  }

  #skip(upper: Bound, end: number): void {
    // A list may have ended at this very bound.
    if (upper !== this.#lower) this.#skips = true
    this.#go(upper, end)
  }

  #go(upper: Bound, end: number): void {
    this.#lower = upper
    this.#start = end
  }

  #putSkip(): void {
    if (this.#skips) this.#writer.put(formatSkip(this.#lower))
    this.#skips = false
  }

  #endOf(upper: Bound): number {
    return upper === undefined ? this.#items.size : this.#items.rankOf(upper)
  }
}

function split(
  items: Items,
  { start, end }: { readonly start: number; readonly end: number },
  upper: Bound,
): readonly Uint8Array[] {
  const count = end - start
  if (count < 2 * BUCKETS) return [formatItems(upper, items.slice(start, end))]
  const size = Math.floor(count / BUCKETS)
  const larger = count % BUCKETS
  let from = start
  return Array.from({ length: BUCKETS }, (_, i) => {
    const to = from + size + (i < larger ? 1 : 0)
    const bound = to === end ? upper : separate(items.at(to - 1), items.at(to))
    const part = formatFingerprint(bound, items.fingerprint(from, to))
    from = to
    return part
  })
}
