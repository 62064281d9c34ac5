// What was taken of each peer, and of each publisher, lately. A budget refills over an hour; who has used it up is left alone until some of it
// is back. The least of strangers’ names is kept: those who took most lately.

import { dropOldest } from '../../lib/index.ts'
import type { Timers } from '../../sync/index.ts'

export interface Ledger {
  /** Whether there is anything left. */
  hasRoom(name: string): boolean
  spend(name: string, bytes: number): void
  /** Bytes used up and not refilled, of those that count at all. */
  used(): readonly { readonly name: string; readonly used: number }[]
  readonly limit: number
}

const HOUR_MS = 60 * 60_000
const MAX_NAMES = 10_000

export function createLedger(limit: number, timers: Timers): Ledger {
  const accounts = new Map<string, { used: number; at: number }>()
  const usedBy = (name: string): number => {
    const account = accounts.get(name)
    if (account === undefined) return 0
    const refilled = ((timers.now() - account.at) / HOUR_MS) * limit
    return Math.max(0, account.used - refilled)
  }
  return {
    limit,
    hasRoom: (name) => usedBy(name) < limit,
    spend(name, bytes) {
      const used = usedBy(name) + bytes
      accounts.delete(name)
      accounts.set(name, { used, at: timers.now() })
      dropOldest(accounts, MAX_NAMES)
    },
    used: () =>
      [...accounts.keys()]
        .map((name) => ({ name, used: Math.round(usedBy(name)) }))
        .filter(({ used }) => used > 0),
  }
}
