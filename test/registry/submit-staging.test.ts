// What a home node holds for submitters before anything of theirs is in the log.

import { expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { createStaging } from '../../src/registry/submit/staging.ts'

const MIB = 1024 * 1024

function blocks(count: number, size: number, from = 0): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = new Uint8Array(size)
    new DataView(bytes.buffer).setUint32(0, from + i)
    return bytes
  })
}

test('takes only what was asked for, all of it or nothing', () => {
  const room = { bytes: 0 }
  const staging = createStaging(room)
  const [one, other] = blocks(2, 10) as [Uint8Array, Uint8Array]
  staging.want([cidOf(one)])
  expect(() => staging.add([one, other])).toThrow(/none that a submission is missing/)
  expect([room.bytes, staging.find(cidOf(one))]).toEqual([0, undefined])
  staging.add([one, one])
  staging.add([one])
  expect([room.bytes, staging.find(cidOf(one))]).toEqual([10, one])
  staging.clear()
  expect([room.bytes, staging.find(cidOf(one))]).toEqual([0, undefined])
  expect(() => staging.add([one])).toThrow(/none that a submission is missing/)
})

test('keeps nothing of the message that a block came in', () => {
  const block = new Uint8Array(MIB).subarray(1, 11)
  const staging = createStaging({ bytes: 0 })
  staging.want([cidOf(block)])
  staging.add([block])
  expect(staging.find(cidOf(block))).toEqual(block)
  expect(staging.find(cidOf(block))?.buffer.byteLength).toBe(10)
})

test('holds 16 MiB and 4,096 blocks for one, 64 MiB for all, and gives the room back', () => {
  const room = { bytes: 0 }
  const fill = (from: number) => {
    const staging = createStaging(room)
    const own = blocks(16, MIB, from)
    staging.want([...own, ...blocks(1, 4, 99)].map(cidOf))
    staging.add(own)
    return staging
  }
  const [first] = [0, 16, 32, 48].map(fill)
  expect(room.bytes).toBe(64 * MIB)
  expect(() => first?.add(blocks(1, 4, 99))).toThrow(/more than a home node holds/)
  expect(() => fill(64)).toThrow(/Too many others/)
  first?.clear()
  expect(room.bytes).toBe(48 * MIB)
  fill(64)
  const many = createStaging({ bytes: 0 })
  const small = blocks(4_097, 4)
  many.want(small.map(cidOf))
  expect(() => many.add(small)).toThrow(/more than a home node holds/)
})
