// A run of neighbouring items in one buffer. The edges of a range are summed item by item, so a block is what the fingerprint of
// any range costs at most, twice.

import { addItems, addLanes, ITEM, type Lanes, newLanes } from './sums.ts'

export const CAPACITY = 128

export class Block {
  count = 0
  readonly sum: Lanes = newLanes()
  readonly #bytes = new Uint8Array(CAPACITY * ITEM)
  readonly #view: DataView = new DataView(this.#bytes.buffer)

  /** How many items of this block are below the bound. */
  rankOf(bound: Uint8Array): number {
    let [low, high] = [0, this.count]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(middle, bound) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Whether the item there begins with these bytes. */
  isAt(index: number, start: Uint8Array): boolean {
    return index < this.count && this.#compare(index, start) === 0
  }

  isBelow(bound: Uint8Array): boolean {
    return this.count === 0 || this.#compare(this.count - 1, bound) < 0
  }

  insert(index: number, item: Uint8Array): void {
    this.#bytes.copyWithin((index + 1) * ITEM, index * ITEM, this.count * ITEM)
    this.#bytes.set(item, index * ITEM)
    this.count += 1
    addItems(this.sum, this.#view, index, index + 1)
  }

  delete(index: number): void {
    const gone = newLanes()
    addItems(gone, this.#view, index, index + 1)
    addLanes(this.sum, gone, -1)
    this.#bytes.copyWithin(index * ITEM, (index + 1) * ITEM, this.count * ITEM)
    this.count -= 1
  }

  /** The upper half, which leaves this block. */
  split(): Block {
    const half = this.count >>> 1
    const upper = new Block()
    upper.#bytes.set(this.items(half, this.count))
    upper.count = this.count - half
    addItems(upper.sum, upper.#view, 0, upper.count)
    addLanes(this.sum, upper.sum, -1)
    this.count = half
    return upper
  }

  addTo(lanes: Lanes, count: number): void {
    addItems(lanes, this.#view, 0, count)
  }

  /** Not a copy. */
  items(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start * ITEM, end * ITEM)
  }

  /** An item is not below a bound that it begins with: the rest of the bound is zeros. */
  #compare(index: number, bound: Uint8Array): number {
    const from = index * ITEM
    for (let i = 0; i < bound.length; i++) {
      const difference = (this.#bytes[from + i] as number) - (bound[i] as number)
      if (difference !== 0) return difference
    }
    return 0
  }
}
