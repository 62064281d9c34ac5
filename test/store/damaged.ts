// A store of known content, and a judge of what a damaged copy of it answers.

import { cidOf } from '../../src/cid/index.ts'
import { isRegistryError, utf8 } from '../../src/lib/index.ts'
import { openStore, type Store, scrubStore } from '../../src/store/index.ts'

export const COUNT = 300
export const ORIGIN = 'toolmark/p1'

/**
 * right: everything asked was answered rightly. refused: a coded error with a next step. missing: an item is absent.
 * rolled-back: the newest head is gone, and the floor tells. The others are faults of the store.
 */
export type Word =
  | 'right'
  | 'refused'
  | 'missing'
  | 'rolled-back'
  | 'aborted'
  | 'WRONG BYTES'
  | 'NO FLOOR'
  | 'NOT SCRUBBED'
  | 'BAD ERROR'

export async function fill(store: Store): Promise<void> {
  for (let i = 1; i <= COUNT; i++) {
    const bytes = bytesOf(i)
    const root = 'a'.repeat(64)
    await store.commit({
      blocks: [{ cid: cidOf(bytes), bytes }],
      put: [
        { table: 'head', key: keyOf(i), value: utf8(`value ${i}`) },
        { table: 'head', key: 'size', value: utf8(`${i}`) },
      ],
      ...(i % 50 === 0 ? { floors: [{ origin: ORIGIN, size: i, root }] } : {}),
    })
  }
}

export async function judge(folder: string): Promise<readonly Word[]> {
  const said = new Set<Word>()
  try {
    const store = await openStore(folder, { wait: 0 })
    for (let i = 1; i <= COUNT; i++) said.add(await attempt(() => judgeItem(store, i)))
    said.add(await attempt(() => judgeFloor(store)))
    const rot = said.has('refused')
    said.add(await attempt(() => judgeScrub(store, rot)))
    await store[Symbol.asyncDispose]()
  } catch (error) {
    said.add(refusal(error))
  }
  return [...said]
}

async function judgeItem(store: Store, i: number): Promise<Word> {
  const bytes = bytesOf(i)
  const [found] = await store.findBlocks([cidOf(bytes)])
  const [value] = await store.findRecords([{ table: 'head', key: keyOf(i) }])
  if (found === undefined || value === undefined) return 'missing'
  const text = Buffer.from(value).toString()
  return Buffer.compare(found, bytes) === 0 && text === `value ${i}` ? 'right' : 'WRONG BYTES'
}

async function judgeFloor(store: Store): Promise<Word> {
  const floor = await store.findFloor(ORIGIN)
  if (floor?.size !== COUNT) return 'NO FLOOR'
  const [size] = await store.findRecords([{ table: 'head', key: 'size' }])
  return Number(Buffer.from(size ?? []).toString()) < floor.size ? 'rolled-back' : 'right'
}

async function judgeScrub(store: Store, rot: boolean): Promise<Word> {
  let found = 0
  for await (const finding of scrubStore(store)) if (finding.kind !== 'summary') found += 1
  if (found > 0) return 'refused'
  return rot ? 'NOT SCRUBBED' : 'right'
}

async function attempt(question: () => Promise<Word>): Promise<Word> {
  try {
    return await question()
  } catch (error) {
    return refusal(error)
  }
}

function refusal(error: unknown): Word {
  const known =
    isRegistryError(error, 'STORE_CORRUPT') || isRegistryError(error, 'STORE_UNAVAILABLE')
  if (known && error.details.next !== undefined) return 'refused'
  console.error(error)
  return 'BAD ERROR'
}

function keyOf(i: number): string {
  return `r${String(i).padStart(4, '0')}`
}

/** Incompressible, so that a flipped bit hits a value and not only the compressor. */
function bytesOf(i: number): Uint8Array {
  return Buffer.from(`${i} ${cidOf(utf8(`${i}`)).repeat(4)}`)
}
