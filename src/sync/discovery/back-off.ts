// When to try again what failed: later each time, up to some minutes, and never all at the same moment.

import { dropOldest } from '../../lib/index.ts'
import type { Timers } from '../timers.ts'

const FIRST_MS = 1_000
const LONGEST_MS = 5 * 60_000
const REMEMBERED = 2_000

export interface BackOff {
  mayTry(what: string): boolean
  failed(what: string): number
  worked(what: string): void
}

export function createBackOff(timers: Timers, random: () => number = Math.random): BackOff {
  const failures = new Map<string, { readonly count: number; readonly until: number }>()
  return {
    mayTry: (what) => timers.now() >= (failures.get(what)?.until ?? 0),
    failed(what) {
      const count = (failures.get(what)?.count ?? 0) + 1
      const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(count - 1, 20))
      failures.delete(what)
      failures.set(what, { count, until: timers.now() + wait * (0.5 + random() / 2) })
      dropOldest(failures, REMEMBERED)
      return count
    },
    worked: (what) => void failures.delete(what),
  }
}
