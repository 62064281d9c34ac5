// What every Store must do, whichever way it keeps its bytes. Each test opens a store of its own.

import { describe, expect, it } from 'vitest'
import { blockOf, type Cid, cidOf, digestOf } from '../../src/cid/index.ts'
import { type ErrorCode, isRegistryError, toHex, utf8 } from '../../src/lib/index.ts'
import type { Block, Floor, Store, StoredRecord } from '../../src/store/index.ts'

export function block(text: string): Block {
  const bytes = utf8(text)
  return { cid: cidOf(bytes), bytes }
}

export function record(key: string, text: string): StoredRecord {
  return { table: 'head', key, value: utf8(text) }
}

export function floor(size: number, digit = 'a', origin = 'toolmark/p1'): Floor {
  return { origin, size, root: digit.repeat(64) }
}

export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | 'no error'> {
  try {
    await promise
  } catch (error) {
    if (isRegistryError(error)) return error.code
    throw error
  }
  return 'no error'
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
}

async function read(store: Store, key: string): Promise<string | undefined> {
  const [value] = await store.findRecords([{ table: 'head', key }])
  return textOf(value)
}

export function testStoreContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} keeps the Store contract`, () => {
    describe('blocks', () => {
      it('answers in the order asked, undefined for what it lacks', async () => {
        await using store = await open()
        const [a, b, c] = [block('a'), block('b'), block('')]
        await store.commit({ blocks: [a, c] })
        const found = await store.findBlocks([c.cid, b.cid, a.cid, a.cid])
        expect(found.map(textOf)).toEqual(['', undefined, 'a', 'a'])
        expect(await store.findBlocks([])).toEqual([])
        expect(await store.hasBlocks([b.cid, a.cid])).toEqual([false, true])
        expect(textOf((await store.findBlocks([a.cid]))[0])).toBe('a')
      })

      it('refuses bytes under a CID that is not theirs, and writes nothing', async () => {
        await using store = await open()
        const [a, b] = [block('a'), block('b')]
        const change = { blocks: [a, { cid: b.cid, bytes: a.bytes }], put: [record('k', 'v')] }
        expect(await codeOf(store.commit(change))).toBe('HASH_MISMATCH')
        // What was hashed before is not hashed again; a copy of it was not.
        const named = { ...blockOf(b.bytes), bytes: a.bytes }
        expect(await codeOf(store.commit({ ...change, blocks: [a, named] }))).toBe('HASH_MISMATCH')
        expect(await store.hasBlocks([a.cid, b.cid])).toEqual([false, false])
        expect(await read(store, 'k')).toBeUndefined()
      })

      it('drops the bytes of a block, and only those', async () => {
        await using store = await open()
        const [a, b, c] = [block('a'), block('b'), block('c')]
        await store.commit({ blocks: [a, b] })
        await store.commit({ drop: [a.cid, c.cid], put: [record('k', 'v')] })
        expect(await store.hasBlocks([a.cid, b.cid])).toEqual([false, true])
        expect(await store.findBlocks([a.cid])).toEqual([undefined])
        expect(await collect(store.listBlocks())).toEqual([b.cid])
        expect(await read(store, 'k')).toBe('v')
        await store.commit({ blocks: [a] })
        expect(textOf((await store.findBlocks([a.cid]))[0])).toBe('a')
        await store.commit({ blocks: [c], drop: [c.cid] })
        expect(await store.hasBlocks([c.cid])).toEqual([false])
        expect(await codeOf(store.commit({ drop: ['x' as Cid] }))).toBe('MESSAGE_INVALID')
      })

      it('drops nothing when the commit is refused', async () => {
        await using store = await open()
        const a = block('a')
        await store.commit({ blocks: [a] })
        const change = { drop: [a.cid], expect: [record('k', 'v')] }
        expect(await codeOf(store.commit(change))).toBe('CONFLICT')
        expect(await store.hasBlocks([a.cid])).toEqual([true])
      })

      it('is not changed by what a caller does to bytes it handed over or got', async () => {
        await using store = await open()
        const bytes = new Uint8Array(utf8('mine'))
        const cid = cidOf(bytes)
        await store.commit({ blocks: [{ cid, bytes }] })
        bytes.fill(0)
        const [found] = await store.findBlocks([cid])
        found?.fill(0)
        expect(textOf((await store.findBlocks([cid]))[0])).toBe('mine')
      })

      it('lists CIDs by digest, from a place on, up to a limit', async () => {
        await using store = await open()
        const blocks = Array.from({ length: 2_345 }, (_, i) => block(`${i}`))
        await store.commit({ blocks, put: [record('k', 'v')], floors: [floor(1)] })
        const sorted = blocks.map(({ cid }) => cid).sort(byDigest)
        expect(await collect(store.listBlocks())).toEqual(sorted)
        const after = sorted[1_000] as Cid
        expect(await collect(store.listBlocks({ after, limit: 7 }))).toEqual(
          sorted.slice(1001, 1008),
        )
        expect(await collect(store.listBlocks({ limit: 0 }))).toEqual([])
      })

      it('answers thousands at once', async () => {
        await using store = await open()
        const blocks = Array.from({ length: 3_000 }, (_, i) => block(`${i}`))
        await store.commit({ blocks })
        const found = await store.findBlocks(blocks.map(({ cid }) => cid))
        expect(found.map(textOf)).toEqual(blocks.map(({ bytes }) => textOf(bytes)))
      })
    })

    describe('records', () => {
      it('puts, replaces and removes, table by table', async () => {
        await using store = await open()
        await store.commit({ put: [record('k', '1'), { ...record('k', '2'), table: 'pin' }] })
        await store.commit({ put: [record('k', '3'), record('e', '')] })
        expect(await read(store, 'k')).toBe('3')
        expect(await read(store, 'e')).toBe('')
        await store.commit({ put: [record('k', '4')], remove: [{ table: 'head', key: 'k' }] })
        expect(await read(store, 'k')).toBeUndefined()
        const [other] = await store.findRecords([{ table: 'pin', key: 'k' }])
        expect(textOf(other)).toBe('2')
      })

      it('lists by prefix, after a key, up to a limit, in byte order', async () => {
        await using store = await open()
        const keys = ['a', 'a/1', 'a/10', 'a/2', 'a0', 'b', 'A', '~~', '!']
        const others = keys.map((key) => ({ ...record(key, 'x'), table: 'entry' as const }))
        await store.commit({ put: [...keys.map((key) => record(key, key)), ...others] })
        const list = async (options?: object) =>
          (await collect(store.listRecords('head', options))).map(({ key, value, table }) => {
            expect([textOf(value), table]).toEqual([key, 'head'])
            return key
          })
        const sorted = [...keys].sort()
        expect(await list()).toEqual(sorted)
        expect(await list({ prefix: 'a/' })).toEqual(['a/1', 'a/10', 'a/2'])
        expect(await list({ prefix: 'a' })).toEqual(['a', 'a/1', 'a/10', 'a/2', 'a0'])
        expect(await list({ prefix: 'a', after: 'a' })).toEqual(['a/1', 'a/10', 'a/2', 'a0'])
        expect(await list({ prefix: 'a/', after: 'A' })).toEqual(['a/1', 'a/10', 'a/2'])
        expect(await list({ prefix: 'a/', after: 'b' })).toEqual([])
        expect(await list({ prefix: 'a/', after: 'a/1', limit: 1 })).toEqual(['a/10'])
        expect(await list({ after: 'a/3', limit: 2 })).toEqual(['a0', 'b'])
        expect(await list({ limit: 0 })).toEqual([])
        expect(await list({ prefix: 'zz' })).toEqual([])
      })

      it('lists more than any page holds', async () => {
        await using store = await open()
        const put = Array.from({ length: 2_500 }, (_, i) => record(String(i).padStart(5, '0'), 'v'))
        await store.commit({ put })
        const found = await collect(store.listRecords('head'))
        expect(found.map(({ key }) => key)).toEqual(put.map(({ key }) => key))
        const big = Array.from({ length: 40 }, (_, i) => ({
          ...record(`big/${10 + i}`, 'v'),
          value: new Uint8Array(100_000).fill(i),
        }))
        await store.commit({ put: big })
        const values = await collect(store.listRecords('head', { prefix: 'big/' }))
        expect(values.map(({ value }) => [value.length, value[0]])).toEqual(
          big.map((_, i) => [100_000, i]),
        )
      })

      it('can be left in the middle of a list', async () => {
        await using store = await open()
        await store.commit({ put: [record('a', '1'), record('b', '2'), record('c', '3')] })
        for await (const { key } of store.listRecords('head')) {
          expect(key).toBe('a')
          break
        }
        expect(await read(store, 'b')).toBe('2')
      })

      it.each([
        ['a space', 'a b'],
        ['nothing', ''],
        ['a line break', 'a\n'],
        ['a letter beyond ASCII', 'é'],
        ['1,025 characters', 'k'.repeat(1025)],
      ])('refuses a key with %s', async (_, key) => {
        await using store = await open()
        expect(await codeOf(store.commit({ put: [record(key, 'v')] }))).toBe('MESSAGE_INVALID')
        expect(await codeOf(store.findRecords([{ table: 'head', key }]))).toBe('MESSAGE_INVALID')
      })

      it('refuses a table there is not, also one named like a property of objects', async () => {
        await using store = await open()
        for (const table of ['floor', 'constructor', '__proto__']) {
          const key = { table: table as 'head', key: 'k' }
          expect(await codeOf(store.findRecords([key]))).toBe('MESSAGE_INVALID')
          expect(await codeOf(collect(store.listRecords(key.table)))).toBe('MESSAGE_INVALID')
        }
      })
    })

    describe('commit', () => {
      it('compares before it sets, and writes nothing on a conflict', async () => {
        await using store = await open()
        const absent = { table: 'head' as const, key: 'k', value: undefined }
        await store.commit({ expect: [absent], put: [record('k', '1')] })
        const late = { expect: [absent], put: [record('k', '2')], blocks: [block('x')] }
        expect(await codeOf(store.commit(late))).toBe('CONFLICT')
        expect(await codeOf(store.commit({ expect: [record('k', '0')] }))).toBe('CONFLICT')
        expect(await codeOf(store.commit({ expect: [record('k', '1'), absent] }))).toBe('CONFLICT')
        await store.commit({ expect: [record('k', '1')], put: [record('k', '3')] })
        expect(await read(store, 'k')).toBe('3')
        expect(await store.hasBlocks([block('x').cid])).toEqual([false])
      })

      it('tells an empty value from an absent one', async () => {
        await using store = await open()
        const empty = record('k', '')
        expect(await codeOf(store.commit({ expect: [empty] }))).toBe('CONFLICT')
        await store.commit({ put: [empty] })
        await store.commit({ expect: [empty] })
        expect(await codeOf(store.commit({ expect: [{ ...empty, value: undefined }] }))).toBe(
          'CONFLICT',
        )
      })

      it('lets exactly one of many racing writers win', async () => {
        await using store = await open()
        const expect0 = [{ table: 'head' as const, key: 'k', value: undefined }]
        const codes = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            codeOf(store.commit({ expect: expect0, put: [record('k', `${i}`)] })),
          ),
        )
        expect(codes.filter((code) => code === 'no error')).toHaveLength(1)
        expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(19)
      })

      it('does nothing for an empty change', async () => {
        await using store = await open()
        await store.commit({})
        expect(await collect(store.listBlocks())).toEqual([])
      })
    })

    describe('floors', () => {
      it('are replaced only by who knows them, downwards, upwards and at one size', async () => {
        await using store = await open()
        const other = floor(4, 'e', 'toolmark/p0')
        await store.commit({ floors: [floor(9), other] })
        for (const [from, to] of [
          [floor(9), floor(9, 'b')],
          [floor(9, 'b'), floor(7, 'c')],
          [floor(7, 'c'), floor(12, 'd')],
        ] as const) {
          const put = [record('k', `${to.size}`)]
          await store.commit({ put, resets: [{ from, to }] })
          expect(await store.listFloors()).toEqual([other, to])
          expect(await store.findFloor(to.origin)).toEqual(to)
          expect(await codeOf(store.commit({ resets: [{ from, to }] }))).toBe('CONFLICT')
        }
        expect(await codeOf(store.commit({ floors: [floor(11)] }))).toBe('ROLLBACK')
        const [from, to] = [floor(12, 'd'), floor(1)]
        const bad = [
          [{ from: floor(12), to }],
          [{ from: floor(13, 'd'), to }],
          [{ from: floor(3, 'a', 'toolmark/none'), to: floor(2, 'a', 'toolmark/none') }],
          [
            { from, to },
            { from, to },
          ],
        ]
        for (const resets of bad) {
          expect(await codeOf(store.commit({ resets, put: [record('k', 'v')] }))).toBe('CONFLICT')
        }
        const moved = [{ from, to: floor(1, 'a', 'toolmark/p0') }]
        expect(await codeOf(store.commit({ resets: moved }))).toBe('MESSAGE_INVALID')
        expect(await store.listFloors()).toEqual([other, from])
        const [value] = await store.findRecords([record('k', '')])
        expect(Buffer.from(value ?? []).toString()).toBe('12')
        const blocks = [block('x')]
        expect(await codeOf(store.commit({ resets: [{ from, to }], blocks }))).toBe(
          'MESSAGE_INVALID',
        )
        await store.commit({ resets: [{ from, to }], floors: [floor(2)] })
        expect(await store.findFloor(to.origin)).toEqual(floor(2))
      })

      it('rise, repeat, and are found and listed', async () => {
        await using store = await open()
        expect(await store.findFloor('toolmark/p1')).toBeUndefined()
        await store.commit({ floors: [floor(3), floor(9, 'b', 'toolmark/p0')] })
        await store.commit({ floors: [floor(3)] })
        await store.commit({ floors: [floor(4, 'c'), floor(5, 'd')] })
        expect(await store.findFloor('toolmark/p1')).toEqual(floor(5, 'd'))
        expect(await store.listFloors()).toEqual([floor(9, 'b', 'toolmark/p0'), floor(5, 'd')])
      })

      it('never sink: an older log is a rollback, and nothing of its change is kept', async () => {
        await using store = await open()
        await store.commit({ floors: [floor(9)] })
        const old = { floors: [floor(7)], put: [record('k', 'v')] }
        expect(await codeOf(store.commit(old))).toBe('ROLLBACK')
        expect(await codeOf(store.commit({ floors: [floor(10), floor(8)] }))).toBe('ROLLBACK')
        expect(await store.findFloor('toolmark/p1')).toEqual(floor(9))
        expect(await read(store, 'k')).toBeUndefined()
      })

      it('refuse a second root at one size', async () => {
        await using store = await open()
        await store.commit({ floors: [floor(9)] })
        expect(await codeOf(store.commit({ floors: [floor(9, 'b')] }))).toBe('FORKED')
        expect(await codeOf(store.commit({ floors: [floor(10), floor(10, 'b')] }))).toBe('FORKED')
        expect(await store.findFloor('toolmark/p1')).toEqual(floor(9))
      })

      it.each([
        floor(-1),
        floor(1.5),
        floor(2 ** 53),
        floor(1, 'A'),
        { ...floor(1), root: '' },
        floor(1, 'a', 'two words'),
      ])('refuse a malformed one: %j', async (bad) => {
        await using store = await open()
        expect(await codeOf(store.commit({ floors: [bad] }))).toBe('MESSAGE_INVALID')
      })
    })

    describe('locks', () => {
      it('are held by one at a time, in the order of asking', async () => {
        await using store = await open()
        const order: number[] = []
        let inside = 0
        await Promise.all(
          [1, 2, 3, 4, 5].map(async (i) => {
            await using _held = await store.lock('publish')
            inside += 1
            expect(inside).toBe(1)
            order.push(i)
            await store.commit({ put: [record('k', `${i}`)] })
            inside -= 1
          }),
        )
        expect(order).toEqual([1, 2, 3, 4, 5])
      })

      it('do not hinder other names, nor reads and commits', async () => {
        await using store = await open()
        await using _a = await store.lock('a')
        await using _b = await store.lock('b')
        await store.commit({ put: [record('k', 'v')] })
        expect(await read(store, 'k')).toBe('v')
      })

      it('can be given up while waiting, with the reason of the signal', async () => {
        await using store = await open()
        const first = await store.lock('a')
        const controller = new AbortController()
        const reason = new Error('enough')
        const second = store.lock('a', { signal: controller.signal })
        const third = store.lock('a')
        setTimeout(() => controller.abort(reason), 10)
        await expect(second).rejects.toBe(reason)
        await first[Symbol.asyncDispose]()
        await first[Symbol.asyncDispose]()
        await (await third)[Symbol.asyncDispose]()
        await expect(store.lock('a', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
        await (await store.lock('a'))[Symbol.asyncDispose]()
      })
    })

    it('answers CLOSED to everything once disposed, and may be disposed twice', async () => {
      const store = await open()
      await store[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      const codes = await Promise.all(
        [
          store.findBlocks([block('a').cid]),
          store.hasBlocks([block('a').cid]),
          store.findRecords([{ table: 'head', key: 'k' }]),
          collect(store.listRecords('head')),
          collect(store.listBlocks()),
          store.findFloor('o'),
          store.listFloors(),
          store.commit({ put: [record('k', 'v')] }),
          store.commit({}),
          store.lock('a'),
        ].map(codeOf),
      )
      expect(codes).toEqual(codes.map(() => 'CLOSED'))
    })
  })
}

function byDigest(a: Cid, b: Cid): number {
  return toHex(digestOf(a)) < toHex(digestOf(b)) ? -1 : 1
}
