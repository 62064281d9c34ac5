// What an earlier start found out about locked bytes: that each is a strict, canonical block, and says of itself what the lock says of it.
// That follows from the bytes alone, and bytes are hashed at every start, so it need not be found out again before somebody looks at them.

import { sha256Hex } from '../../lib/index.ts'
import type { RecordKey, Store } from '../../store/index.ts'
import type { Named } from './types.ts'

/** Raised when blocks are read by other rules. */
const KIND = 'sound-contents/v1'
const TABLE = 'verdict'
const VALUE = Buffer.from('1')

/**
 * Its key holds everything that it speaks of, so one of other bytes, or under another name or surface, is another record. Whoever can write here
 * could put one beside bytes that are not sound; those are read in full before anybody gets to see them, and refused then: only when is
 * believed, never whether. The texts have no space in them.
 */
export function soundKey({ name, locked: { version, release, tools } }: Named): RecordKey {
  let text = `${KIND}\n${release} ${name} ${version}\n`
  for (const [tool, { cid, surface }] of tools) text += `${tool} ${cid} ${surface}\n`
  return { table: TABLE, key: `contents/${sha256Hex(text)}` }
}

export function isSoundRecord(value: Uint8Array | undefined): boolean {
  return value !== undefined && VALUE.equals(value)
}

/** For the next start. */
export async function keepSound(store: Store, found: readonly Named[]): Promise<void> {
  if (found.length === 0) return
  await store.commit({ put: found.map((named) => ({ ...soundKey(named), value: VALUE })) })
}
