// One peer as the scheduler sees it: when it is due, what was announced of it, how often it has failed. Pure; time is handed in.

import type { ErrorCode } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'

export interface Pace {
  /** Milliseconds between two whole sessions with a peer, give or take a tenth. */
  readonly period: number
  /** After the first failure; doubles with each. */
  readonly backOff: number
  readonly maxBackOff: number
}

/** Announced logs that wait for one session. More: the whole set is reconciled instead. */
const MAX_HINTS = 1_024
/** Announcements come in bursts; those of so many milliseconds are one session. */
const GATHER_MS = 20

export class PeerState {
  readonly address: string
  /** Stays, and is dialled again, when its connection goes. */
  isKept = false
  isRunning = false
  isConnected = false
  /** Its connection is new: neither side may have learned yet that the other listens to announcements. */
  isNew = false
  isGone = false
  failures = 0
  lastError: ErrorCode | undefined
  /** When a whole session has succeeded last. */
  agreedAt: number | undefined
  wholeAt: number
  hintedAt: number = Number.POSITIVE_INFINITY
  #hints = new Set<PublisherId>()

  constructor(address: string, now: number) {
    this.address = address
    this.wholeAt = now
  }

  get dueAt(): number {
    return Math.min(this.wholeAt, this.hintedAt)
  }

  /** After failures nothing is asked before the pause is over: a peer that fails at once would be asked without end. */
  hint(publisher: PublisherId, now: number): void {
    this.#hints.add(publisher)
    if (this.failures > 0) return
    this.hintedAt = Math.min(this.hintedAt, now + GATHER_MS)
    // Overflowing means falling back to reconciliation, never to silence.
    if (this.#hints.size > MAX_HINTS) this.wholeAt = now
  }

  /** What this peer has said since the last time, and what the session that begins now is about; undefined for everything. */
  take(now: number): {
    readonly hints: readonly PublisherId[]
    readonly about: readonly PublisherId[] | undefined
  } {
    const hints = [...this.#hints]
    this.#hints = new Set()
    this.hintedAt = Number.POSITIVE_INFINITY
    this.isRunning = true
    return { hints, about: this.wholeAt <= now || hints.length === 0 ? undefined : hints }
  }

  succeeded(
    now: number,
    { isWhole, wait }: { readonly isWhole: boolean; readonly wait: number },
  ): void {
    this.isRunning = false
    this.failures = 0
    this.lastError = undefined
    if (!isWhole) return
    this.agreedAt = now
    this.isNew = false
    this.wholeAt = now + wait
  }

  failed(now: number, code: ErrorCode, wait: number): void {
    this.isRunning = false
    this.failures += 1
    this.lastError = code
    this.#hints = new Set()
    this.hintedAt = Number.POSITIVE_INFINITY
    this.wholeAt = now + wait
  }
}

/** What is announced meanwhile to a peer whose connection is new may be lost. */
const ACQUAINTED_MS = 3_000

/** Jitter keeps nodes that started together from asking together for ever. */
export function periodOf({ period }: Pace, random: () => number, isNew: boolean): number {
  return (isNew ? Math.min(period, ACQUAINTED_MS) : period) * (0.9 + 0.2 * random())
}

export function pauseAfter(failures: number, pace: Pace, random: () => number): number {
  const whole = Math.min(pace.maxBackOff, pace.backOff * 2 ** Math.min(failures, 30))
  return whole * (0.5 + 0.5 * random())
}
