// The folder that a static log is written into: files that never change once they are there, and one that is replaced at the end.
// Each is whole or absent at any moment, also for a web server that reads along, and after a power cut.

import { mkdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RegistryError, syncFolder, writeWhole } from '../../lib/index.ts'
import type { StaticFile } from '../../resolve/static/index.ts'

export interface Written {
  readonly files: number
  readonly bytes: number
}

export interface StaticFolder {
  has(file: StaticFile): Promise<boolean>
  /** Writes what is not there yet. Throws FILE_EXISTS for a file of another length, LIMIT_EXCEEDED for one nobody would read. */
  add(file: StaticFile, bytes: Uint8Array): Promise<void>
  find(file: StaticFile): Promise<Uint8Array | undefined>
  /** Everything added is durable when this begins; the file is when it resolves. */
  replace(file: StaticFile, bytes: Uint8Array): Promise<void>
  written(): Written
}

export function openStaticFolder(root: string): StaticFolder {
  const folders = new Map<string, Promise<unknown>>()
  let files = 0
  let written = 0

  async function write(path: string, bytes: Uint8Array): Promise<void> {
    const folder = dirname(path)
    if (!folders.has(folder)) folders.set(folder, mkdir(folder, { recursive: true }))
    await folders.get(folder)
    await writeWhole(path, bytes)
    files += 1
    written += bytes.length
  }

  return {
    has: ({ path }) =>
      explain(join(root, path), async () => (await lengthOf(join(root, path))) !== undefined),
    find: ({ path }) => explain(join(root, path), () => readIfThere(join(root, path))),
    add: (file, bytes) =>
      explain(join(root, file.path), async () => {
        const path = join(root, file.path)
        if (bytes.length > file.limit) throw tooLarge(file, bytes.length)
        const length = await lengthOf(path)
        if (length === undefined) await write(path, bytes)
        else if (length !== bytes.length) throw differs(path, bytes.length, length)
      }),
    replace: (file, bytes) =>
      explain(join(root, file.path), async () => {
        await Promise.all([...folders.keys()].map(syncFolder))
        const path = join(root, file.path)
        await write(path, bytes)
        await syncFolder(dirname(path))
        await syncFolder(root)
      }),
    written: () => ({ files, bytes: written }),
  }
}

async function lengthOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function explain<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    throw new RegistryError('FILE_UNAVAILABLE', `The file ${path} cannot be written.`, {
      expected: 'a folder that can be written to, with room',
      got: (cause as NodeJS.ErrnoException).code ?? String(cause),
      next: 'Free some room or choose another folder with `--static`; what was written so far is kept and used.',
      cause,
    })
  }
}

function differs(path: string, expected: number, got: number): RegistryError {
  return new RegistryError('FILE_EXISTS', `The file ${path} exists already, with other content.`, {
    expected: `${expected} bytes`,
    got: `${got} bytes`,
    next: 'Files of a static log never change: it was damaged. Remove it and export again.',
  })
}

function tooLarge({ path, limit }: StaticFile, got: number): RegistryError {
  return new RegistryError(
    'LIMIT_EXCEEDED',
    `The file ${path} would be larger than readers take.`,
    {
      expected: `at most ${limit} bytes`,
      got: `${got} bytes`,
      next: 'Serve this log with `registry serve` instead.',
    },
  )
}
