// Names as the lockfile knows them. A bare word means what is locked under it, if that is one thing: nobody else decides what is locked.

import { RegistryError } from '../../lib/index.ts'
import { type Lock, type LockedRelease, withoutLocked } from '../../resolve/index.ts'
import { splitName } from '../../spec/index.ts'

/** Throws NOT_FOUND. */
export function getLocked(lock: Lock, name: string): LockedRelease {
  const locked = lock.releases.get(name)
  if (locked !== undefined) return locked
  throw new RegistryError('NOT_FOUND', `${name} is not in the lockfile.`, {
    expected: [...lock.releases.keys()].slice(0, 8).join(', ') || 'a name that was added before',
    got: name,
    next: `Nothing was written. Add it first: \`registry add ${name}\`.`,
  })
}

/** A whole name as it is; a word as the one locked name that ends in it. Throws NOT_FOUND for any other word, with candidates. */
export function expandLocked(lock: Lock, word: string): string {
  if (word.includes('/')) return word
  const candidates = [...lock.releases.keys()].filter((name) => splitName(name).base === word)
  const [only] = candidates
  if (only !== undefined && candidates.length === 1) return only
  const said = candidates.length === 0 ? 'nothing' : 'more than one thing'
  const known = candidates.length === 0 ? [...lock.releases.keys()].slice(0, 8) : candidates
  throw new RegistryError('NOT_FOUND', `${word} means ${said} in the lockfile.`, {
    expected: known.join(', ') || 'a name that was added before',
    got: word,
    next: 'Write the whole name, namespace/name.',
    evidence: { candidates },
  })
}

/** Throws NOT_FOUND for a name that is not locked, with nothing taken out. What was fetched stays in the store: another project may use it. */
export function withoutNames(lock: Lock, names: readonly string[]): Lock {
  let without = lock
  for (const name of names) {
    getLocked(lock, name)
    without = withoutLocked(without, name)
  }
  return without
}
