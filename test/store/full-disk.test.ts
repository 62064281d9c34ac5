// A full and a read-only disk, on a small tmpfs: needs root, as mounting does.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { isRegistryError, type RegistryError } from '../../src/lib/index.ts'
import { type Block, openStore } from '../../src/store/index.ts'
import { floor, record } from '../contracts/store.ts'
import { newFolder } from './folders.ts'

let disk: string
let mounted = false

beforeAll(async () => {
  disk = await newFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' })
    mounted = true
  } catch {
    console.warn('skipped: 2 tests of full and read-only disks need the right to mount a tmpfs')
  }
})

afterAll(() => {
  if (mounted) execFileSync('umount', ['-l', disk])
})

function noise(i: number): Block {
  const bytes = Buffer.alloc(60_000, cidOf(Buffer.from(String(i))))
  for (let at = 0; at < bytes.length; at += 64)
    bytes.writeUInt32BE(Math.imul(at + i, 2654435761) >>> 0, at)
  return { cid: cidOf(bytes), bytes }
}

async function errorOf(promise: Promise<unknown>): Promise<RegistryError> {
  const error = await promise.catch((it: unknown) => it)
  if (!isRegistryError(error)) throw new Error(`no RegistryError: ${String(error)}`)
  return error
}

describe('a disk', () => {
  it('that fills up loses nothing acknowledged, says ENOSPC, and serves again with room', async (context) => {
    if (!mounted) return context.skip()
    const folder = join(disk, 'store')
    const store = await openStore(folder)
    let kept = 0
    let error: RegistryError | undefined
    while (error === undefined && kept < 500) {
      const block = noise(kept)
      const change = { blocks: [block], put: [record('n', `${kept}`)], floors: [floor(kept + 1)] }
      await store.commit(change).then(
        () => {
          kept += 1
        },
        (it: RegistryError) => {
          error = it
        },
      )
    }
    expect(kept).toBeGreaterThan(10)
    expect([error?.code, error?.details.got]).toEqual(['STORE_UNAVAILABLE', 'ENOSPC'])
    expect(error?.details.next).toContain('Free some disk space')
    expect((await errorOf(store.commit({ put: [record('x', 'v')] }))).code).toBe(
      'STORE_UNAVAILABLE',
    )
    expect((await store.findBlocks([noise(kept - 1).cid]))[0]).toBeDefined()
    await store[Symbol.asyncDispose]()
    execFileSync('mount', ['-o', 'remount,size=32m', disk])
    await using again = await openStore(folder, { wait: 0 })
    for (let i = 0; i < kept; i++) {
      expect((await again.findBlocks([noise(i).cid]))[0]).toBeDefined()
    }
    expect((await again.findFloor('toolmark/p1'))?.size).toBeGreaterThanOrEqual(kept)
    await again.commit({ put: [record('x', 'v')] })
  })

  it('that is read-only says so', async (context) => {
    if (!mounted) return context.skip()
    await (await openStore(join(disk, 'other')))[Symbol.asyncDispose]()
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const error = await errorOf(openStore(join(disk, 'other'), { wait: 0 }))
    execFileSync('mount', ['-o', 'remount,rw', disk])
    expect([error.code, error.details.got]).toEqual(['STORE_UNAVAILABLE', 'EROFS'])
    expect(error.details.next).toContain('Mount the file system for writing')
  })
})

describe('a path', () => {
  it('with a file in the way is STORE_UNAVAILABLE with a next step', async () => {
    const error = await errorOf(openStore(join(import.meta.filename, 'store')))
    expect(error.code).toBe('STORE_UNAVAILABLE')
    expect(error.details.next).toContain('Choose a folder')
    const same = await errorOf(openStore(import.meta.filename))
    expect(same.details.next).toContain('Choose a folder')
  })
})
