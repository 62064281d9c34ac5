// Where the socket of a shared store lies: FOLDER/socket, or, where that path is longer than an address may be, a private
// folder under the temporary one, with FOLDER/socket as a link to it, so that both sides agree whatever their environment.

import { chmod, lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { RegistryError, sha256Hex, utf8 } from '../../lib/index.ts'

/** Unix socket addresses hold 103 bytes on macOS and 107 on Linux. */
const LONGEST = 100

/** The address to connect to, or undefined when nobody has left a socket here. Refuses what others could have put there. */
export async function findSocket(folder: string): Promise<string | undefined> {
  const path = join(folder, 'socket')
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return undefined
  if (found.isSocket()) return path
  if (!found.isSymbolicLink()) return undefined
  const target = await readlink(path)
  const there = await lstat(target).catch(() => undefined)
  if (there === undefined) return undefined
  await assertPrivate(dirname(target))
  return target
}

/** Where to listen. Call `clearSocket` first. */
export async function makeSocketPath(folder: string): Promise<string> {
  // The folder's own mode guards the socket in the instant before its mode is set.
  await chmod(folder, 0o700)
  const path = join(folder, 'socket')
  if (Buffer.byteLength(path) <= LONGEST) return path
  const room = join(tmpdir(), `toolmark-${process.getuid?.() ?? 'user'}`)
  await mkdir(room, { mode: 0o700 }).catch(() => {})
  await assertPrivate(room)
  const target = join(room, `${sha256Hex(utf8(folder)).slice(0, 24)}.sock`)
  if (Buffer.byteLength(target) > LONGEST) {
    throw new RegistryError('STORE_UNAVAILABLE', 'The temporary folder has too long a path.', {
      expected: `at most ${LONGEST} bytes`,
      got: target,
      next: 'Set TMPDIR to a shorter path, or move the store to one.',
    })
  }
  await rm(target, { force: true })
  await symlink(target, path)
  return target
}

export async function clearSocket(folder: string): Promise<void> {
  const path = join(folder, 'socket')
  const target = await readlink(path).catch(() => undefined)
  if (target !== undefined) await rm(target, { force: true }).catch(() => {})
  await rm(path, { force: true })
}

/** In a folder that others can write, another user could wait with a socket of their own and answer in our place. */
async function assertPrivate(folder: string): Promise<void> {
  const { mode, uid, isDirectory } = await describe(folder)
  const owner = process.getuid?.() ?? uid
  if (isDirectory && uid === owner && (mode & 0o077) === 0) return
  throw new RegistryError('STORE_UNAVAILABLE', 'The folder of the socket is open to other users.', {
    expected: `${folder} as a folder of user ${owner} with mode 700`,
    got: `user ${uid}, mode ${(mode & 0o777).toString(8)}`,
    next: 'Remove that folder, or set TMPDIR to one of your own.',
  })
}

async function describe(
  path: string,
): Promise<{ mode: number; uid: number; isDirectory: boolean }> {
  const found = await lstat(path)
  return { mode: found.mode, uid: found.uid, isDirectory: found.isDirectory() }
}
