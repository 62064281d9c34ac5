// When this node speaks with which peer: with each as soon as it is connected and then every period, at once where something was announced,
// after a growing pause where it failed; with so many at a time and no more. What is said is not its business. Time and chance are handed in.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Timers } from '../../sync/index.ts'
import { type Pace, PeerState, pauseAfter, periodOf } from './peer-state.ts'

export interface Meeting {
  readonly peerId: string
  readonly address: string
  /** Somebody here has asked for this peer; others come and go. */
  readonly isKept: boolean
  /** Undefined for everything. */
  readonly about: readonly PublisherId[] | undefined
  /** Logs that this peer has announced, also where the session is about everything. */
  readonly hints: readonly PublisherId[]
  readonly signal: AbortSignal
}

export interface SchedulerOptions extends Pace {
  readonly timers: Timers
  /** From 0 to 1. */
  readonly random: () => number
  /** Sessions at a time. */
  readonly sessions: number
  /** How long one may take. */
  readonly timeout: number
  /** One session; answers whether there is more to fetch. What it throws counts as a failure of the peer. */
  readonly meet: (meeting: Meeting) => Promise<boolean>
}

export interface NewPeer {
  readonly peerId: string
  readonly address: string
  readonly isKept: boolean
  readonly isConnected: boolean
}

/** Known at a time. Those that nobody configured go first, the longest known before others. */
const MAX_PEERS = 4_096
/** How long a session that was told to stop may take to do so. */
const STOP_MS = 1_500

export class Scheduler implements AsyncDisposable {
  readonly #options: SchedulerOptions
  readonly #peers = new Map<string, PeerState>()
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  #cancelTimer: (() => void) | undefined

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  get peers(): ReadonlyMap<string, PeerState> {
    return this.#peers
  }

  get runningCount(): number {
    return this.#running.size
  }

  /** A peer that is known already is asked now if its connection is new, and keeps its pause if it has failed. */
  add({ peerId, address, isKept, isConnected }: NewPeer): void {
    const now = this.#options.timers.now()
    const before = this.#peers.get(peerId)
    if (before === undefined) this.#makeRoom()
    const state = before ?? new PeerState(address, now)
    if (isConnected && !state.isConnected) {
      state.isNew = true
      if (state.failures === 0) state.wholeAt = now
    }
    state.isConnected ||= isConnected
    state.isKept ||= isKept
    state.isGone = false
    this.#peers.set(peerId, state)
    this.#pump()
  }

  /** Its connection is gone. One that is kept is dialled again when it is due. */
  gone(peerId: string): void {
    const state = this.#peers.get(peerId)
    if (state === undefined) return
    state.isConnected = false
    const { timers, backOff } = this.#options
    if (state.isKept && state.failures === 0) {
      state.wholeAt = Math.min(state.wholeAt, timers.now() + backOff)
      this.#pump()
    }
    state.isGone = !state.isKept
    if (state.isGone && !state.isRunning) this.#peers.delete(peerId)
  }

  /** This peer has said that it has something new. False for one that is not known, or pauses. */
  hint(peerId: string, publisher: PublisherId): boolean {
    const state = this.#peers.get(peerId)
    if (state === undefined) return false
    state.hint(publisher, this.#options.timers.now())
    this.#pump()
    return state.failures === 0
  }

  /** A whole session as soon as there is room, also with one that pauses. */
  soon(peerId?: string): void {
    const now = this.#options.timers.now()
    for (const [id, state] of this.#peers) {
      if (peerId === undefined || id === peerId) state.wholeAt = now
    }
    this.#pump()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelTimer?.()
    this.#stop.abort(new RegistryError('CLOSED', 'This node is stopping.'))
    const late = new Promise<void>((resolve) => {
      const cancel = this.#options.timers.after(STOP_MS, resolve)
      void Promise.allSettled([...this.#running]).then(() => [cancel(), resolve()])
    })
    await late
  }

  #pump(): void {
    if (this.#stop.signal.aborted) return
    const now = this.#options.timers.now()
    while (this.#running.size < this.#options.sessions) {
      const next = this.#next()
      if (next === undefined || next[1].dueAt > now) break
      this.#start(...next)
    }
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (this.#running.size >= this.#options.sessions) return
    const due = this.#next()?.[1].dueAt
    if (due === undefined || due === Number.POSITIVE_INFINITY) return
    this.#cancelTimer = this.#options.timers.after(Math.max(1, due - now), () => this.#pump())
  }

  /** The one that has waited longest. */
  #next(): [string, PeerState] | undefined {
    let found: [string, PeerState] | undefined
    const isCrowded = this.#isCrowded()
    for (const entry of this.#peers) {
      const [, state] = entry
      if (state.isRunning || state.isGone || (isCrowded && !state.isKept)) continue
      if (found === undefined || state.dueAt < found[1].dueAt) found = entry
    }
    return found
  }

  /** Half of the places are for peers that are kept: strangers who answer slowly, one after another, would take them all (T37). */
  #isCrowded(): boolean {
    const all = [...this.#peers.values()]
    if (!all.some(({ isKept }) => isKept)) return false
    const strangers = all.filter(({ isKept, isRunning }) => isRunning && !isKept).length
    return strangers >= Math.ceil(this.#options.sessions / 2)
  }

  #start(peerId: string, state: PeerState): void {
    const work: Promise<void> = this.#meet(peerId, state).finally(() => {
      this.#running.delete(work)
      if (state.isGone) this.#peers.delete(peerId)
      this.#pump()
    })
    this.#running.add(work)
  }

  async #meet(peerId: string, state: PeerState): Promise<void> {
    const { timers, random, timeout, meet } = this.#options
    const { hints, about } = state.take(timers.now())
    const late = new AbortController()
    const cancel = timers.after(timeout, () => late.abort(overtime(peerId, timeout)))
    try {
      const signal = AbortSignal.any([this.#stop.signal, late.signal])
      const hasMore = await meet({
        peerId,
        address: state.address,
        isKept: state.isKept,
        about,
        hints,
        signal,
      })
      const wait = hasMore ? 0 : periodOf(this.#options, random, state.isNew)
      state.succeeded(timers.now(), { isWhole: about === undefined || hasMore, wait })
    } catch (error) {
      const code = isRegistryError(error) ? error.code : 'UNEXPECTED'
      state.failed(timers.now(), code, pauseAfter(state.failures, this.#options, random))
    } finally {
      cancel()
    }
  }

  #makeRoom(): void {
    if (this.#peers.size < MAX_PEERS) return
    for (const [peerId, { isKept, isRunning }] of this.#peers) {
      if (isKept || isRunning) continue
      this.#peers.delete(peerId)
      return
    }
  }
}

function overtime(peerId: string, timeout: number): RegistryError {
  return new RegistryError('PEER_UNAVAILABLE', `The session with ${peerId} took too long.`, {
    expected: `at most ${timeout} ms`,
    got: 'no end',
    next: 'What was committed is kept; the rest is fetched in the next session.',
  })
}
