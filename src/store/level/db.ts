// Opening LevelDB so that what it forgives is not forgiven: it starts afresh when its CURRENT file is gone, though the data
// still lies beside it, and a database without our format marker has lost its first, synced record.

import { chmod, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ClassicLevel } from 'classic-level'
import { RegistryError, utf8 } from '../../lib/index.ts'
import { corrupt } from './failures.ts'
import { syncFolder } from './floor-file.ts'
import { BATCH_RANGE, batchKey, FORMAT_KEY, type KeyRange, numberOfBatchKey } from './keys.ts'

type Bytes = Uint8Array

/** What the level store needs of LevelDB; crash tests wrap it. */
export type Db = Pick<
  ClassicLevel<Bytes, Bytes>,
  'getSync' | 'getMany' | 'hasMany' | 'batch' | 'iterator' | 'compactRange' | 'close'
>

export type Entry = readonly [key: Uint8Array, value: Uint8Array]

const FORMAT = '{"format":1}'
const PAGE = 1_000
const NOTHING = new Uint8Array()

/**
 * Bulk loading 10⁵ blocks went from 7,900 to 49,500 a second with these; reads pay nothing for them. LevelDB takes the memory that it is allowed before
 * it gives any back; with an eighth of it a sync took a third more processor time.
 */
const OPTIONS = {
  blockSize: 16 * 1024,
  writeBufferSize: 32 * 1024 * 1024,
  cacheSize: 64 * 1024 * 1024,
  maxFileSize: 8 * 1024 * 1024,
  keyEncoding: 'view',
  valueEncoding: 'view',
} as const

/** Rejects with LevelDB's own error; the caller tells "locked" from the rest. Makes the folders it needs. */
export async function openLevelDb(folder: string): Promise<{ db: Db; fresh: boolean }> {
  const path = join(folder, 'db')
  await makeFolder(path)
  const fresh = await isFresh(path)
  // Loaded late: whoever reaches the store through a socket has no use for it.
  const { ClassicLevel } = await import('classic-level')
  const db = new ClassicLevel<Bytes, Bytes>(path, OPTIONS)
  await db.open()
  return { db, fresh }
}

/** Creates a folder for its owner alone, and makes its name durable. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  await chmod(path, 0o700)
  await syncFolder(dirname(path))
  await syncFolder(dirname(first))
}

async function isFresh(path: string): Promise<boolean> {
  const names = await readdir(path)
  if (names.includes('CURRENT')) return false
  // LevelDB makes its first manifest before CURRENT, and data after it: that manifest alone is a creation that was cut short.
  const data = names.find(
    (name) => /\.(ldb|sst|log)$|^MANIFEST-/.test(name) && name !== 'MANIFEST-000001',
  )
  if (data === undefined) return true
  throw new RegistryError('STORE_CORRUPT', 'The database has data but no CURRENT file.', {
    expected: 'a file named CURRENT',
    got: data,
    next: 'Restore the folder from a backup, or move its `db` folder away and pull again; floors are kept.',
  })
}

/**
 * Checks the format marker and answers the number of the last batch. A new database gets both markers in one synced write:
 * before the first synced write, power loss can leave a LevelDB that does not open. `mayBeNew`: nothing says that this
 * store has ever held data.
 */
export async function readMarkers(db: Db, mayBeNew: boolean): Promise<number> {
  const found = db.getSync(FORMAT_KEY)
  if (found !== undefined) {
    assertKnownFormat(Buffer.from(found).toString('utf8'))
    return await findLastBatch(db)
  }
  for await (const _ of readRange(db, { gte: Uint8Array.of(0), lt: Uint8Array.of(255) }, 1)) {
    throw lostMarker()
  }
  if (!mayBeNew) throw lostMarker()
  const markers = [
    { type: 'put', key: FORMAT_KEY, value: utf8(FORMAT) },
    { type: 'put', key: batchKey(0), value: NOTHING },
  ] as const
  await db.batch([...markers], { sync: true })
  return 0
}

async function findLastBatch(db: Db): Promise<number> {
  const numbers: number[] = []
  for await (const [key] of readRange(db, BATCH_RANGE, 2)) numbers.push(numberOfBatchKey(key))
  const [last] = numbers
  if (numbers.length === 1 && last !== undefined && Number.isSafeInteger(last)) return last
  throw corrupt(undefined, 'The database has lost changes that it had acknowledged.')
}

function lostMarker(): RegistryError {
  return corrupt(undefined, 'The database has lost its format marker, and so perhaps more.')
}

function assertKnownFormat(text: string): void {
  if (text === FORMAT) return
  const format = /^\{"format":(\d{1,9})\}$/.exec(text)?.[1]
  if (format === undefined)
    throw corrupt(undefined, 'The format marker of the database is damaged.')
  throw new RegistryError(
    'STORE_UNAVAILABLE',
    'Another version of this program wrote this store.',
    {
      expected: 'format 1',
      got: `format ${format}`,
      next: 'Use the version that wrote it, or a new folder.',
    },
  )
}

/** Pages of a thousand: three times the speed of one entry at a time. Values are empty where `values` is false. */
export async function* readRange(
  db: Db,
  range: KeyRange,
  limit: number = Number.POSITIVE_INFINITY,
  values = true,
): AsyncGenerator<Entry, void, undefined> {
  let left = limit
  if (left <= 0) return
  const iterator = db.iterator({ ...range, values, highWaterMarkBytes: 1024 * 1024 })
  try {
    for (;;) {
      const page = await iterator.nextv(Math.min(PAGE, left))
      if (page.length === 0) return
      for (const [key, value] of page) yield [key, value]
      left -= page.length
      if (left <= 0) return
    }
  } finally {
    await iterator.close()
  }
}
