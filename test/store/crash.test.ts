// Failing at every await of a commit: the database and the file of floors are wrapped, and each call in turn fails before
// or after it took effect. Opened again, the store holds the old state or the new one, and no floor leads.

import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import type { Store } from '../../src/store/index.ts'
import { type Db, openLevelDb } from '../../src/store/level/db.ts'
import { type FloorFile, openFloorFile } from '../../src/store/level/floor-file.ts'
import { createLevelStore } from '../../src/store/level.ts'
import { block, codeOf, collect, floor, record } from '../contracts/store.ts'
import { newFolder } from './folders.ts'

type Moment = 'before' | 'after'

/** Fails the call with this number, before or after it is done, and every call after it, as a dead process would. */
class Fuse {
  calls: string[] = []
  readonly at: number
  readonly moment: Moment
  readonly once: boolean
  constructor(at: number, moment: Moment, once = false) {
    this.at = at
    this.moment = moment
    this.once = once
  }
  async run<T>(name: string, call: () => Promise<T>): Promise<T> {
    const number = this.calls.push(name) - 1
    const dead = this.once ? number === this.at : number >= this.at
    if (dead && (number > this.at || this.moment === 'before')) throw failure()
    const answer = await call()
    if (dead) throw failure()
    return answer
  }
}

function failure(): Error {
  return Object.assign(new Error('IO error: x: No space left on device'), {
    code: 'LEVEL_IO_ERROR',
  })
}

type Chained = ReturnType<Db['batch']>

/** The batch, which is written as `run` does it. */
function writeWith(
  batch: Chained,
  run: (write: () => Promise<void>) => Promise<void>,
): Pick<Chained, 'put' | 'del' | 'write'> {
  return {
    put: (key: Uint8Array, value: Uint8Array) => batch.put(key, value),
    del: (key: Uint8Array) => batch.del(key),
    write: (options: { readonly sync?: boolean | undefined } = {}) =>
      run(() => batch.write(options)),
  }
}

/** Both ports, with every call that writes run through the fuse. */
async function openWith(
  folder: string,
  fuse: Fuse,
): Promise<{ store: Store; end(): Promise<void> }> {
  const { db, fresh } = await openLevelDb(folder)
  const file = await openFloorFile(join(folder, 'floors'))
  const guardedDb = new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const call = value.bind(target)
      const guarded = (...args: unknown[]) => fuse.run(String(name), () => call(...args))
      if (name === 'compactRange') return guarded
      if (name !== 'batch') return call
      return (...args: unknown[]) =>
        args.length > 0 ? guarded(...args) : writeWith(call(), (write) => fuse.run('batch', write))
    },
  }) as Db
  const guardedFile: FloorFile = {
    read: () => file.read(),
    append: (text) => fuse.run('append', () => file.append(text)),
    replace: (text) => fuse.run('replace', () => file.replace(text)),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
  const end = async () => {
    await db.close()
    await file[Symbol.asyncDispose]()
  }
  try {
    const store = await createLevelStore({ db: guardedDb, floors: guardedFile, fresh })
    return { store, end }
  } catch (error) {
    await end()
    throw error
  }
}

const NEVER = () => new Fuse(Number.POSITIVE_INFINITY, 'before')
const OLD = { put: [record('k', 'old')], floors: [floor(1)] }
const NEW = {
  blocks: [block('x'), block('y')],
  put: [record('k', 'new'), record('l', 'new')],
  expect: [record('k', 'old')],
  floors: [floor(2)],
}

async function state(store: Store): Promise<string> {
  const [k, l] = await store.findRecords([record('k', ''), record('l', '')])
  const blocks = await collect(store.listBlocks())
  const size = (await store.findFloor('toolmark/p1'))?.size
  return [Buffer.from(k ?? []), Buffer.from(l ?? []), blocks.length, size].join(' ')
}

const STATES = ['old  0 1', 'new new 2 2']

describe('a commit that dies', () => {
  it.each([
    ['before', 0],
    ['after', 0],
    ['before', 1],
    ['after', 1],
  ] as const)('%s its step %i leaves the old state or the new one', async (moment, at) => {
    const folder = await newFolder()
    const first = await openWith(folder, NEVER())
    await first.store.commit(OLD)
    await first.store[Symbol.asyncDispose]()
    const fuse = new Fuse(at, moment)
    const second = await openWith(folder, fuse)
    expect(await codeOf(second.store.commit(NEW))).toBe('STORE_UNAVAILABLE')
    await second.end()
    const { store } = await openWith(folder, NEVER())
    const found = await state(store)
    expect(STATES).toContain(found)
    // Only before the batch was handed over is the old state right: afterwards it is durable.
    expect(found).toBe(at === 0 && moment === 'before' ? STATES[0] : STATES[1])
    await store.commit({ floors: [floor(3)], put: [record('m', 'v')] })
    await store[Symbol.asyncDispose]()
  })

  const RESETS = [floor(0, 'b'), floor(1, 'b'), floor(2, 'b')]
  it.each(
    RESETS.flatMap((to) =>
      [0, 1, 2, 3].flatMap((at) => [
        { to, at, moment: 'before' } as const,
        { to, at, moment: 'after' } as const,
      ]),
    ),
  )(
    'of a floor that is replaced by $to.size, $moment its step $at: the old floor holds until all is durable',
    async ({ to, at, moment }) => {
      const folder = await newFolder()
      const [from, other] = [floor(1), floor(5, 'c', 'toolmark/p0')]
      const first = await openWith(folder, NEVER())
      await first.store.commit({ put: [record('k', 'old')], floors: [from, other] })
      await first.store[Symbol.asyncDispose]()
      const second = await openWith(folder, new Fuse(at, moment))
      const change = { put: [record('k', 'new')], resets: [{ from, to }] }
      expect(await codeOf(second.store.commit(change))).toBe('STORE_UNAVAILABLE')
      await second.end()
      const { store } = await openWith(folder, NEVER())
      const isDone = at === 3 || (at === 2 && moment === 'after')
      expect(await store.listFloors()).toEqual([other, isDone ? to : from])
      expect(await store.findRecords([record('k', '')])).toEqual([
        record('k', isDone ? 'new' : 'old').value,
      ])
      if (!isDone) await store.commit(change)
      await store[Symbol.asyncDispose]()
      const third = await openWith(folder, NEVER())
      expect(await third.store.listFloors()).toEqual([other, to])
      await third.store[Symbol.asyncDispose]()
    },
  )

  // The new database writes its marker first.
  it.each([1, 2, 3, 4])(
    'at step %i of replacing a floor that only the file has leaves one of both',
    async (at) => {
      const folder = await newFolder()
      const first = await openWith(folder, NEVER())
      await first.store.commit({ floors: [floor(4)] })
      await first.store[Symbol.asyncDispose]()
      for (const name of await readdir(folder)) {
        if (name !== 'floors') await rm(join(folder, name), { recursive: true })
      }
      const second = await openWith(folder, new Fuse(at, 'after'))
      await codeOf(second.store.commit({ resets: [{ from: floor(4), to: floor(2, 'b') }] }))
      await second.end()
      const { store } = await openWith(folder, NEVER())
      expect(await store.listFloors()).toEqual([at < 3 ? floor(4) : floor(2, 'b')])
      await store[Symbol.asyncDispose]()
    },
  )

  it('takes two steps, so the four cases above are all there are', async () => {
    const fuse = NEVER()
    const { store } = await openWith(await newFolder(), fuse)
    fuse.calls = []
    await store.commit(OLD)
    expect(fuse.calls).toEqual(['batch', 'append'])
    await store[Symbol.asyncDispose]()
  })

  it.each([0, 1])(
    'at step %i leaves the open store readable but takes no more writes',
    async (at) => {
      const folder = await newFolder()
      const { store } = await openWith(folder, new Fuse(at + 1, 'after', true))
      const error = await store.commit(OLD).catch((it: unknown) => it)
      if (!isRegistryError(error)) throw error
      expect([error.code, error.details.got]).toEqual(['STORE_UNAVAILABLE', 'ENOSPC'])
      expect(error.details.next).toContain('Free some disk space')
      const again = await store.commit({ put: [record('z', 'v')] }).catch((it: unknown) => it)
      if (!isRegistryError(again)) throw again
      expect(again.code).toBe('STORE_UNAVAILABLE')
      expect(again.details.next).toContain('Open the store again')
      expect(await store.findRecords([record('z', '')])).toEqual([undefined])
      await store[Symbol.asyncDispose]()
      const reopened = await openWith(folder, NEVER())
      await reopened.store.commit({ put: [record('z', 'v')] })
      await reopened.store[Symbol.asyncDispose]()
    },
  )

  it('when it is refused, rather than failed, does not stop the next', async () => {
    const { store } = await openWith(await newFolder(), NEVER())
    await store.commit(OLD)
    expect(await codeOf(store.commit({ expect: [record('k', 'no')] }))).toBe('CONFLICT')
    expect(await codeOf(store.commit({ floors: [floor(0)] }))).toBe('ROLLBACK')
    const wrong = { cid: block('x').cid, bytes: block('y').bytes }
    expect(await codeOf(store.commit({ blocks: [wrong] }))).toBe('HASH_MISMATCH')
    await store.commit(NEW)
    expect(await state(store)).toBe(STATES[1])
    await store[Symbol.asyncDispose]()
  })
})

describe('commits that wait for the disk', () => {
  const PUT = (key: string, value = 'v') => ({ put: [record(key, value)] })

  async function openOld(at = Number.POSITIVE_INFINITY) {
    const folder = await newFolder()
    const first = await openWith(folder, NEVER())
    await first.store.commit(OLD)
    await first.store[Symbol.asyncDispose]()
    const fuse = new Fuse(at, 'before')
    return { folder, fuse, ...(await openWith(folder, fuse)) }
  }

  it('go there together behind the first', async () => {
    const { store, fuse } = await openOld()
    const floors = [1, 2, 3].map((at) => ({
      ...PUT(`f${at}`),
      floors: [floor(at, 'a', `o/${at}`)],
    }))
    await Promise.all([PUT('a'), NEW, ...floors].map((change) => store.commit(change)))
    expect(fuse.calls).toEqual(['batch', 'batch', 'append'])
    expect(await state(store)).toBe(STATES[1])
    expect(await store.listFloors()).toHaveLength(4)
    await store[Symbol.asyncDispose]()
  })

  it('do not wait until dropped bytes are gone from the disk, which who dropped them does', async () => {
    const gone = Promise.withResolvers<void>()
    class Slow extends Fuse {
      override async run<T>(name: string, call: () => Promise<T>): Promise<T> {
        if (name === 'compactRange') await gone.promise
        return await super.run(name, call)
      }
    }
    const { store } = await openWith(
      await newFolder(),
      new Slow(Number.POSITIVE_INFINITY, 'before'),
    )
    await store.commit({ blocks: [block('x')] })
    let isDropped = false
    const dropping = store.commit({ drop: [block('x').cid] }).then(() => {
      isDropped = true
    })
    await store.commit(PUT('a'))
    expect([isDropped, await store.hasBlocks([block('x').cid])]).toEqual([false, [false]])
    gone.resolve()
    await dropping
    await store[Symbol.asyncDispose]()
  })

  it('that drop much take it off the disk in one go, and what is between stays', async () => {
    const fuse = NEVER()
    const { store } = await openWith(await newFolder(), fuse)
    const blocks = Array.from({ length: 300 }, (_, i) => block(`b${i}`))
    const [kept, ...gone] = blocks as [(typeof blocks)[0], ...typeof blocks]
    await store.commit({ blocks })
    await store.commit({ drop: gone.map(({ cid }) => cid) })
    expect(fuse.calls.filter((name) => name === 'compactRange')).toHaveLength(1)
    expect(await collect(store.listBlocks())).toEqual([kept.cid])
    await store[Symbol.asyncDispose]()
  })

  it('are each refused for their own faults', async () => {
    const { store, fuse } = await openOld()
    const wrong = { cid: block('x').cid, bytes: block('y').bytes }
    const changes = [
      PUT('a'),
      { ...PUT('b'), expect: [record('k', 'no')] },
      { ...PUT('c'), floors: [floor(0)] },
      { ...PUT('d'), blocks: [wrong] },
      PUT('e'),
    ]
    const codes = await Promise.all(changes.map((one) => codeOf(store.commit(one))))
    expect(codes).toEqual(['no error', 'CONFLICT', 'ROLLBACK', 'HASH_MISMATCH', 'no error'])
    const keys = ['a', 'b', 'c', 'd', 'e'].map((key) => record(key, ''))
    const found = await store.findRecords(keys)
    expect(found.map((value) => value !== undefined)).toEqual([true, false, false, false, true])
    expect(fuse.calls).toEqual(['batch', 'batch'])
    await store[Symbol.asyncDispose]()
  })

  it('see what those before them wrote', async () => {
    const { store } = await openOld()
    const changes = [
      PUT('a'),
      { ...PUT('k', 'second'), expect: [record('k', 'old')] },
      { ...PUT('k', 'third'), expect: [record('k', 'old')] },
      { ...PUT('k', 'third'), expect: [record('k', 'second')] },
      { remove: [record('k', '')] },
      { ...PUT('m'), expect: [{ ...record('k', ''), value: undefined }] },
      { floors: [floor(9)] },
      { ...PUT('n'), floors: [floor(8)] },
      { resets: [{ from: floor(9), to: floor(5) }] },
      { ...PUT('o'), floors: [floor(6)] },
    ]
    const codes = await Promise.all(changes.map((one) => codeOf(store.commit(one))))
    const [, , third, , , , , eighth, ...rest] = codes
    expect([third, eighth]).toEqual(['CONFLICT', 'ROLLBACK'])
    expect([...codes.slice(0, 2), ...codes.slice(3, 7), ...rest]).toEqual(Array(8).fill('no error'))
    expect(await store.listFloors()).toEqual([floor(6)])
    await store[Symbol.asyncDispose]()
  })

  it('all fail where their batch does, and nothing is written after it', async () => {
    const { folder, store, end } = await openOld(1)
    const changes = ['a', 'b', 'c'].map((key) => PUT(key))
    const codes = await Promise.all(changes.map((one) => codeOf(store.commit(one))))
    expect(codes).toEqual(['no error', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'])
    const late = { ...PUT('d'), expect: [record('k', 'no')] }
    expect(await codeOf(store.commit(late))).toBe('STORE_UNAVAILABLE')
    await end()
    const again = await openWith(folder, NEVER())
    const found = await again.store.findRecords(['a', 'b', 'c', 'd'].map((key) => record(key, '')))
    expect(found.map((value) => value !== undefined)).toEqual([true, false, false, false])
    await again.store[Symbol.asyncDispose]()
  })

  it('are waited for by who closes the store', async () => {
    const { folder, store } = await openOld()
    const commits = ['a', 'b', 'c'].map((key) => store.commit(PUT(key)))
    await store[Symbol.asyncDispose]()
    await Promise.all(commits)
    const again = await openWith(folder, NEVER())
    const found = await again.store.findRecords(['a', 'b', 'c'].map((key) => record(key, '')))
    expect(found).not.toContain(undefined)
    await again.store[Symbol.asyncDispose]()
  })
})

describe('an open that dies', () => {
  it.each(['before', 'after'] as const)('%s its first write can be repeated', async (moment) => {
    const folder = await newFolder()
    expect(await codeOf(openWith(folder, new Fuse(0, moment)))).toBe('STORE_UNAVAILABLE')
    const { store } = await openWith(folder, NEVER())
    await store.commit(OLD)
    await store[Symbol.asyncDispose]()
  })
})

describe('a batch that LevelDB drops in silence', () => {
  it.each([0, 1, 2, 3])('number %i of five is noticed at the next open', async (dropped) => {
    const folder = await newFolder()
    const { db, fresh } = await openLevelDb(folder)
    const floors = await openFloorFile(join(folder, 'floors'))
    let number = -1
    const lossy = new Proxy(db, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        const call = value.bind(target)
        if (name !== 'batch') return call
        return (...args: unknown[]) => {
          if (args.length > 0) return call(...args)
          return writeWith(call(), async (write) => {
            number += 1
            if (number !== dropped) await write()
          })
        }
      },
    }) as Db
    const store = await createLevelStore({ db: lossy, floors, fresh })
    for (let i = 0; i < 5; i++) await store.commit({ put: [record(`k${i}`, 'v')] })
    await store[Symbol.asyncDispose]()
    expect(await codeOf(openWith(folder, NEVER()))).toBe('STORE_CORRUPT')
  })
})
