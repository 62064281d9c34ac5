// How much of a peer, and about a publisher, is looked at. Who forges is not listened to for a while.

import { dropOldest } from '../../lib/index.ts'
import { type BudgetLimits, createBudgets } from '../server/budget.ts'
import type { Timers } from '../timers.ts'

const MIB = 1024 * 1024
/** Honest peers forward for everyone; looking at one costs up to a millisecond. */
const PER_PEER: BudgetLimits = {
  requestsPerSecond: 50,
  requestBurst: 400,
  bytesPerSecond: MIB,
  byteBurst: 8 * MIB,
}
/** What nobody looks at is remembered by gossipsub for two minutes, a kilobyte each: whoever goes on for long after it is not heard is refused. */
const SURPLUS: BudgetLimits = { ...PER_PEER, requestBurst: 600 }
/** A log that grows faster is still found by who reconciles, and by its next announcement. */
const PER_PUBLISHER: BudgetLimits = {
  requestsPerSecond: 2,
  requestBurst: 20,
  bytesPerSecond: MIB,
  byteBurst: 8 * MIB,
}
const REMEMBERED = 10_000
const FORGERIES = 8
const MUTE_MS = 10 * 60_000

export interface Rates {
  /** False when the peer has said enough for now, or has forged. */
  admitsPeer(peer: string, bytes: number): boolean
  /** Counts what was proven to be the publisher’s word only: else anyone could use up its rate for it. */
  admitsPublisher(publisher: string): boolean
  /** Of one that was not admitted: whether it has gone on for longer than any honest peer would. */
  floods(peer: string): boolean
  forged(peer: string): void
}

export function createRates(timers: Timers): Rates {
  const options = { timers, peers: REMEMBERED }
  const [peers, surplus, publishers] = [
    createBudgets(PER_PEER, options),
    createBudgets(SURPLUS, options),
    createBudgets(PER_PUBLISHER, options),
  ]
  const strikes = new Map<string, { readonly count: number; readonly until: number }>()
  return {
    admitsPeer(peer, bytes) {
      const { count = 0, until = 0 } = strikes.get(peer) ?? {}
      if (count >= FORGERIES && timers.now() < until) return false
      const budget = peers(peer)
      if (!budget.takeRequest()) return false
      budget.spend(bytes)
      return true
    },
    admitsPublisher: (publisher) => publishers(publisher).takeRequest(),
    floods: (peer) => !surplus(peer).takeRequest(),
    forged(peer) {
      const now = timers.now()
      const before = strikes.get(peer)
      const count = before === undefined || now >= before.until ? 1 : before.count + 1
      strikes.delete(peer)
      strikes.set(peer, { count, until: now + MUTE_MS })
      dropOldest(strikes, REMEMBERED)
    },
  }
}
