// Remembers the answers of a pure function, the newest few hundred of them. Only for functions whose answer follows from the key alone.

import { dropOldest } from './newest.ts'

export interface Memo<T> {
  /** The remembered answer, else what `make` answers now; nothing is remembered when it throws. */
  get(key: string, make: () => T): T
}

export function createMemo<T>(limit: number): Memo<T> {
  const known = new Map<string, T>()
  return {
    get: (key, make) => {
      const found = known.get(key)
      if (found !== undefined) return found
      const made = make()
      known.set(key, made)
      dropOldest(known, limit)
      return made
    },
  }
}
