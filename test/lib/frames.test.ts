import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameReader, frame, isRegistryError } from '../../src/lib/index.ts'

function limitError(reader: FrameReader, chunk: Uint8Array): string | undefined {
  try {
    reader.push(chunk)
  } catch (error) {
    if (isRegistryError(error)) return error.code
  }
  return undefined
}

describe('frames', () => {
  it('come out as they went in, whatever the chunks', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 })
    fc.assert(
      fc.property(payloads, fc.array(fc.integer({ min: 1, max: 30 })), (given, sizes) => {
        const stream = Buffer.concat(given.map(frame))
        const reader = new FrameReader(40)
        const found: Uint8Array[] = []
        let at = 0
        for (const size of [...sizes, stream.length]) {
          found.push(...reader.push(stream.subarray(at, at + size)))
          at += size
        }
        expect(found.map((it) => [...it])).toEqual(given.map((it) => [...it]))
        expect(reader.empty).toBe(true)
      }),
    )
  })

  it('are big-endian', () => {
    expect([...frame(Uint8Array.of(9))]).toEqual([0, 0, 0, 1, 9])
  })

  it('over the limit are refused at their header, at the limit accepted', () => {
    const reader = new FrameReader(3)
    expect(reader.push(Uint8Array.of(0, 0, 0, 3, 1, 2, 3))).toHaveLength(1)
    expect(limitError(reader, Uint8Array.of(0, 0, 0))).toBeUndefined()
    expect(limitError(reader, Uint8Array.of(4))).toBe('PEER_LIMIT')
    expect(limitError(new FrameReader(1 << 20), Uint8Array.of(255, 255, 255, 255))).toBe(
      'PEER_LIMIT',
    )
  })

  it('stay what they are, whatever comes after them', () => {
    const reader = new FrameReader(10_000)
    const given = [3, 5_000, 10, 10_000, 900].map((size, i) => new Uint8Array(size).fill(i + 1))
    const found = given.flatMap((one) => {
      const framed = frame(one)
      return [...reader.push(framed.subarray(0, 1_000)), ...reader.push(framed.subarray(1_000))]
    })
    expect(found).toEqual(given)
  })

  it('say when a stream ends in the middle of one', () => {
    const reader = new FrameReader(10)
    expect(reader.empty).toBe(true)
    reader.push(Uint8Array.of(0))
    expect(reader.empty).toBe(false)
    expect(reader.push(Uint8Array.of(0, 0, 0))).toHaveLength(1)
    expect(reader.empty).toBe(true)
  })
})
