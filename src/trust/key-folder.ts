// The folder of key files: 0700, its files 0600, written whole or not at all, never through a link.

import { constants } from 'node:fs'
import { chmod, link, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RegistryError } from '../lib/index.ts'

/** Far more than a key file takes. */
const MAX_BYTES = 16 * 1024

/** Names without `.json`, sorted; none when there is no folder. */
export async function listKeyFiles(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    return names
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -5))
      .sort()
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return []
    throw unavailable(folder, cause)
  }
}

export async function readKeyFile(folder: string, name: string): Promise<Uint8Array> {
  const path = join(folder, `${name}.json`)
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    const stat = await file.stat()
    if (process.platform !== 'win32') assertPrivate(path, stat.mode)
    if (!stat.isFile() || stat.size > MAX_BYTES) throw unavailable(path, 'not a key file')
    return await file.readFile()
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    if (codeOf(cause) === 'ENOENT') {
      throw new RegistryError('KEY_MISSING', `There is no key named ${name}.`, {
        expected: path,
        got: 'nothing',
        next: 'Run `registry init`, or bring the key back with `registry key import`.',
      })
    }
    if (codeOf(cause) === 'ELOOP') {
      throw new RegistryError('KEY_PERMISSIONS', `The key file ${path} is a link.`, {
        expected: 'a file',
        got: 'a symbolic link',
        next: 'Put the file itself there.',
        cause,
      })
    }
    throw unavailable(path, cause)
  }
}

/** Answers the path. KEY_INVALID when there is a key of that name: keys are never overwritten. */
export async function writeKeyFile(
  folder: string,
  name: string,
  bytes: Uint8Array,
): Promise<string> {
  const path = join(folder, `${name}.json`)
  const temporary = `${path}.${process.pid}.tmp`
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 })
    if (made !== undefined) await chmod(folder, 0o700)
    const file = await open(temporary, flags, 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(temporary, path)
    await syncFolder(folder)
    return path
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw unavailable(path, cause)
    throw new RegistryError('KEY_INVALID', `There is a key named ${name} already.`, {
      expected: 'a new name',
      got: path,
      next: 'Choose another name, or move the old file away if it is backed up.',
      cause,
    })
  } finally {
    await rm(temporary, { force: true })
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function assertPrivate(path: string, mode: number): void {
  if ((mode & 0o077) === 0) return
  throw new RegistryError('KEY_PERMISSIONS', `Others can read the key file ${path}.`, {
    expected: 'mode 600',
    got: `mode ${(mode & 0o777).toString(8)}`,
    next: `Run \`chmod 600 ${path}\`; if others may have read it, make a new publisher.`,
  })
}

function unavailable(path: string, cause: unknown): RegistryError {
  return new RegistryError('FILE_UNAVAILABLE', `${path} cannot be used.`, {
    expected: 'a folder of key files that you own',
    got: codeOf(cause) ?? String(cause),
    next: 'Check the path and its permissions.',
    cause,
  })
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
