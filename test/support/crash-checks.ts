// What must hold of a log after a kill: it replays, every position is signed for once, and no floor is ahead of it.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { parseStatement } from '../../src/log/index.ts'
import { checkLog } from '../../src/registry/index.ts'
import { type PublisherId, parseBlock } from '../../src/spec/index.ts'
import type { Store, Table } from '../../src/store/index.ts'
import { dump } from './copy-store.ts'

/** Answers the log's size. */
export async function assertSoundLog(
  store: Store,
  publisher: PublisherId,
  folder: string,
): Promise<number> {
  const { size, root } = await checkLog(store, publisher)
  expect(await count(store, 'entry', publisher)).toBe(size)
  expect(await count(store, 'bundle')).toBe(size)
  expect(await seqsSigned(store)).toEqual(Array.from({ length: size }, (_, i) => i))
  const [floor, ...others] = await store.listFloors()
  expect([floor, others]).toEqual([{ origin: `toolmark/${publisher}`, size, root }, []])
  expect(await highestFloorBeside(folder)).toBeLessThanOrEqual(size)
  return size
}

/** As the file beside the database says: it may lag behind, and never lead. */
export async function highestFloorBeside(folder: string): Promise<number> {
  const text = await readFile(join(folder, 'home', 'store', 'floors'), 'utf8').catch(() => '')
  const whole = text.split('\n').slice(0, -1)
  return Math.max(0, ...whole.map((line) => Number(line.split(' ')[1])))
}

/** Of every statement that the store holds, also of one that no entry points to. */
async function seqsSigned(store: Store): Promise<readonly number[]> {
  const { blocks } = await dump(store)
  return blocks
    .filter(({ bytes }) => Buffer.from(bytes).includes('in-toto'))
    .map(({ bytes }) => parseStatement(bytes).seq)
    .sort((a, b) => a - b)
}

export async function count(store: Store, table: Table, prefix = ''): Promise<number> {
  return (await Array.fromAsync(store.listRecords(table, { prefix }))).length
}

/** Every block outside the log parses as what it says it is. */
export async function assertSoundBlocks(store: Store): Promise<void> {
  const { blocks } = await dump(store)
  for (const { bytes } of blocks) {
    if (!Buffer.from(bytes).includes('in-toto')) parseBlock(bytes)
  }
}
