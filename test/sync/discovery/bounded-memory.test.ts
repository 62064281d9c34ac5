import { expect, test } from 'vitest'
import { BoundedMemory } from '../../../src/sync/discovery/bounded-memory.ts'

type Key = Parameters<BoundedMemory['put']>[0]
const key = (name: string): Key => ({ toString: () => name }) as unknown as Key

test('providers without end cost so much memory and no more; the newest are there', () => {
  const memory = new BoundedMemory(100)
  for (let i = 0; i < 10_000; i += 1) memory.put(key(`/dht/provider/${i}`), Uint8Array.of(1))
  expect(memory.size).toBe(100)
  expect(memory.has(key('/dht/provider/9999'))).toBe(true)
  expect(() => memory.get(key('/dht/provider/0'))).toThrow(
    expect.objectContaining({ name: 'NotFoundError' }),
  )
  memory.put(key('/peers/x'), new Uint8Array(65 * 1024))
  expect(memory.has(key('/peers/x'))).toBe(false)
})

test('queries and batches do what libp2p asks of them', async () => {
  const memory = new BoundedMemory()
  const batch = memory.batch()
  for (const name of ['/a/2', '/a/1', '/b/1']) batch.put(key(name), Buffer.from(name))
  batch.delete(key('/b/1'))
  await batch.commit()
  const orders = [(a: { key: Key }, b: { key: Key }) => (`${a.key}` < `${b.key}` ? -1 : 1)] as never
  const found = [...memory.query({ prefix: '/a/', orders, limit: 1 })]
  expect(found.map(({ value }) => Buffer.from(value).toString())).toEqual(['/a/1'])
  expect([...memory.queryKeys({ offset: 1 })].map(String)).toEqual(['/a/1'])
})
