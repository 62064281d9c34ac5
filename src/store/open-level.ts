// Taking a folder for this process. One process opens a folder once and counts its users: a second open of the same
// LevelDB fails and, by failing, drops the first one's file lock, so that a stranger could then write.

import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createLocks, type Locks, RegistryError } from '../lib/index.ts'
import { busyError, removeHolder, writeHolder } from './holder.ts'
import { makeFolder, openLevelDb } from './level/db.ts'
import { isLocked, translateFailure } from './level/failures.ts'
import { openFloorFile } from './level/floor-file.ts'
import { createLevelStore } from './level.ts'
import type { Store } from './store.ts'

interface Holding {
  readonly store: Store
  users: number
}

interface Folders {
  readonly held: Map<string, Holding>
  readonly turns: Locks
}

/** Global, since two copies of this package in one process would break each other's lock just the same. */
const global: { [key: symbol]: Folders | undefined } = globalThis as never
const KEY = Symbol.for('toolmark.folders.1')
const folders: Folders = global[KEY] ?? { held: new Map(), turns: createLocks() }
global[KEY] = folders

/** Creates the folder if need be. One folder has one real path, whatever links lead to it. */
export async function realFolder(folder: string): Promise<string> {
  try {
    await makeFolder(resolve(folder))
    return await realpath(folder)
  } catch (error) {
    throw translateFailure(error)
  }
}

/** The folder's only opener: STORE_BUSY when anyone has it, this process included. Most callers want `openStore`. */
export async function openLevelStore(folder: string): Promise<Store> {
  const path = await realFolder(folder)
  if (folders.held.has(path)) {
    throw new RegistryError('STORE_BUSY', `This process already uses the store in ${path}.`, {
      next: 'Use the store that is open, or dispose it first.',
    })
  }
  const store = await takeFolder(path)
  if (store === undefined) throw await busyError(path, 0)
  return store
}

/** A handle on the one store of this folder in this process, or undefined when another process has it. */
export async function takeFolder(path: string): Promise<Store | undefined> {
  await using _turn = await folders.turns.lock(path)
  const holding = folders.held.get(path) ?? (await openHere(path))
  if (holding === undefined) return undefined
  holding.users += 1
  return createHandle(path, holding)
}

async function openHere(path: string): Promise<Holding | undefined> {
  try {
    const { db, fresh } = await openLevelDb(path)
    const floors = await openFloorFile(join(path, 'floors'))
    const holding: Holding = { store: await createLevelStore({ db, floors, fresh }), users: 0 }
    folders.held.set(path, holding)
    await writeHolder(path)
    return holding
  } catch (error) {
    if (isLocked(error)) return undefined
    throw translateFailure(error)
  }
}

function createHandle(path: string, holding: Holding): Store {
  let used = true
  return {
    ...holding.store,
    async [Symbol.asyncDispose](): Promise<void> {
      if (!used) return
      used = false
      await using _turn = await folders.turns.lock(path)
      holding.users -= 1
      if (holding.users > 0) return
      await removeHolder(path)
      // Still "held" while it closes: an open that came in between would drop the lock under the last writes.
      await holding.store[Symbol.asyncDispose]()
      folders.held.delete(path)
    },
  }
}
