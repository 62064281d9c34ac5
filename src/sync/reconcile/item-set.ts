// A sorted set of 32-byte items that knows the sum of any range at once: blocks of items, and prefix sums over the blocks. A
// change touches one block; the prefix sums behind it are made again when somebody next asks. Nothing here knows what an item means.

import { RegistryError } from '../../lib/index.ts'
import { Block, CAPACITY } from './item-block.ts'
import { addLanes, fingerprintOf, ITEM, type Lanes, newLanes, settle } from './sums.ts'

/** What reconciliation reads. Positions hold until the next change. */
export interface Items {
  readonly size: number
  has(item: Uint8Array): boolean
  /** A copy of the first item that begins with these bytes. */
  find(start: Uint8Array): Uint8Array | undefined
  /** How many items lie below a bound of 0 to 32 bytes; bytes that are left out are zeros. */
  rankOf(bound: Uint8Array): number
  /** A copy. */
  at(index: number): Uint8Array
  /** The items start ≤ index < end one after another, copied. */
  slice(start: number, end: number): Uint8Array
  /** 16 bytes, as Negentropy v1 takes them. */
  fingerprint(start: number, end: number): Uint8Array
}

export interface ItemSet extends Items {
  /** False where it was there already. */
  add(item: Uint8Array): boolean
  /** False where it was not there. */
  remove(item: Uint8Array): boolean
}

/** About 45 bytes an item; items that come in order are packed best and added fastest. */
export function createItemSet(items: Iterable<Uint8Array> = []): ItemSet {
  const set = new BlockedSet()
  for (const item of items) set.add(item)
  return set
}

class BlockedSet implements ItemSet {
  readonly #blocks: Block[] = [new Block()]
  /** Before each block, and after the last: how many items there are, and their sum. True for the first `#settled` blocks. */
  readonly #starts: number[] = [0]
  readonly #sums: Lanes[] = [newLanes()]
  #settled = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  has(item: Uint8Array): boolean {
    assertItem(item)
    const block = this.#block(this.#findBlock(item))
    return block.isAt(block.rankOf(item), item)
  }

  find(start: Uint8Array): Uint8Array | undefined {
    const block = this.#block(this.#findBlock(start))
    const at = block.rankOf(start)
    return block.isAt(at, start) ? block.items(at, at + 1).slice() : undefined
  }

  add(item: Uint8Array): boolean {
    assertItem(item)
    let index = this.#findBlock(item)
    let block = this.#block(index)
    let at = block.rankOf(item)
    if (block.isAt(at, item)) return false
    if (block.count === CAPACITY) {
      const isLast = index === this.#blocks.length - 1 && at === CAPACITY
      this.#blocks.splice(index + 1, 0, isLast ? new Block() : block.split())
      this.#forget(index)
      if (isLast || at > block.count) {
        at -= block.count
        index += 1
        block = this.#block(index)
      }
    }
    block.insert(at, item)
    this.#forget(index)
    this.#size += 1
    return true
  }

  remove(item: Uint8Array): boolean {
    assertItem(item)
    const index = this.#findBlock(item)
    const block = this.#block(index)
    const at = block.rankOf(item)
    if (!block.isAt(at, item)) return false
    block.delete(at)
    if (block.count === 0 && this.#blocks.length > 1) this.#blocks.splice(index, 1)
    this.#forget(index)
    this.#size -= 1
    return true
  }

  rankOf(bound: Uint8Array): number {
    this.#settle()
    const index = this.#findBlock(bound)
    return this.#start(index) + this.#block(index).rankOf(bound)
  }

  at(index: number): Uint8Array {
    return this.slice(index, index + 1)
  }

  slice(start: number, end: number): Uint8Array {
    this.#settle()
    const bytes = new Uint8Array((end - start) * ITEM)
    for (let from = start, index = this.#blockAt(start); from < end; index++) {
      const block = this.#block(index)
      const first = from - this.#start(index)
      const last = Math.min(block.count, first + end - from)
      bytes.set(block.items(first, last), (from - start) * ITEM)
      from += last - first
    }
    return bytes
  }

  fingerprint(start: number, end: number): Uint8Array {
    this.#settle()
    const sum = newLanes()
    this.#addUpTo(sum, end, 1)
    this.#addUpTo(sum, start, -1)
    return fingerprintOf(sum, end - start)
  }

  /** The sum of all items before a position. */
  #addUpTo(sum: Lanes, position: number, sign: 1 | -1): void {
    const index = this.#blockAt(position)
    const partial = newLanes()
    this.#block(index).addTo(partial, position - this.#start(index))
    addLanes(sum, this.#sums[index] as Lanes, sign)
    addLanes(sum, partial, sign)
  }

  /** The first block with an item that is not below the bound, else the last. */
  #findBlock(bound: Uint8Array): number {
    return search(this.#blocks.length - 1, (i) => this.#block(i).isBelow(bound))
  }

  #blockAt(position: number): number {
    return search(this.#blocks.length - 1, (i) => this.#start(i + 1) <= position)
  }

  #forget(index: number): void {
    this.#settled = Math.min(this.#settled, index)
  }

  #settle(): void {
    for (let i = this.#settled; i < this.#blocks.length; i++) {
      const block = this.#block(i)
      const sum = this.#sums[i + 1] ?? newLanes()
      sum.set(this.#sums[i] as Lanes)
      addLanes(sum, block.sum, 1)
      this.#sums[i + 1] = settle(sum)
      this.#starts[i + 1] = this.#start(i) + block.count
    }
    this.#settled = this.#blocks.length
  }

  #block(index: number): Block {
    return this.#blocks[index] as Block
  }

  #start(index: number): number {
    return this.#starts[index] as number
  }
}

/** The first number below `end` for which `isBefore` is false, else `end`. */
function search(end: number, isBefore: (index: number) => boolean): number {
  let [low, high] = [0, end]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

function assertItem(item: Uint8Array): void {
  if (item.length === ITEM) return
  throw new RegistryError('UNEXPECTED', 'This is not an item of a set that is reconciled.', {
    expected: `${ITEM} bytes`,
    got: `${item.length} bytes`,
    next: 'This is a fault of the program; report it.',
  })
}
