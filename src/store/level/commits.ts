// Who may write, and when. One batch at a time: changes that come while the disk is busy wait, and then go there together, so that a hundred
// logs cost a few syncs. Each is judged by itself, as if those before it had been written alone.

import { equalBytes } from '../../lib/index.ts'
import { assertFloors, assertHash, conflict, floorsOf } from '../checks.ts'
import type { Change, Floor, RecordKey, Store, Table } from '../store.ts'

export interface Disk extends Pick<Store, 'findRecords' | 'findFloor'> {
  /** Throws where nothing may be written any more. */
  assertWritable(): void
  /** All of these or none; durable when resolved. Takes their bytes before it awaits anything. */
  write(changes: readonly Change[]): Promise<void>
}

export interface Commits {
  /** Resolves when the change is durable. Throws what is wrong with it, and then nothing of it is written. */
  add(change: Change): Promise<void>
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>
}

interface Waiting {
  readonly change: Change
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Changes in one batch, which LevelDB holds in memory once more. */
const MOST = 64

export function createCommits(disk: Disk): Commits {
  const waiting: Waiting[] = []
  let working: Promise<void> | undefined

  async function work(): Promise<void> {
    while (waiting.length > 0) await writeNext()
    working = undefined
  }

  async function writeNext(): Promise<void> {
    const good: Waiting[] = []
    for (const one of takeTogether(waiting)) {
      await check(disk, one.change).then(() => good.push(one), one.reject)
    }
    // No await between hashing the bytes and handing them over, so that the caller cannot exchange them in between.
    const sound = good.filter(hasItsBlocks)
    try {
      await disk.write(sound.map(({ change }) => change))
      for (const { resolve } of sound) resolve()
    } catch (error) {
      for (const { reject } of sound) reject(error)
    }
  }

  return {
    add: (change) =>
      new Promise((resolve, reject) => {
        waiting.push({ change, resolve, reject })
        working ??= work()
      }),
    idle: async () => await working,
  }
}

/** The first one, and those behind it that do not depend on it or on each other. A floor that is replaced is written in steps, alone. */
function takeTogether(waiting: Waiting[]): readonly Waiting[] {
  const expected = waiting.flatMap(({ change }) => change.expect ?? [])
  const tables = new Set(expected.map(({ table }) => table))
  const written = new Set<string>()
  let count = 0
  for (const { change } of waiting) {
    const isAlone = replacesFloor(change)
    const mayJoin = count < MOST && !isAlone && !needsOf(change).some((one) => written.has(one))
    if (count > 0 && !mayJoin) break
    count += 1
    if (isAlone) break
    for (const one of writesOf(change, tables)) written.add(one)
  }
  return waiting.splice(0, count)
}

function replacesFloor({ resets = [] }: Change): boolean {
  return resets.length > 0
}

function needsOf({ expect = [], floors = [] }: Change): readonly string[] {
  return [...expect.map(nameOf), ...floors.map(({ origin }) => origin)]
}

/** In tables of which anybody expects something: most of a change is in others. */
function writesOf(change: Change, tables: ReadonlySet<Table>): readonly string[] {
  const { put = [], remove = [], floors = [] } = change
  const names = floors.map(({ origin }) => origin)
  for (const one of put) if (tables.has(one.table)) names.push(nameOf(one))
  for (const one of remove) if (tables.has(one.table)) names.push(nameOf(one))
  return names
}

function nameOf({ table, key }: RecordKey): string {
  return `${table} ${key}`
}

async function check(disk: Disk, change: Change): Promise<void> {
  disk.assertWritable()
  const { expect = [] } = change
  const found = await disk.findRecords(expect)
  for (const [i, key] of expect.entries()) {
    const [a, b] = [found[i], key.value]
    const same = a === undefined || b === undefined ? a === b : equalBytes(a, b)
    if (!same) throw conflict(key)
  }
  const held = new Map<string, Floor>()
  for (const { origin } of floorsOf(change)) {
    const floor = await disk.findFloor(origin)
    if (floor !== undefined) held.set(origin, floor)
  }
  assertFloors(change, held)
}

function hasItsBlocks({ change, reject }: Waiting): boolean {
  try {
    for (const block of change.blocks ?? []) assertHash(block)
    return true
  } catch (error) {
    reject(error)
    return false
  }
}
