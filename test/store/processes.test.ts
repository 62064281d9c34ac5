// Several processes at one folder: waiting, joining, dying.

import { existsSync } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { isRegistryError, type RegistryError, utf8 } from '../../src/lib/index.ts'
import { openLevelStore, openStore, type Store, shareStore } from '../../src/store/index.ts'
import { codeOf, record } from '../contracts/store.ts'
import { newFolder, startChild } from './folders.ts'

const COUNTER = { table: 'self', key: 'counter' } as const

async function counter(store: Store): Promise<number> {
  const [value] = await store.findRecords([COUNTER])
  return Number(Buffer.from(value ?? []).toString())
}

async function errorOf(promise: Promise<unknown>): Promise<RegistryError> {
  const error = await promise.catch((it: unknown) => it)
  if (!isRegistryError(error)) throw new Error(`no RegistryError: ${String(error)}`)
  return error
}

describe('a folder that another process has', () => {
  it('is waited for, then opened with what the other left', async () => {
    const folder = await newFolder()
    const child = startChild('hold', folder)
    await child.line('ready')
    const opening = openStore(folder)
    setTimeout(() => child.write('end'), 100)
    await using store = await opening
    const [value] = await store.findRecords([{ table: 'self', key: 'holder' }])
    expect(Buffer.from(value ?? []).toString()).toBe('here')
    expect((await child.exit).code).toBe(0)
  })

  it('is STORE_BUSY at the end of the wait, naming the holder and what to do', async () => {
    const folder = await newFolder()
    const child = startChild('hold', folder)
    await child.line('ready')
    const error = await errorOf(openStore(folder, { wait: 100 }))
    expect(error.code).toBe('STORE_BUSY')
    expect(error.message).toContain(`process ${child.pid}`)
    expect(error.details.next).toContain(`kill ${child.pid}`)
    expect(JSON.stringify([error.message, error.details])).not.toMatch(/LOCK|already held/)
    expect((await errorOf(openLevelStore(folder))).code).toBe('STORE_BUSY')
    const reason = new Error('stop')
    const waiting = openStore(folder, { signal: AbortSignal.any([abortSoon(reason)]) })
    await expect(waiting).rejects.toBe(reason)
    child.kill()
    await child.exit
  })

  it('opens after kill -9, and the stale note names nobody', async () => {
    const folder = await newFolder()
    const child = startChild('hold', folder)
    await child.line('ready')
    child.kill()
    await child.exit
    await using store = await openStore(folder, { wait: 0 })
    expect(await store.hasBlocks([])).toEqual([])
  })

  it('loses nothing acknowledged when its writer is killed at any moment', async () => {
    const folder = await newFolder()
    for (const after of [40, 90, 140]) {
      const child = startChild('write', folder)
      await child.line('1').catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, after))
      child.kill()
      const { output } = await child.exit
      const acknowledged = Math.max(...output.trim().split('\n').map(Number))
      await using store = await openStore(folder)
      const [value] = await store.findRecords([{ table: 'head', key: 'head' }])
      const head = Number(Buffer.from(value ?? []).toString())
      expect(head).toBeGreaterThanOrEqual(acknowledged)
      expect((await store.findFloor('o'))?.size).toBe(head)
      expect(await store.hasBlocks([cidOf(utf8(`block ${head}`))])).toEqual([true])
      expect(await store.hasBlocks([cidOf(utf8(`block ${head + 1}`))])).toEqual([false])
      await store[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
      await mkdir(folder)
    }
  })
})

describe('one folder in one process', () => {
  it('is one store for all its users, closed by the last', async () => {
    const folder = await newFolder()
    const [a, b] = await Promise.all([openStore(folder), openStore(join(folder, '.'))])
    await a.commit({ put: [record('k', 'v')] })
    await a[Symbol.asyncDispose]()
    await a[Symbol.asyncDispose]()
    expect((await b.findRecords([record('k', 'v')]))[0]).toBeDefined()
    // The lock still keeps others out: a failed second open would have dropped it.
    expect(await codeOf(openLevelStore(folder))).toBe('STORE_BUSY')
    const child = startChild('count', folder, '1')
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(await counter(b)).toBe(0)
    await b[Symbol.asyncDispose]()
    await child.line('done')
    await using again = await openStore(folder)
    expect(await counter(again)).toBe(1)
  })
})

describe('a shared store', () => {
  it.each(['lock', 'expect'])('loses no update of ten processes under %s', async (how) => {
    const folder = await newFolder()
    await using store = await openStore(folder)
    await using _sharing = await shareStore(store, folder)
    const children = Array.from({ length: 10 }, () => startChild('count', folder, '10', how))
    const ends = await Promise.all(children.map((child) => child.exit))
    expect(ends.map(({ code }) => code)).toEqual(ends.map(() => 0))
    expect(await counter(store)).toBe(100)
  })

  it('releases the locks of a killed process', async () => {
    const folder = await newFolder()
    await using store = await openStore(folder)
    await using _sharing = await shareStore(store, folder)
    const child = startChild('lock', folder, 'publish')
    await child.line('locked')
    const waiting = store.lock('publish')
    child.kill()
    await (await waiting)[Symbol.asyncDispose]()
  })

  it('is CLOSED with a next step when the node dies, and the folder opens again', async () => {
    const folder = await newFolder()
    const child = startChild('hold', folder, 'share')
    await child.line('ready')
    await using store = await openStore(folder)
    expect((await store.findRecords([{ table: 'self', key: 'holder' }]))[0]).toBeDefined()
    child.kill()
    await child.exit
    const error = await errorOf(store.commit({ put: [record('k', 'v')] }))
    expect(error.code).toBe('CLOSED')
    expect(error.details.next).toContain('Run the command again')
    // The dead node's socket is still there, and in nobody's way.
    expect(existsSync(join(folder, 'socket'))).toBe(true)
    await using own = await openStore(folder, { wait: 0 })
    await using _sharing = await shareStore(own, folder)
    await using joined = await openStore(folder)
    expect((await joined.findRecords([{ table: 'self', key: 'holder' }]))[0]).toBeDefined()
  })

  it('is shared by one node only, and leaves no socket behind', async () => {
    const folder = await newFolder()
    const store = await openStore(folder)
    const sharing = await shareStore(store, folder)
    expect(await codeOf(shareStore(store, folder))).toBe('STORE_BUSY')
    expect((await stat(join(folder, 'socket'))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    await sharing[Symbol.asyncDispose]()
    await sharing[Symbol.asyncDispose]()
    expect(existsSync(join(folder, 'socket'))).toBe(false)
    await store[Symbol.asyncDispose]()
  })

  it('works in a folder whose path is too long for a socket', async () => {
    const folder = join(await newFolder(), 'deep'.repeat(20), 'deeper'.repeat(10))
    const child = startChild('hold', folder, 'share')
    await child.line('ready')
    await using store = await openStore(folder, { wait: 0 })
    expect((await store.findRecords([{ table: 'self', key: 'holder' }]))[0]).toBeDefined()
    child.write('end')
    await child.exit
    expect(existsSync(join(folder, 'socket'))).toBe(false)
  })

  it('finishes the commit under way before it stops', async () => {
    const folder = await newFolder()
    const store = await openStore(folder)
    const sharing = await shareStore(store, folder)
    const { connectStore } = await import('../../src/store/socket/remote.ts')
    const remote = await connectStore(join(folder, 'socket'))
    const results = Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => remote?.commit({ put: [record(`k${i}`, 'v')] })),
    )
    await new Promise((resolve) => setTimeout(resolve, 5))
    await sharing[Symbol.asyncDispose]()
    for (const [i, { status }] of (await results).entries()) {
      const [value] = await store.findRecords([record(`k${i}`, 'v')])
      if (status === 'fulfilled') expect(value).toBeDefined()
    }
    await store[Symbol.asyncDispose]()
  })

  it('is left alone by connections that say nothing', async () => {
    const folder = await newFolder()
    await using store = await openStore(folder)
    const sharing = await shareStore(store, folder)
    const silent = connect(join(folder, 'socket'))
    await new Promise((resolve) => silent.once('connect', resolve))
    await sharing[Symbol.asyncDispose]()
  })
})

function abortSoon(reason: Error): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 50)
  return controller.signal
}
