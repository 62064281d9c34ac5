// Floors packed as bytes come back as they were, whatever their origin looks like.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBase32 } from '../../src/lib/index.ts'
import { createFloorTable } from '../../src/store/level/floor-table.ts'
import type { Floor } from '../../src/store/store.ts'

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
const origin = fc.oneof(
  digest.map((bytes) => `toolmark/p${encodeBase32(bytes)}`),
  // The last character has bits that no digest has.
  digest.map((bytes) => `toolmark/p${encodeBase32(bytes).slice(0, 51)}7`),
  // As long as a packed one.
  fc.stringMatching(/^[!-~]{32}$/),
  fc.stringMatching(/^[!-~]{1,90}$/),
)
const floor: fc.Arbitrary<Floor> = fc.record({
  origin,
  size: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  root: digest.map((bytes) => Buffer.from(bytes).toString('hex')),
})

test('as a map of them would', () => {
  fc.assert(
    fc.property(fc.array(floor), fc.array(fc.nat()), (floors, gone) => {
      const table = createFloorTable(floors)
      const model = new Map(floors.map((one) => [one.origin, one]))
      for (const index of gone) {
        const { origin: name = 'nobody' } = floors[index % (floors.length + 1)] ?? {}
        table.delete(name)
        model.delete(name)
      }
      expect([...table.values()]).toEqual([...model.values()])
      expect(table.size).toBe(model.size)
      for (const { origin: name } of floors) expect(table.get(name)).toEqual(model.get(name))
    }),
  )
})
