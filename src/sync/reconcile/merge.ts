// Two sorted lists of items side by side: what only one of them has, and the shortest ranges that hold all of it.

import { compareBounds } from './message.ts'
import { ITEM } from './sums.ts'

export interface Merged {
  readonly item: Uint8Array
  readonly in: 'theirs' | 'mine' | 'both'
}

/** Neighbouring items that are not in both lists. */
export interface Run {
  /** Between the run and the item before it that is in both; undefined where there is none. */
  readonly lower: Uint8Array | undefined
  readonly upper: Uint8Array | undefined
  /** The positions first ≤ i < last of my items in it. */
  readonly first: number
  readonly last: number
}

/** `mine`: one after another. In order. */
export function* merge(theirs: readonly Uint8Array[], mine: Uint8Array): Generator<Merged> {
  let next = 0
  for (let at = 0; at < mine.length; at += ITEM) {
    const item = mine.subarray(at, at + ITEM)
    let their = theirs[next]
    while (their !== undefined && compareBounds(their, item) < 0) {
      yield { item: their, in: 'theirs' }
      next += 1
      their = theirs[next]
    }
    const isBoth = their !== undefined && compareBounds(their, item) === 0
    if (isBoth) next += 1
    yield { item, in: isBoth ? 'both' : 'mine' }
  }
  for (const item of theirs.slice(next)) yield { item, in: 'theirs' }
}

export function findRuns(theirs: readonly Uint8Array[], mine: Uint8Array): readonly Run[] {
  const runs: Run[] = []
  let position = 0
  let shared: Uint8Array | undefined
  let open: { lower: Uint8Array | undefined; first: number; end: Uint8Array } | undefined
  for (const { item, in: side } of merge(theirs, mine)) {
    if (side === 'both') {
      if (open !== undefined)
        runs.push({ ...open, upper: separate(open.end, item), last: position })
      open = undefined
      shared = item
    } else {
      const lower = shared === undefined ? undefined : separate(shared, item)
      open = open === undefined ? { lower, first: position, end: item } : { ...open, end: item }
    }
    if (side !== 'theirs') position += 1
  }
  if (open !== undefined) runs.push({ ...open, upper: undefined, last: position })
  return runs
}

/** The fewest bytes that lie above `below` and not above `item`. */
export function separate(below: Uint8Array, item: Uint8Array): Uint8Array {
  let length = 1
  while (below[length - 1] === item[length - 1]) length += 1
  return item.subarray(0, length)
}
