// Bytes of a peer are read in the pieces in which they came, without a copy of the whole.

import type { StreamMessageEvent } from '@libp2p/interface'
import { expect, test, vi } from 'vitest'
import { partsOf } from '../../src/sync/parts.ts'

test('pieces are handed on in their order, and never made one', () => {
  const pieces = [Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4, 5, 6)]
  const subarray = vi.fn()
  const list = { subarray, [Symbol.iterator]: () => pieces[Symbol.iterator]() }
  const parts = [...partsOf(list as unknown as StreamMessageEvent['data'])]
  expect(parts).toHaveLength(3)
  for (const [i, part] of parts.entries()) expect(part).toBe(pieces[i])
  expect(subarray).not.toHaveBeenCalled()
})

test('one piece is itself', () => {
  const one = Uint8Array.of(1, 2, 3)
  const parts = [...partsOf(one)]
  expect(parts).toHaveLength(1)
  expect(parts[0]).toBe(one)
})
