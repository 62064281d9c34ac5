// The floors kept beside the database: one line per floor, `origin size root checksum`, appended and synced. They survive
// the loss of the database, so that an attacker who can delete or corrupt it cannot roll a log back (threat: rollback).

import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { RegistryError, sha256Hex, utf8 } from '../../lib/index.ts'
import { assertFloor, higherFloor } from '../checks.ts'
import type { Floor } from '../store.ts'
import { createFloorTable, type FloorTable } from './floor-table.ts'

/** What the level store needs of that file; crash tests wrap it. */
export interface FloorFile extends AsyncDisposable {
  /** In pieces: of a hundred thousand floors it is 17 MB, which a process that takes them at once keeps as a gap in its memory. */
  read(): AsyncIterable<string>
  /** Durable when resolved. */
  append(text: string): Promise<void>
  /** All of the new content or all of the old, durable when resolved. */
  replace(text: string): Promise<void>
}

/** Rewriting costs less than reading lines nobody needs once at least half of this many are stale. */
const LONG = 1_000
const PIECE = 64 * 1024

export async function openFloorFile(path: string): Promise<FloorFile> {
  let handle: FileHandle | undefined
  async function close(): Promise<void> {
    await handle?.close()
    handle = undefined
  }
  return {
    async *read() {
      await using source = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      const buffer = Buffer.allocUnsafe(PIECE)
      for (;;) {
        const length = (await source?.read(buffer, 0, PIECE))?.bytesRead ?? 0
        if (length === 0) return
        yield buffer.toString('latin1', 0, length)
      }
    },
    async append(text) {
      const isNew = handle === undefined
      handle ??= await open(path, 'a', 0o600)
      await handle.write(text)
      await handle.datasync()
      if (isNew) await syncFolder(dirname(path))
    },
    async replace(text) {
      await close()
      const temporary = `${path}.new`
      await using file = await open(temporary, 'w', 0o600)
      await file.write(text)
      await file.sync()
      await rename(temporary, path)
      await syncFolder(dirname(path))
    },
    [Symbol.asyncDispose]: close,
  }
}

export function formatFloors(floors: Iterable<Floor>): string {
  return [...floors].map((floor) => `${textOf(floor)} ${checksum(textOf(floor))}\n`).join('')
}

/** The highest floor of each origin. Rewrites the file first if its last line was torn by a crash, or if it is long. */
export async function loadFloors(file: FloorFile): Promise<FloorTable> {
  const floors = createFloorTable()
  let count = 0
  let rest = ''
  for await (const piece of file.read()) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      count += 1
      const floor = parseLine(line, count)
      const highest = higherFloor(floors.get(floor.origin), floor)
      if (highest !== undefined) floors.set(highest)
    }
  }
  // A torn last line was never acknowledged; left in place, the next append would be glued to it.
  const torn = rest !== ''
  if (torn || (count > LONG && count > 2 * floors.size)) {
    await file.replace(formatFloors(floors.values()))
  }
  return floors
}

function parseLine(line: string, number: number): Floor {
  const [origin = '', size = '', root = '', sum = '', ...more] = line.split(' ')
  const floor = { origin, size: Number(size), root }
  try {
    assertFloor(floor)
  } catch (error) {
    throw badLine(number, error)
  }
  if (more.length > 0 || String(floor.size) !== size || checksum(textOf(floor)) !== sum) {
    throw badLine(number)
  }
  return floor
}

function badLine(line: number, cause?: unknown): RegistryError {
  return new RegistryError('STORE_CORRUPT', `Line ${line} of the file \`floors\` is damaged.`, {
    expected: 'origin size root checksum',
    next: 'Restore that file from a backup. Deleting it would let old logs be accepted again.',
    line,
    cause,
  })
}

function textOf({ origin, size, root }: Floor): string {
  return `${origin} ${size} ${root}`
}

function checksum(text: string): string {
  return sha256Hex(utf8(text)).slice(0, 16)
}

/** A file's name is durable only once its folder is synced. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}
