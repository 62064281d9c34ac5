// Bytes that are kept must not keep others.

import { expect, it } from 'vitest'
import { copyBytes } from '../../src/lib/index.ts'

it('copies to memory of its own, and not of the pool that small buffers share', () => {
  const pooled = Buffer.from('some bytes')
  const copy = copyBytes(pooled)
  expect(pooled.buffer.byteLength).toBeGreaterThan(pooled.length)
  expect(copy.buffer.byteLength).toBe(pooled.length)
  pooled.fill(0)
  expect(Buffer.from(copy).toString()).toBe('some bytes')
})
