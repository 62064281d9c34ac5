// What an earlier start found out about locked bytes: that each is a strict, canonical block, and says of itself what the lock says of it.
// That follows from the bytes alone, and bytes are hashed at every start, so it need not be found out again before somebody looks at them.

import { hash } from 'node:crypto'
import type { RecordKey, Store } from '../../store/index.ts'
import type { Named } from './types.ts'

/** Raised when blocks are read by other rules. */
const KIND = 'sound-contents/v1'
const TABLE = 'verdict'
const VALUE = Buffer.from('1')

/** What is known of the releases of a lock. */
export interface Sound {
  has(named: Named): boolean
  /** Whether one record says so of all of them. */
  readonly isWhole: boolean
}

/**
 * Of some releases at once: nearly every start is of the same lock as the one before, and one record of it takes the place of hundreds.
 * Its key holds everything that it speaks of, so one of other bytes, or under another name or surface, is another record. Whoever can write here
 * could put one beside bytes that are not sound; those are read in full before anybody gets to see them, and refused then: only when is
 * believed, never whether. The texts have no space in them, and of the names only those of releases have a slash.
 */
export function soundKey(releases: readonly Named[]): RecordKey {
  let text = `${KIND}\n`
  for (const { name, locked } of releases) {
    text += `${locked.release} ${name} ${locked.version}\n`
    for (const [tool, { cid, surface }] of locked.tools) text += `${tool} ${cid} ${surface}\n`
  }
  // A quarter of a megabyte for a thousand tools: twice as fast as SHA-256 where the processor has no instructions for that.
  return { table: TABLE, key: `contents/${hash('blake2b512', text, 'hex')}` }
}

/** Throws STORE_CORRUPT. */
export async function findSound(store: Store, releases: readonly Named[]): Promise<Sound> {
  const [whole] = await store.findRecords([soundKey(releases)])
  if (isSoundRecord(whole)) return { has: () => true, isWhole: true }
  const each = await store.findRecords(releases.map((named) => soundKey([named])))
  const sound = new Set(releases.filter((_, i) => isSoundRecord(each[i])))
  return { has: (named) => sound.has(named), isWhole: false }
}

function isSoundRecord(value: Uint8Array | undefined): boolean {
  return value !== undefined && VALUE.equals(value)
}

/** For the next start: of the lock, and of each release for when another one changes. */
export async function keepSound(
  store: Store,
  releases: readonly Named[],
  { has, isWhole }: Sound,
): Promise<void> {
  if (isWhole) return
  const fresh = releases.filter((named) => !has(named)).map((named) => [named])
  // Of a single release both are one.
  const keys = new Map([releases, ...fresh].map(soundKey).map((at) => [at.key, at]))
  await store.commit({ put: [...keys.values()].map((at) => ({ ...at, value: VALUE })) })
}
