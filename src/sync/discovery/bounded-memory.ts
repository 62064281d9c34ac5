// What libp2p remembers of peers and of who holds what, in memory: its own keeps whatever strangers say, for days. Here the oldest makes
// room; everything in it can be heard again.

import type { Libp2pInit } from 'libp2p'
import { copyBytes, dropOldest } from '../../lib/index.ts'

type Datastore = NonNullable<Libp2pInit['datastore']>
type Key = Parameters<Datastore['put']>[0]
type Pair = { key: Key; value: Uint8Array }
type Query = Parameters<Datastore['query']>[0]
type KeyQuery = Parameters<Datastore['queryKeys']>[0]

/** A peer is some hundred bytes to a few kilobytes, who holds what a few dozen. */
const MOST = 8_192
const LONGEST = 64 * 1024

export class BoundedMemory implements Datastore {
  /** By name: a Key holds a small buffer, and by it 64 KiB. */
  readonly #values = new Map<string, Uint8Array>()
  readonly #most: number
  #Key: (new (name: string) => Key) | undefined

  constructor(most: number = MOST) {
    this.#most = most
  }

  get size(): number {
    return this.#values.size
  }

  put(key: Key, value: Uint8Array): Key {
    const name = key.toString()
    this.#values.delete(name)
    this.#Key ??= key.constructor as new (name: string) => Key
    if (value.length > LONGEST) return key
    this.#values.set(name, copyBytes(value))
    dropOldest(this.#values, this.#most)
    return key
  }

  get(key: Key): Uint8Array {
    const value = this.#values.get(key.toString())
    if (value !== undefined) return value
    // libp2p looks at the name alone.
    throw Object.assign(new Error('Not Found'), { name: 'NotFoundError' })
  }

  has(key: Key): boolean {
    return this.#values.has(key.toString())
  }

  delete(key: Key): void {
    this.#values.delete(key.toString())
  }

  async *putMany(source: AsyncIterable<Pair> | Iterable<Pair>): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield this.put(key, value)
  }

  async *getMany(source: AsyncIterable<Key> | Iterable<Key>): AsyncGenerator<Pair> {
    for await (const key of source) yield { key, value: this.get(key) }
  }

  async *deleteMany(source: AsyncIterable<Key> | Iterable<Key>): AsyncGenerator<Key> {
    for await (const key of source) {
      this.delete(key)
      yield key
    }
  }

  batch(): ReturnType<Datastore['batch']> {
    const work: (() => void)[] = []
    return {
      put: (key, value) => void work.push(() => this.put(key, value)),
      delete: (key) => void work.push(() => this.delete(key)),
      commit: () => {
        for (const one of work.splice(0)) one()
      },
    }
  }

  *query({ prefix = '', filters = [], orders = [], offset = 0, limit }: Query): Generator<Pair> {
    const found = this.#under(prefix).filter((pair) => filters.every((accepts) => accepts(pair)))
    for (const order of orders) found.sort(order)
    yield* found.slice(offset, limit === undefined ? undefined : offset + limit)
  }

  *queryKeys({
    prefix = '',
    filters = [],
    orders = [],
    offset = 0,
    limit,
  }: KeyQuery): Generator<Key> {
    const found = this.#under(prefix)
      .map(({ key }) => key)
      .filter((key) => filters.every((accepts) => accepts(key)))
    for (const order of orders) found.sort(order)
    yield* found.slice(offset, limit === undefined ? undefined : offset + limit)
  }

  #under(prefix: string): Pair[] {
    const Key = this.#Key
    if (Key === undefined) return []
    return [...this.#values].flatMap(([name, value]) =>
      name.startsWith(prefix) ? [{ key: new Key(name), value }] : [],
    )
  }
}
