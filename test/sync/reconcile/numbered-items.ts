// Items by number, so that a vector of thousands is a line: the sha-256 of the number in decimal, with the class byte in front.

import { sha256, utf8 } from '../../../src/lib/index.ts'
import { createItemSet, type ItemSet } from '../../../src/sync/reconcile/item-set.ts'

/** From, to (exclusive), and in steps of. */
export type Numbers = readonly (readonly [from: number, to: number, step: number])[]

export function numberedItem(number: number): Uint8Array {
  const item = Uint8Array.from(sha256(utf8(String(number))))
  item[0] = number % 50 === 0 ? 1 : 2
  return item
}

export function numberedItems(numbers: Numbers): readonly Uint8Array[] {
  return numbers.flatMap(([from, to, step]) =>
    Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => numberedItem(from + i * step)),
  )
}

export function numberedSet(numbers: Numbers): ItemSet {
  return createItemSet(numberedItems(numbers))
}
