import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256, toHex } from '../../../src/lib/index.ts'
import { createItemSet } from '../../../src/sync/reconcile/item-set.ts'
import { numberedItem, numberedItems } from './numbered-items.ts'

/** Few different bytes, so that neighbours share long beginnings and sums carry. */
const item = fc
  .array(fc.constantFrom(0, 1, 255), { minLength: 32, maxLength: 32 })
  .map((bytes) => Uint8Array.from(bytes))
const change = fc.record({ item: fc.oneof(item, numbered()), isAdded: fc.boolean() })

function numbered(): fc.Arbitrary<Uint8Array> {
  return fc.integer({ min: 0, max: 400 }).map(numberedItem)
}

/** As the format says it, without a thought for speed. */
function plainFingerprint(items: readonly Uint8Array[]): string {
  const sum = items.reduce((total, one) => total + littleEndian(one), 0n) % 2n ** 256n
  const bytes = Buffer.from(sum.toString(16).padStart(64, '0'), 'hex').reverse()
  const digits =
    items.length < 128 ? [items.length] : [128 + (items.length >> 7), items.length & 127]
  return toHex(sha256(Buffer.concat([bytes, Uint8Array.from(digits)])).subarray(0, 16))
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`)
}

describe('an item set', () => {
  test('is a sorted list, whatever came and went', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 600 }),
        fc.array(change, { maxLength: 200 }),
        fc.array(fc.uint8Array({ maxLength: 32 }), { minLength: 4, maxLength: 4 }),
        (first, changes, bounds) => {
          const set = createItemSet(first.map(numberedItem))
          const plain = new Map(first.map((n) => [toHex(numberedItem(n)), numberedItem(n)]))
          for (const { item, isAdded } of changes) {
            const key = toHex(item)
            expect(isAdded ? set.add(item) : set.remove(item)).toBe(plain.has(key) !== isAdded)
            if (isAdded) plain.set(key, item)
            else plain.delete(key)
            expect(set.has(item)).toBe(isAdded)
          }
          const sorted = [...plain.keys()].sort()
          const items = sorted.map((key) => plain.get(key) as Uint8Array)
          expect(set.size).toBe(sorted.length)
          expect(toHex(set.slice(0, set.size))).toBe(sorted.join(''))
          const ranks = bounds.map((bound) => set.rankOf(bound)).sort((a, b) => a - b)
          for (const [i, bound] of bounds.entries()) {
            const padded = toHex(bound).padEnd(64, '0')
            expect(set.rankOf(bound)).toBe(sorted.filter((key) => key < padded).length)
            const found = sorted.find((key) => key.startsWith(toHex(bound)))
            expect(set.find(bound) && toHex(set.find(bound) as Uint8Array)).toBe(found)
            const [start, end] = [ranks[0] ?? 0, ranks[i] ?? 0]
            expect(toHex(set.fingerprint(start, end))).toBe(
              plainFingerprint(items.slice(start, end)),
            )
            expect(toHex(set.slice(start, end))).toBe(sorted.slice(start, end).join(''))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('holds 100,000 items in 60 bytes each, however they come', () => {
    const items = numberedItems([[0, 100_000, 1]])
    const before = process.memoryUsage().arrayBuffers
    const set = createItemSet(items)
    const bytes = process.memoryUsage().arrayBuffers - before
    expect(set.size).toBe(100_000)
    expect(bytes / set.size).toBeLessThan(60)
  })

  test('refuses what is no item', () => {
    const set = createItemSet()
    expect(() => set.add(new Uint8Array(31))).toThrow(
      expect.objectContaining({
        code: 'UNEXPECTED',
        message: 'This is not an item of a set that is reconciled.',
        details: expect.objectContaining({ expected: '32 bytes', got: '31 bytes' }),
      }),
    )
  })
})
