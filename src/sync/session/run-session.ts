// The driver of a session: carries the machine's questions to the peer and its jobs to the store, and what comes of them back, until it
// has ended. The same over every network, for a link is all it needs.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import { findOwnPublisher } from '../../registry/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Link } from '../client/link.ts'
import type { HeadSet } from '../heads/head-set.ts'
import { systemTimers, type Timers } from '../timers.ts'
import type { Asks } from '../wire/ops.ts'
import type { Scope } from '../wire/sync-ops.ts'
import { assertAnswers } from './check-answer.ts'
import { Jobs, type SessionInterest } from './jobs.ts'
import type { Event, Job, Request, SessionOp } from './machine/events.ts'
import { step } from './machine/machine.ts'
import { initialState, type State, type Tally } from './machine/state.ts'
import { DEFAULT_LIMITS, type SessionLimits, watchPace } from './pace.ts'

export interface SessionOptions {
  /** Its commits must reach `heads` (`watchHeads`). */
  readonly store: Store
  readonly heads: HeadSet
  readonly interest: SessionInterest
  /** Only these logs, without reconciling: for what was announced. */
  readonly publishers?: readonly PublisherId[]
  readonly signal?: AbortSignal
  readonly timers?: Timers
  readonly limits?: Partial<SessionLimits>
  readonly onProgress?: (tally: Tally) => void
}

export interface SyncResult extends Tally {
  /** Bytes on the wire, both ways, with the length of each frame. */
  readonly bytes: number
  readonly sent: number
  readonly received: number
  readonly requests: number
  /** There is more than one session takes: the next one goes on. */
  readonly isCut: boolean
  /** The peer does not synchronize: it is older, or does not want to. No fault of it. */
  readonly unable: RegistryError | undefined
  /** Why the session ended before its time: PEER_* codes. What was committed before is kept. */
  readonly failure: RegistryError | undefined
}

/** What this machine's faults look like; anything else is the peer's, or the log's. */
const OWN_FAULTS = ['STORE_CORRUPT', 'STORE_BUSY', 'STORE_UNAVAILABLE', 'CLOSED', 'UNEXPECTED']
/** The scope that a channel's other side keeps, as it was sent last. */
const sentScopes = new WeakMap<Link, string>()

/**
 * Brings the logs of interest from the peer, verified, and resolves when there is no more to bring; a peer that fails makes a
 * result with `failure`. Rejects for what goes wrong here (STORE_*), and with the signal's reason.
 */
export async function runSession(link: Link, options: SessionOptions): Promise<SyncResult> {
  const { heads, interest, signal, timers = systemTimers } = options
  signal?.throwIfAborted()
  const before = link.traffic
  const { scope } = interest
  const own = await findOwnPublisher(options.store)
  using view = scope === undefined ? undefined : await heads.openView(scope)
  using jobs = new Jobs({ ...options, view: view ?? heads, own, link, timers })
  const session = new Session(link, jobs, options)
  const state = await session.run(scopeFor(link, scope ?? EVERYTHING))
  const isTaken = state.unable === undefined && state.failure === undefined
  sentScopes.set(link, isTaken ? JSON.stringify(scope ?? EVERYTHING) : '')
  const { traffic } = link
  const [sent, received] = [traffic.sent - before.sent, traffic.received - before.received]
  return {
    ...state.tally,
    bytes: sent + received,
    sent,
    received,
    requests: traffic.requests - before.requests,
    isCut: state.isCut,
    unable: state.unable,
    failure: state.failure,
  }
}

/** What has to be said of it: nothing where the channel knows. An empty scope takes an earlier one back. */
function scopeFor(link: Link, scope: Scope): Scope | undefined {
  const known = sentScopes.get(link) ?? JSON.stringify(EVERYTHING)
  if (known === JSON.stringify(scope)) return undefined
  // Until the peer has taken it: a session that breaks off leaves nobody knowing.
  sentScopes.set(link, '')
  return scope
}

const EVERYTHING: Scope = { publishers: [], namespaces: [] }

class Session {
  readonly #link: Link
  readonly #jobs: Jobs
  readonly #options: SessionOptions
  readonly #ending = new AbortController()
  readonly #working = new Set<Promise<void>>()
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers()
  #state: State = initialState()
  #check: () => void = () => undefined

  constructor(link: Link, jobs: Jobs, options: SessionOptions) {
    this.#link = link
    this.#jobs = jobs
    this.#options = options
  }

  async run(scope: Scope | undefined): Promise<State> {
    const { signal, publishers, timers = systemTimers, limits } = this.#options
    const onAbort = (): void => this.#ended.reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted === true) onAbort()
    using pace = watchPace({
      link: this.#link,
      limits: { ...DEFAULT_LIMITS, ...limits },
      timers,
      stop: (error) => this.#stop(error),
    })
    this.#check = pace.check
    try {
      this.#dispatch({ kind: 'started', scope, publishers })
      await this.#ended.promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#ending.abort(new RegistryError('CLOSED', 'The session has ended.'))
      // A commit under way ends before whoever owns the store may close it.
      await Promise.allSettled(this.#working)
    }
    return this.#state
  }

  #dispatch(event: Event): void {
    if (this.#ending.signal.aborted) return
    const { state, send, want } = step(this.#state, event)
    this.#state = state
    for (const request of send) void this.#ask(request)
    for (const job of want) this.#work(job)
    if (state.phase === 'ended') this.#ended.resolve()
  }

  async #ask(request: Request): Promise<void> {
    const { id, op } = request
    try {
      const { signal } = this.#ending
      const ok = await this.#link.ask<SessionOp>(op, request.ask as Asks[SessionOp], { signal })
      assertAnswers(this.#link.remote, request, ok)
      this.#check()
      this.#dispatch({ kind: 'answered', id, ok })
    } catch (error) {
      if (isRegistryError(error)) this.#onRefused(id, error)
      else this.#ended.reject(error)
    }
  }

  #onRefused(id: number, error: RegistryError): void {
    if (error.code === 'PEER_MISBEHAVED') this.#stop(error)
    else this.#dispatch({ kind: 'refused', id, error })
  }

  /** Such a peer is not asked for anything any more, by nobody. */
  #stop(error: RegistryError): void {
    this.#dispatch({ kind: 'stopped', error })
    this.#link.refuse(error)
  }

  #work(job: Job): void {
    const working = this.#run(job).finally(() => this.#working.delete(working))
    this.#working.add(working)
  }

  async #run(job: Job): Promise<void> {
    const { id } = job
    try {
      const result = await this.#jobs.run(job, this.#ending.signal)
      this.#dispatch({ kind: 'done', id, result })
      if (job.kind === 'commit') this.#options.onProgress?.(this.#state.tally)
    } catch (error) {
      const isOwn = !isRegistryError(error) || OWN_FAULTS.includes(error.code)
      if (isOwn) this.#ended.reject(error)
      else this.#dispatch({ kind: 'failed', id, error })
    }
  }
}
