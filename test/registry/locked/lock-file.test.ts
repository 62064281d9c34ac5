// The lockfile as a file: nobody's words are lost, branches merge, and a conflict is told as one.

import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cidOf } from '../../../src/cid/index.ts'
import { isRegistryError, type RegistryError, utf8 } from '../../../src/lib/index.ts'
import { getLockFile, openLockFile, writeLockFile } from '../../../src/registry/index.ts'
import { EMPTY_LOCK, formatLock, type Lock, parseLock } from '../../../src/resolve/index.ts'
import { publisherIdOf } from '../../../src/spec/index.ts'

let folder: string
let count = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toolmark-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const newPath = (): string => join(folder, `lock-${count++}.json`)

async function refusalOf(attempt: Promise<unknown>): Promise<RegistryError> {
  const error = await attempt.then(
    () => new Error('it was accepted'),
    (cause: unknown) => cause,
  )
  if (isRegistryError(error)) return error
  throw error
}

/** A lock of one publisher each, so that nothing is shared but the file. */
function lockOf(...names: readonly string[]): Lock {
  const releases = names.map((name) => {
    const cid = cidOf(utf8(name))
    const tool = { cid, surface: `sha256-${'a'.repeat(64)}`, approved: { by: 'bob', cid } }
    const publisher = publisherIdOf(utf8(name.split('/')[0] ?? name))
    const log = { index: 1, size: 2, root: '0'.repeat(64) }
    const tools = new Map([
      ['first', tool],
      ['second', tool],
    ])
    return [
      name,
      { version: '1.0.0', release: cid, publisher, statement: cid, log, tools },
    ] as const
  })
  const revocations = new Map(releases.map(([, { publisher }]) => [publisher, 0]))
  return { releases: new Map(releases), revocations }
}

describe('writing', () => {
  test('refuses to write over what somebody else has written meanwhile', async () => {
    const path = newPath()
    await writeFile(path, formatLock(lockOf('com.a/one')))
    const file = await openLockFile(path)
    const theirs = Buffer.from(formatLock(lockOf('com.b/two')))
    await writeFile(path, theirs)
    const error = await refusalOf(writeLockFile(file, lockOf('com.c/three')))
    expect(error).toMatchObject({
      code: 'CONFLICT',
      message: `${path} has changed meanwhile.`,
      details: {
        expected: 'the file that was read when the command began',
        got: 'another content',
        next: 'Nothing was written. Run the command again.',
      },
    })
    expect(await readFile(path)).toEqual(theirs)
  })

  test('refuses a file that has come or gone meanwhile', async () => {
    const path = newPath()
    const absent = await openLockFile(path)
    expect(absent).toEqual({ path, lock: EMPTY_LOCK, bytes: undefined })
    await writeFile(path, formatLock(EMPTY_LOCK))
    expect((await refusalOf(writeLockFile(absent, lockOf('com.a/one')))).code).toBe('CONFLICT')
    const there = await openLockFile(path)
    await rm(path)
    const error = await refusalOf(writeLockFile(there, lockOf('com.a/one')))
    expect(error).toMatchObject({ code: 'CONFLICT', details: { got: 'no file' } })
  })

  test('leaves a file alone that says it all already', async () => {
    const path = newPath()
    expect(await writeLockFile(await openLockFile(path), lockOf('com.a/one'))).toBe(true)
    expect(await writeLockFile(await openLockFile(path), lockOf('com.a/one'))).toBe(false)
  })
})

test('a lockfile that has to be there and is not', async () => {
  const path = newPath()
  expect(await refusalOf(getLockFile(path))).toMatchObject({
    code: 'NOT_FOUND',
    message: `There is no lockfile at ${path}.`,
    details: {
      expected: 'a file that `registry add` has written',
      got: 'nothing',
      next: 'Change to the folder of your project, name the file with `--lockfile`, or begin with `registry add NAME`.',
    },
  })
})

describe('branches', () => {
  async function merge(base: Lock, ours: Lock, theirs: Lock) {
    const paths = [ours, base, theirs].map(() => newPath())
    for (const [i, lock] of [ours, base, theirs].entries()) {
      await writeFile(paths[i] ?? '', formatLock(lock))
    }
    try {
      const text = execFileSync('git', ['merge-file', '-p', ...paths], { stdio: 'pipe' })
      return { conflicts: 0, text: new Uint8Array(text) }
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: Buffer }
      return { conflicts: status, text: new Uint8Array(stdout) }
    }
  }

  test('that add different names merge by themselves', async () => {
    const base = ['com.d/four', 'com.h/eight', 'com.m/thirteen']
    const all = ['com.a/one', ...base, 'com.k/eleven']
    const { conflicts, text } = await merge(
      lockOf(...base),
      lockOf('com.a/one', ...base),
      lockOf(...base, 'com.k/eleven'),
    )
    expect(conflicts).toBe(0)
    expect(text).toEqual(new Uint8Array(formatLock(lockOf(...all))))
  })

  test('that update different names merge by themselves', async () => {
    const base = lockOf('com.a/one', 'com.b/two', 'com.c/three')
    const raised = (name: string): Lock => {
      const old = base.releases.get(name)
      if (old === undefined) throw new Error(name)
      const log = { index: 5, size: 9, root: '1'.repeat(64) }
      const release = { ...old, version: '2.0.0', release: cidOf(utf8('new')), log }
      return { ...base, releases: new Map([...base.releases, [name, release]]) }
    }
    const { conflicts, text } = await merge(base, raised('com.a/one'), raised('com.c/three'))
    expect(conflicts).toBe(0)
    const { releases } = parseLock(text)
    expect([...releases.values()].map(({ version }) => version)).toEqual([
      '2.0.0',
      '1.0.0',
      '2.0.0',
    ])
  })

  test('that change one release conflict, and the conflict is told as one', async () => {
    const base = lockOf('com.a/one')
    const at = (version: string): Lock => {
      const old = [...base.releases.values()].map((one) => ({ ...one, version }))
      return { ...base, releases: new Map(old.map((one) => ['com.a/one', one])) }
    }
    const { conflicts, text } = await merge(base, at('1.1.0'), at('1.2.0'))
    expect(conflicts).toBe(1)
    const path = newPath()
    await writeFile(path, text)
    expect(await refusalOf(openLockFile(path))).toMatchObject({
      code: 'LOCK_INVALID',
      verdict: 'MALFORMED',
      details: {
        expected: 'one version of each line',
        got: 'the marks of a merge conflict',
        line: 5,
        next: 'Keep what both sides added, take the marks out, then run `registry verify --locked`.',
      },
    })
  })
})
