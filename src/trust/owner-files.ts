// Small files that only their owner may read: created whole or not at all, never followed through a link.
// POSIX modes; Windows has none, and there the user's profile folder is what protects them.

import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { link, mkdir, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RegistryError } from '../lib/index.ts'

const HAS_MODES = process.platform !== 'win32'
/** Far more than any key file takes. */
const BYTES_LIMIT = 16 * 1024
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/** Undefined if there is no such file. Throws KEY_PERMISSIONS, KEY_INVALID (too long), FILE_UNAVAILABLE. */
export async function findOwnerFile(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name)
  try {
    await assertFolder(folder)
    // O_NOFOLLOW: a link could make us read, and later overwrite trust in, a file of somebody else's choice.
    // O_NONBLOCK: a named pipe would make us wait for ever.
    await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const { mode, size } = assertRegular(await file.stat(), path)
    // Checked on the open file, not on the path: what is checked is what is read.
    if (HAS_MODES && (mode & 0o077) !== 0) throw exposed(path, 'file', mode)
    if (size > BYTES_LIMIT) throw tooLong(path, size)
    const buffer = Buffer.alloc(size)
    const { bytesRead } = await file.read(buffer, 0, size, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw explain(error, path)
  }
}

/** Durable when it resolves. Throws FILE_EXISTS if there is such a file, which it leaves alone; FILE_UNAVAILABLE. */
export async function createOwnerFile(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name)
  const draft = join(folder, `.${name}.${randomUUID()}.draft`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await assertFolder(folder)
    try {
      await using file = await open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
      await file.writeFile(text)
      await file.sync()
      // Unlike a rename, a link never replaces: two creators cannot both believe that their key is the one.
      await link(draft, path)
    } finally {
      await rm(draft, { force: true })
    }
    await syncFolder(folder)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw exists(path, error)
    throw explain(error, path)
  }
}

/** Who can write the folder can exchange the files in it, whatever their own modes say. */
async function assertFolder(folder: string): Promise<void> {
  const { mode } = await stat(folder)
  if (HAS_MODES && (mode & 0o022) !== 0) throw exposed(folder, 'folder', mode)
}

async function syncFolder(folder: string): Promise<void> {
  if (!HAS_MODES) return
  await using handle = await open(folder, O_RDONLY)
  await handle.sync()
}

interface FileFacts {
  readonly mode: number
  readonly size: number
  isFile(): boolean
}

function assertRegular(facts: FileFacts, path: string): FileFacts {
  if (facts.isFile()) return facts
  throw irregular(path, 'something else')
}

function irregular(path: string, got: string, cause?: unknown): RegistryError {
  return new RegistryError('KEY_PERMISSIONS', `${path} is not a regular file.`, {
    expected: 'a regular file',
    got,
    next: `Put the key file itself at ${path}.`,
    ...(cause === undefined ? {} : { cause }),
  })
}

function exposed(path: string, kind: 'file' | 'folder', mode: number): RegistryError {
  const wanted = kind === 'file' ? '600' : '700'
  return new RegistryError(
    'KEY_PERMISSIONS',
    `Others on this machine can reach the ${kind} ${path}.`,
    {
      expected: `mode ${wanted}`,
      got: `mode ${(mode & 0o777).toString(8).padStart(3, '0')}`,
      next: `If nobody has used that, run: chmod ${wanted} '${path.replaceAll("'", "'\\''")}'`,
    },
  )
}

function exists(path: string, cause: unknown): RegistryError {
  return new RegistryError('FILE_EXISTS', `There is a key file at ${path} already.`, {
    expected: 'no file of that name',
    next: 'Choose another name, or move that file away if its key is no longer needed.',
    cause,
  })
}

function tooLong(path: string, size: number): RegistryError {
  return new RegistryError('KEY_INVALID', `${path} is too long for a key file.`, {
    expected: `at most ${BYTES_LIMIT} bytes`,
    got: `${size} bytes`,
    next: 'Restore the key file from a backup.',
  })
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof RegistryError) return error
  if (codeOf(error) === 'ELOOP') return irregular(path, 'a symbolic link', error)
  return new RegistryError('FILE_UNAVAILABLE', `The key file ${path} cannot be read or written.`, {
    got: codeOf(error) ?? String(error),
    next: 'Check that the folder exists, is yours, and that its disk has room.',
    cause: error,
  })
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
