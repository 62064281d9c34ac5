// The lockfile as a file: read with its bytes, written whole and only over the very bytes that were read. Two commands at one time, or an
// editor between question and answer, cannot lose each other's words.

import { dirname } from 'node:path'
import {
  equalBytes,
  isRegistryError,
  RegistryError,
  readBounded,
  syncFolder,
  writeWhole,
} from '../../lib/index.ts'
import { EMPTY_LOCK, formatLock, LOCK_LIMIT, type Lock, parseLock } from '../../resolve/index.ts'

export interface LockFile {
  readonly path: string
  readonly lock: Lock
  /** As read; undefined while there is no such file. */
  readonly bytes: Uint8Array | undefined
}

/** An empty lock where there is no file. Throws LOCK_INVALID with the line. */
export async function openLockFile(path: string): Promise<LockFile> {
  const bytes = await findBytes(path)
  return { path, bytes, lock: bytes === undefined ? EMPTY_LOCK : parseLock(bytes, path) }
}

/** Throws NOT_FOUND where there is no file. */
export async function getLockFile(path: string): Promise<LockFile> {
  const file = await openLockFile(path)
  if (file.bytes !== undefined) return file
  throw new RegistryError('NOT_FOUND', `There is no lockfile at ${path}.`, {
    expected: 'a file that `registry add` has written',
    got: 'nothing',
    next: 'Change to the folder of your project, name the file with `--lockfile`, or begin with `registry add NAME`.',
  })
}

/** Whether the lock says anything else than the file. */
function differs({ bytes }: LockFile, lock: Lock): boolean {
  return bytes === undefined || !equalBytes(bytes, formatLock(lock))
}

/** Answers whether anything was written; the same content is left alone. Throws CONFLICT when the file is no longer the one that was read. */
export async function writeLockFile(file: LockFile, lock: Lock): Promise<boolean> {
  if (!differs(file, lock)) return false
  const bytes = formatLock(lock)
  const now = await findBytes(file.path)
  if (!sameBytes(now, file.bytes)) {
    throw new RegistryError('CONFLICT', `${file.path} has changed meanwhile.`, {
      expected: 'the file that was read when the command began',
      got: now === undefined ? 'no file' : 'another content',
      next: 'Nothing was written. Run the command again.',
    })
  }
  try {
    await writeWhole(file.path, bytes, { once: file.bytes === undefined })
    await syncFolder(dirname(file.path))
  } catch (cause) {
    throw new RegistryError('FILE_UNAVAILABLE', `${file.path} cannot be written.`, {
      expected: 'a folder that can be written to',
      got: (cause as NodeJS.ErrnoException).code ?? String(cause),
      next: 'The lockfile is as it was. Check the folder and the disk.',
      cause,
    })
  }
  return true
}

/** For CI. Throws LOCK_OUTDATED where the lock would say anything else than the file. */
export function assertFrozen(file: LockFile, lock: Lock, would: readonly string[]): void {
  if (!differs(file, lock)) return
  throw new RegistryError('LOCK_OUTDATED', `${file.path} would change, and it is frozen.`, {
    expected: 'a lockfile that says all of it already',
    got: would.join('; '),
    next: 'Run the command without `--frozen` where a person can look, and commit the lockfile.',
  })
}

async function findBytes(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readBounded(path, LOCK_LIMIT)
  } catch (error) {
    const isAbsent = isRegistryError(error, 'FILE_UNAVAILABLE') && error.details.got === 'ENOENT'
    if (isAbsent) return undefined
    throw error
  }
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b)
}
