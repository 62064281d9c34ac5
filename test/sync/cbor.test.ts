import { encode } from 'cborg'
import { expect, it } from 'vitest'
import { decodeCbor, encodeCbor } from '../../src/sync/wire/cbor.ts'
import { processorMs } from '../support/processor-time.ts'

it('gives back what was encoded, maps as Map and Buffers as bytes', () => {
  const message = { id: 1, ok: { blocks: [Buffer.from('x'), null, 'text', true, 2 ** 40] } }
  const ok = new Map([['blocks', [Uint8Array.of(0x78), null, 'text', true, 2 ** 40]]])
  expect(decodeCbor(encodeCbor(message))).toEqual(
    new Map<string, unknown>([
      ['id', 1],
      ['ok', ok],
    ]),
  )
})

it('copies no bytes: they are those of the message', () => {
  const message = encodeCbor({ ok: Uint8Array.of(1, 2) })
  const ok = (decodeCbor(message) as Map<string, Uint8Array>).get('ok')
  expect(ok?.buffer).toBe(message.buffer)
  expect(ok?.constructor).toBe(Uint8Array)
  expect(ok?.slice().buffer).not.toBe(message.buffer)
})

it.each([
  ['more than 8192 items', encode(new Array(1_000_000).fill(null))],
  ['nests deeper', new Uint8Array(1_000_000).fill(0x81)],
  ['nests deeper', encode([[[[[[[[1]]]]]]]])],
  ['uses a tag', Uint8Array.of(0xc2, 0x41, 0x01)],
  ['holds a float', encode(0.5)],
  ['holds a float', Uint8Array.of(0xf7)],
  ['indefinite', Uint8Array.of(0x5f, 0x41, 0x01, 0xff)],
  ['ends too early', Uint8Array.of(0x5b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
  ['bytes follow', Uint8Array.of(0x01, 0x01)],
])('refuses what %s before it builds anything', (problem, bytes) => {
  expect(processorMs(() => expect(() => decodeCbor(bytes)).toThrow(problem))).toBeLessThan(40)
})
