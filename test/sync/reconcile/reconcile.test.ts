import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src/lib/index.ts'
import { createItemSet, type ItemSet } from '../../../src/sync/reconcile/item-set.ts'
import { MESSAGE_BYTES } from '../../../src/sync/reconcile/message.ts'
import {
  answerReconcile,
  continueReconcile,
  startReconcile,
} from '../../../src/sync/reconcile/reconcile.ts'
import { numberedItem, numberedSet } from './numbered-items.ts'
import { reconcile } from './talk.ts'

const numbers = (most: number): fc.Arbitrary<readonly number[]> =>
  fc.uniqueArray(fc.integer({ min: 0, max: 4 * most }), { maxLength: most, size: 'max' })
/** Items that share all but their last bytes, as somebody could mint them. */
const near = fc.uniqueArray(fc.integer({ min: 0, max: 65_535 }), { maxLength: 300, size: 'max' })
const limit = fc.constantFrom(4_096, 4_500, 10_000, 65_536, MESSAGE_BYTES)

function nearItem(number: number): Uint8Array {
  const item = new Uint8Array(32).fill(7)
  item.set([number >> 8, number & 255], 30)
  return item
}

function without(items: readonly Uint8Array[], others: readonly Uint8Array[]): Set<string> {
  const left = new Set(items.map(toHex))
  for (const other of others) left.delete(toHex(other))
  return left
}

function assertFound(
  mine: readonly Uint8Array[],
  theirs: readonly Uint8Array[],
  limits: { readonly client: number; readonly server: number },
): void {
  const { need, have, rounds, longest } = reconcile(createItemSet(mine), createItemSet(theirs), {
    client: { limit: limits.client },
    server: { limit: limits.server },
  })
  expect(need).toEqual(without(theirs, mine))
  expect(have).toEqual(without(mine, theirs))
  expect(longest).toBeLessThanOrEqual(Math.max(limits.client, limits.server))
  const differences = need.size + have.size
  const isFree = Math.min(limits.client, limits.server) === MESSAGE_BYTES
  expect(rounds).toBeLessThanOrEqual(isFree ? 4 : 8 + differences / 8)
}

describe('reconciling', () => {
  test('finds what each side lacks, under any limit', () => {
    fc.assert(
      fc.property(numbers(400), numbers(400), numbers(1_200), limit, limit, (a, b, both, c, s) => {
        const [mine, theirs] = [[...new Set([...a, ...both])], [...new Set([...b, ...both])]]
        const limits = { client: c, server: s }
        assertFound(mine.map(numberedItem), theirs.map(numberedItem), limits)
      }),
      { numRuns: 150 },
    )
  })

  test('and among items that differ in their last bytes alone', () => {
    fc.assert(
      fc.property(near, near, limit, limit, (a, b, client, server) => {
        assertFound(a.map(nearItem), b.map(nearItem), { client, server })
      }),
      { numRuns: 100 },
    )
  })

  test('sees what changes between two messages', () => {
    const [mine, theirs] = [numberedSet([[0, 2_000, 1]]), numberedSet([[1_000, 3_000, 1]])]
    let { state, message } = startReconcile(mine, { limit: 4_096 })
    for (let round = 0; round < 3; round++) {
      const next = continueReconcile(state, talkTo(theirs, message))
      for (const item of next.need) mine.add(item)
      if (next.message === undefined) break
      state = next.state
      message = next.message
    }
    expect(reconcile(mine, theirs).have.size).toBe(1_000)
    expect(reconcile(mine, theirs).need.size).toBeGreaterThan(0)
    expect(reconcile(mine, theirs).need.size).toBeLessThan(1_000)
  })

  test.each([0, 1, 31, 32, 1_000, 100_000])(
    'equal sets of %i cost one round and less than 400 bytes beyond their lists',
    (size) => {
      const set = numberedSet([[0, size, 1]])
      const { need, have, rounds, bytes } = reconcile(set, set)
      expect([need.size, have.size, rounds]).toEqual([0, 0, 1])
      expect(bytes).toBeLessThan(size < 32 ? 20 + 32 * size : 400)
    },
  )

  test('ten differences cost little more among many than among few', () => {
    const cost = (size: number): number => {
      const [mine, theirs] = [numberedSet([[0, size, 1]]), numberedSet([[10, size + 10, 1]])]
      const { need, have, rounds, bytes } = reconcile(mine, theirs)
      expect([need.size, have.size]).toEqual([10, 10])
      expect(rounds).toBeLessThanOrEqual(3)
      return bytes
    }
    const [few, many] = [cost(10_000), cost(100_000)]
    expect(few).toBeLessThan(16_000)
    expect(many).toBeLessThan(3 * few)
  })

  test('limits are the program’s own', () => {
    expect(() => startReconcile(createItemSet(), { limit: 4_095 })).toThrow(
      expect.objectContaining({
        code: 'UNEXPECTED',
        message: 'Messages of set reconciliation cannot be of this size.',
        details: expect.objectContaining({
          expected: '4096 to 524288 bytes',
          got: '4095 bytes',
        }),
      }),
    )
  })
})

function talkTo(theirs: ItemSet, message: Uint8Array): Uint8Array {
  return answerReconcile(theirs, message, { limit: 4_096 })
}
