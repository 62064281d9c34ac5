// Random commits to a memory store and a LevelDB store, which is closed and opened in between: they must always agree.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Change, openLevelStore, openMemoryStore, type Store } from '../../src/store/index.ts'
import { block, codeOf, collect, floor } from '../contracts/store.ts'
import { newFolder } from './folders.ts'

interface Pair {
  readonly folder: string
  level: Store
}

const table = fc.constantFrom('head' as const, 'entry' as const)
const key = fc.constantFrom('a', 'a/1', 'a/2', 'b', '~')
const value = fc.uint8Array({ maxLength: 3 })
const change: fc.Arbitrary<Change> = fc.record(
  {
    blocks: fc.array(fc.constantFrom('x', 'y', 'z').map(block), { maxLength: 2 }),
    put: fc.array(fc.record({ table, key, value }), { maxLength: 3 }),
    remove: fc.array(fc.record({ table, key }), { maxLength: 2 }),
    expect: fc.array(fc.record({ table, key, value: fc.option(value, { nil: undefined }) }), {
      maxLength: 1,
    }),
    floors: fc.array(
      fc
        .tuple(fc.nat(5), fc.constantFrom('a', 'b'), fc.constantFrom('o1', 'o2'))
        .map((it) => floor(...it)),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
)

class Commit implements fc.AsyncCommand<Store, Pair> {
  readonly change: Change
  constructor(given: Change) {
    this.change = given
  }
  check(): boolean {
    return true
  }
  async run(memory: Store, pair: Pair): Promise<void> {
    expect(await codeOf(pair.level.commit(this.change))).toBe(
      await codeOf(memory.commit(this.change)),
    )
    expect(await snapshot(pair.level)).toEqual(await snapshot(memory))
  }
  toString(): string {
    return `commit(${fc.stringify(this.change)})`
  }
}

class List implements fc.AsyncCommand<Store, Pair> {
  readonly options: { prefix: string; after: string; limit: number }
  constructor(options: { prefix: string; after: string; limit: number }) {
    this.options = options
  }
  check(): boolean {
    return true
  }
  async run(memory: Store, pair: Pair): Promise<void> {
    const list = async (store: Store) =>
      (await collect(store.listRecords('head', this.options))).map((it) => it.key)
    expect(await list(pair.level)).toEqual(await list(memory))
  }
  toString(): string {
    return `list(${JSON.stringify(this.options)})`
  }
}

class Reopen implements fc.AsyncCommand<Store, Pair> {
  check(): boolean {
    return true
  }
  async run(_: Store, pair: Pair): Promise<void> {
    await pair.level[Symbol.asyncDispose]()
    pair.level = await openLevelStore(pair.folder)
  }
  toString(): string {
    return 'reopen'
  }
}

async function snapshot(store: Store): Promise<unknown> {
  const records = await Promise.all(
    (['head', 'entry'] as const).map((it) => collect(store.listRecords(it))),
  )
  return {
    blocks: await collect(store.listBlocks()),
    records: records.flat().map((it) => [it.table, it.key, [...it.value]]),
    floors: await store.listFloors(),
    floor: await store.findFloor('o1'),
  }
}

it('LevelDB and memory agree after any sequence of commits', async () => {
  const commands = [
    change.map((it) => new Commit(it)),
    fc
      .record({
        prefix: fc.constantFrom('', 'a', 'a/', 'c'),
        after: fc.constantFrom('', 'a', 'a/1', 'z'),
        limit: fc.nat(4),
      })
      .map((it) => new List(it)),
    fc.constant(new Reopen()),
  ]
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { size: '+1' }), async (given) => {
      const folder = await newFolder()
      const pair: Pair = { folder, level: await openLevelStore(folder) }
      try {
        await fc.asyncModelRun(() => ({ model: openMemoryStore(), real: pair }), given)
      } finally {
        await pair.level[Symbol.asyncDispose]()
      }
    }),
    { numRuns: 60 },
  )
})
