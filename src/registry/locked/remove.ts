// Taking releases out of the lockfile. Nothing is deleted from the store: another project may use them.

import { type Lock, withoutLocked } from '../../resolve/index.ts'
import { getLocked } from './locked-name.ts'

/** Throws NOT_FOUND for a name that is not locked, with nothing taken out. */
export function withoutNames(lock: Lock, names: readonly string[]): Lock {
  let without = lock
  for (const name of names) {
    getLocked(lock, name)
    without = withoutLocked(without, name)
  }
  return without
}
