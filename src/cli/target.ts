// What a word on the command line is meant to be: a CID, a name, or a bare word that this node has an alias for.

import type { Store } from '../store/index.ts'

/**
 * Whether it can only be meant as a CID, well written or not: a name has a "/" in it, and a CID of another kind deserves to be told
 * what is wrong with it.
 */
export function meansCid(word: string): boolean {
  return /^(?:b[a-z2-7]{20,}|[zQ][a-z0-9]{40,})$/i.test(word)
}

/** A name as it is; a bare word as the name it is an alias of. Throws NOT_FOUND, with candidates, for any other word. */
export async function expandTarget(store: Store, word: string): Promise<string> {
  if (word.includes('/')) return word
  const { expandAlias } = await import('../registry/index.ts')
  return await expandAlias(store, word)
}
