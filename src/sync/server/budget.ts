// What one peer may cost: token buckets for requests and for bytes. A budget that is shared by all channels of a peer
// (`createBudgets`) also stops one that reconnects to start afresh.

import { dropOldest } from '../../lib/index.ts'
import { systemTimers, type Timers } from '../timers.ts'

export interface BudgetLimits {
  readonly requestsPerSecond: number
  readonly requestBurst: number
  readonly bytesPerSecond: number
  readonly byteBurst: number
}

/** Above what one core can encrypt for one peer, so that an honest one meets it only when it is not alone. */
const DEFAULT_BUDGET: BudgetLimits = {
  requestsPerSecond: 1_000,
  requestBurst: 4_000,
  bytesPerSecond: 32 * 1024 * 1024,
  byteBurst: 256 * 1024 * 1024,
}

/** A submission that has to be signed again is three requests; 64 releases go in each. */
export const SUBMISSION_BUDGET: BudgetLimits = {
  requestsPerSecond: 20,
  requestBurst: 100,
  bytesPerSecond: DEFAULT_BUDGET.bytesPerSecond,
  byteBurst: DEFAULT_BUDGET.byteBurst,
}

export interface Budget {
  /** False when the peer has to wait. */
  takeRequest(): boolean
  /** Bytes already sent or received; they may put the budget into debt, which `takeRequest` then refuses. */
  spend(bytes: number): void
}

interface KeptBudget extends Budget {
  /** As it would be made anew. */
  isFull(): boolean
}

export function createBudget(
  limits: BudgetLimits = DEFAULT_BUDGET,
  timers: Timers = systemTimers,
): KeptBudget {
  const requests = createBucket(limits.requestsPerSecond, limits.requestBurst, timers)
  const bytes = createBucket(limits.bytesPerSecond, limits.byteBurst, timers)
  return {
    takeRequest() {
      if (bytes.level() <= 0 || requests.level() < 1) return false
      requests.take(1)
      return true
    },
    spend: (count) => bytes.take(count),
    isFull: () => requests.level() >= limits.requestBurst && bytes.level() >= limits.byteBurst,
  }
}

/** Of those that were asked for longest ago. */
const SWEPT = 8

/** One budget a peer. Only the newest are remembered, and of those who spent something: someone who mints peer ids must not fill the memory. */
export function createBudgets(
  limits: BudgetLimits = DEFAULT_BUDGET,
  options: { readonly timers?: Timers; readonly peers?: number } = {},
): (remote: string) => Budget {
  const { timers = systemTimers, peers = 1_000 } = options
  const budgets = new Map<string, KeptBudget>()
  return (remote) => {
    const budget = budgets.get(remote) ?? createBudget(limits, timers)
    budgets.delete(remote)
    budgets.set(remote, budget)
    let swept = 0
    for (const [one, its] of budgets) {
      if (swept++ === SWEPT) break
      if (its !== budget && its.isFull()) budgets.delete(one)
    }
    dropOldest(budgets, peers)
    return budget
  }
}

interface Bucket {
  level(): number
  take(count: number): void
}

function createBucket(perSecond: number, burst: number, timers: Timers): Bucket {
  let level = burst
  let at = timers.now()
  return {
    level() {
      const now = timers.now()
      level = Math.min(burst, level + ((now - at) / 1000) * perSecond)
      at = now
      return level
    },
    take(count) {
      level -= count
    },
  }
}
