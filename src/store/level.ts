// The durable store: LevelDB for everything, and the file of floors beside it. This file decides what a commit and a read
// mean; level/keys.ts decides how things lie in the database, level/db.ts how it is opened, open.ts who may.

import type { Cid } from '../cid/index.ts'
import { createLocks, isRegistryError, type RegistryError } from '../lib/index.ts'
import {
  assertChange,
  assertCid,
  assertKey,
  assertPrefix,
  closed,
  floorsOf,
  higherFloor,
  rottenBlock,
} from './checks.ts'
import { isEmpty, parseFloorRecord, writeBatch } from './level/batch.ts'
import { createCommits } from './level/commits.ts'
import { type Db, type Entry, readMarkers, readRange } from './level/db.ts'
import { poisoned, translateFailure } from './level/failures.ts'
import { type FloorFile, formatFloors, loadFloors } from './level/floor-file.ts'
import type { FloorTable } from './level/floor-table.ts'
import {
  blockKey,
  blockRange,
  cidOfBlockKey,
  isSound,
  type KeyRange,
  keyOfRecordKey,
  openRecord,
  recordKey,
  recordRange,
} from './level/keys.ts'
import type { Change, Floor, FloorReset, ListBlocksOptions, RecordKey, Store } from './store.ts'

/** Read in place; some 20 µs each. */
const FEW = 32
/** Looked for in place: most are not there, which costs 3 µs each. The threads may have a thousand signatures to check first. */
const SOME = 128
/** Erased one by one, at the cost of a new log file each, and of the tables of that key. Of more, nearly every table has one: they go at once. */
const EACH = 256

export interface LevelPorts {
  readonly db: Db
  readonly floors: FloorFile
  /** The database has just been created. One that was there and holds nothing has lost something. */
  readonly fresh: boolean
}

/** Checks the format marker and reads the floors. Owns both ports from then on, also when it throws. */
export async function createLevelStore({ db, floors: file, fresh }: LevelPorts): Promise<Store> {
  let besides: FloorTable
  let last: number
  try {
    besides = await loadFloors(file)
    last = await readMarkers(db, fresh || besides.size === 0)
  } catch (error) {
    await Promise.allSettled([db.close(), file[Symbol.asyncDispose]()])
    throw translateFailure(error)
  }
  return levelStore(db, file, { besides, last })
}

interface Found {
  /** Mirrors the file of floors, which nobody else writes. */
  readonly besides: FloorTable
  /** Number of the last batch. */
  last: number
}

function levelStore(db: Db, file: FloorFile, found: Found): Store {
  const { besides } = found
  const locks = createLocks()
  const commits = createCommits({ findRecords, findFloor, assertWritable, write })
  let open = true
  let dirty = false
  let failure: RegistryError | undefined

  /** Every call into the database goes through here: closed stores and foreign errors get their words in one place. */
  async function ask<T>(question: () => T | Promise<T>): Promise<T> {
    if (!open) throw closed()
    try {
      return await question()
    } catch (error) {
      throw open ? translateFailure(error) : closed()
    }
  }

  /** A few keys are fastest read in place: handing them to a thread costs more than LevelDB does. */
  function readAll(keys: Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    if (keys.length <= FEW) return ask(() => keys.map((key) => db.getSync(key)))
    return ask(() => db.getMany(keys))
  }

  async function findBlocks(cids: readonly Cid[]): Promise<readonly (Uint8Array | undefined)[]> {
    const keys = cids.map(blockKey)
    const found = await readAll(keys)
    const rotten = cids.find((_, i) => !isSound(keys[i], found[i]))
    if (rotten !== undefined) throw rottenBlock(rotten)
    return found
  }

  async function findRecords(
    keys: readonly RecordKey[],
  ): Promise<readonly (Uint8Array | undefined)[]> {
    for (const key of keys) assertKey(key)
    const found = await readAll(keys.map(({ table, key }) => recordKey(table, key)))
    return keys.map(({ table, key }, i) => {
      const sealed = found[i]
      return sealed === undefined ? undefined : openRecord(table, key, sealed)
    })
  }

  async function findFloor(origin: string): Promise<Floor | undefined> {
    assertKey({ table: 'head', key: origin })
    const sealed = await ask(() => db.getSync(recordKey('floor', origin)))
    const inside = sealed === undefined ? undefined : parseFloorRecord(origin, sealed)
    return higherFloor(inside, besides.get(origin))
  }

  async function listFloors(): Promise<readonly Floor[]> {
    const all = new Map([...besides.values()].map((floor) => [floor.origin, floor]))
    await ask(async () => {
      for await (const [key, sealed] of readRange(db, recordRange('floor'))) {
        const origin = keyOfRecordKey(key)
        const higher = higherFloor(parseFloorRecord(origin, sealed), besides.get(origin))
        if (higher !== undefined) all.set(origin, higher)
      }
    })
    return [...all.values()].sort((a, b) => (a.origin < b.origin ? -1 : 1))
  }

  async function commit(change: Change): Promise<void> {
    assertChange(change)
    await commits.add(change)
    // Whoever asked for it waits until the bytes are gone; nobody else does, for that can take a minute of a large store.
    await erase(change.drop ?? [])
  }

  function assertWritable(): void {
    if (failure !== undefined) throw poisoned(failure)
  }

  async function write(changes: readonly Change[]): Promise<void> {
    const resets = changes.flatMap((change) => change.resets ?? [])
    const floors = changes.flatMap(floorsOf)
    if (changes.every(isEmpty)) return await ask(() => undefined)
    try {
      if (resets.length > 0) await withdraw(resets)
      await ask(() => {
        dirty = true
        return writeBatch(db, changes, found.last + 1)
      })
      found.last += 1
      if (floors.length > 0) await ask(() => file.append(formatFloors(floors)))
      for (const floor of floors) besides.set(floor)
    } catch (error) {
      if (isRegistryError(error) && error.code !== 'CLOSED') failure = error
      throw error
    }
  }

  /** Until the change is durable the old floor holds, inside alone. Lowered beside it or inside it first, one of both would be wrong. */
  async function withdraw(resets: readonly FloorReset[]): Promise<void> {
    const floors = resets.map(({ from }) => from)
    await ask(() => writeBatch(db, [{ floors }], found.last + 1))
    found.last += 1
    for (const { origin } of floors) besides.delete(origin)
    await ask(() => file.replace(formatFloors(besides.values())))
  }

  /** LevelDB keeps deleted bytes until it next compacts the tables they lie in. They are gone for readers whether or not this succeeds. */
  async function erase(dropped: readonly Cid[]): Promise<void> {
    const keys = dropped.map(blockKey).sort(Buffer.compare)
    const [first, last] = [keys[0], keys.at(-1)]
    if (first === undefined || last === undefined) return
    const ranges =
      keys.length > EACH ? [[first, last] as const] : keys.map((key) => [key, key] as const)
    for (const [from, to] of ranges) await db.compactRange(from, to).catch(() => {})
  }

  async function* listRecords(...[table, options = {}]: Parameters<Store['listRecords']>) {
    assertKey({ table, key: 'any' })
    assertPrefix(options.prefix)
    const range = recordRange(table, options.prefix, options.after)
    for await (const [bytes, sealed] of listRange(range, options.limit)) {
      const key = keyOfRecordKey(bytes)
      yield { table, key, value: openRecord(table, key, sealed) }
    }
  }

  async function* listBlocks({ after, limit }: ListBlocksOptions = {}) {
    if (after !== undefined) assertCid(after)
    for await (const [key] of listRange(blockRange(after), limit, false)) yield cidOfBlockKey(key)
  }

  async function* listRange(
    range: KeyRange,
    limit?: number,
    values?: boolean,
  ): AsyncGenerator<Entry> {
    if (!open) throw closed()
    try {
      yield* readRange(db, range, limit, values)
    } catch (error) {
      throw open ? translateFailure(error) : closed()
    }
  }

  async function close(): Promise<void> {
    if (!open) return
    await commits.idle()
    if (!open) return
    open = false
    // Flushing the log now makes the next open cost 3 ms and not 300. It is not needed for safety: the log is durable.
    const nothing = Uint8Array.of(0)
    if (dirty && failure === undefined) await db.compactRange(nothing, nothing).catch(() => {})
    const ended = await Promise.allSettled([db.close(), file[Symbol.asyncDispose]()])
    for (const end of ended) if (end.status === 'rejected') throw translateFailure(end.reason)
  }

  return {
    findBlocks,
    async hasBlocks(cids) {
      const keys = cids.map(blockKey)
      if (cids.length > SOME) return await ask(() => db.hasMany(keys))
      return await ask(() => keys.map((key) => db.getSync(key) !== undefined))
    },
    findRecords,
    listRecords,
    listBlocks,
    findFloor,
    listFloors,
    commit,
    async lock(name, options) {
      if (!open) throw closed()
      return await locks.lock(name, options)
    },
    [Symbol.asyncDispose]: close,
  }
}
