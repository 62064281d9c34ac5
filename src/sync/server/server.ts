// The other end of client.ts: answers one channel's requests from a Source. Whatever the peer sends, it costs a bounded
// amount of work and memory and never more than its own channel; failures inside are not described to it.

import { isRegistryError } from '../../lib/index.ts'
import type { HomeSession } from '../../registry/index.ts'
import type { Source } from '../../resolve/index.ts'
import type { Channel } from '../network.ts'
import { gone, misbehaved } from '../peer-errors.ts'
import { systemTimers, type Timers } from '../timers.ts'
import { decodeRequest, encodeError, MAX_OUTSTANDING, type Request } from '../wire/messages.ts'
import { answerRequest, answerSubmitter } from './answers.ts'
import { type Budget, createBudget, SUBMISSION_BUDGET } from './budget.ts'
import type { Sharing } from './sharing.ts'
import { isSyncRequest, SyncDesk, weightOf } from './sync-desk.ts'
import { createRoom, type Held, type Room } from './turns.ts'

export interface ServeOptions {
  readonly budget?: Budget
  /** What submissions may cost beside that; each makes this node verify signatures and take the log's lock. */
  readonly submissions?: Budget
  /** What it shares with all other channels of this node. */
  readonly room?: Room
  /** Where submissions of this channel go; without it there is no home here. */
  readonly home?: HomeSession | undefined
  /** What is told of the logs held here; without it this node synchronizes nobody. */
  readonly sharing?: Sharing | undefined
  readonly timers?: Timers
  /** How long a channel may be without a request. Also ends one that sends a frame a byte at a time. */
  readonly idleMs?: number
  /** How long one answer may take, until the peer has taken it. */
  readonly totalMs?: number
}

type Reading = Exclude<Request, { readonly op: 'submit' | 'stage' }>

/** Refused or unreadable requests, less the good ones, after which the peer is not merely hasty. */
const MAX_STRIKES = 64
/** For what a peer let wait until its channel was given up: some such channels use up what is served at once. */
const UNTAKEN_COST = 32 * 1024 * 1024
const NO_SYNC = 'This node does not tell which logs it holds.'

/** Resolves when the channel has ended, however; it never rejects. */
export async function serveSource(
  channel: Channel,
  source: Source,
  options: ServeOptions = {},
): Promise<void> {
  const service = new Service(channel, source, options)
  try {
    await service.run()
    await channel.close()
  } catch (error) {
    channel.abort(error instanceof Error ? error : new Error(String(error)))
  } finally {
    service.stop()
  }
}

class Service {
  readonly #channel: Channel
  readonly #source: Source
  readonly #home: HomeSession | undefined
  readonly #sync: SyncDesk | undefined
  readonly #budget: Budget
  readonly #submissions: Budget
  readonly #room: Room
  readonly #timers: Timers
  readonly #idleMs: number
  readonly #totalMs: number
  readonly #ending = new AbortController()
  readonly #working = new Set<Promise<void>>()
  #strikes = 0

  constructor(channel: Channel, source: Source, options: ServeOptions) {
    this.#channel = channel
    this.#source = source
    this.#home = options.home
    const { sharing } = options
    this.#sync = sharing === undefined ? undefined : new SyncDesk(sharing, source)
    this.#timers = options.timers ?? systemTimers
    this.#budget = options.budget ?? createBudget(undefined, this.#timers)
    this.#submissions = options.submissions ?? createBudget(SUBMISSION_BUDGET, this.#timers)
    this.#room = options.room ?? createRoom()
    this.#idleMs = options.idleMs ?? 60_000
    this.#totalMs = options.totalMs ?? 60_000
  }

  async run(): Promise<void> {
    for (;;) {
      // Not reading on is the limit: the transport then makes the peer wait.
      while (this.#working.size >= MAX_OUTSTANDING) await Promise.race(this.#working)
      if (this.#ending.signal.aborted) throw this.#ending.signal.reason
      const frame = await this.#receive()
      if (frame === undefined) break
      this.#budget.spend(frame.length)
      const work = this.#answer(frame).catch((error: unknown) => this.#ending.abort(error))
      const tracked: Promise<void> = work.finally(() => this.#working.delete(tracked))
      this.#working.add(tracked)
    }
    await Promise.all(this.#working)
  }

  stop(): void {
    this.#ending.abort(gone(this.#channel.remote, 'the channel has ended'))
    this.#sync?.[Symbol.dispose]()
  }

  async #receive(): Promise<Uint8Array | undefined> {
    const idle = new AbortController()
    const stop = this.#timers.after(this.#idleMs, () =>
      idle.abort(gone(this.#channel.remote, `no request within ${this.#idleMs} ms`)),
    )
    try {
      return await this.#channel.receive({
        signal: AbortSignal.any([idle.signal, this.#ending.signal]),
      })
    } finally {
      stop()
    }
  }

  async #answer(frame: Uint8Array): Promise<void> {
    const late = new AbortController()
    const stop = this.#timers.after(this.#totalMs, () =>
      late.abort(gone(this.#channel.remote, `an answer took longer than ${this.#totalMs} ms`)),
    )
    try {
      const signal = AbortSignal.any([late.signal, this.#ending.signal])
      const answer = await this.#holding('question', frame, () => this.#reply(frame, signal))
      this.#budget.spend(answer.length)
      await this.#holding('answer', answer, () => this.#channel.send(answer, { signal }))
    } finally {
      stop()
    }
  }

  async #holding<T>(
    kind: Held['kind'],
    { length: bytes }: Uint8Array,
    work: () => Promise<T>,
  ): Promise<T> {
    const giveUp = (error: Error): void => {
      // Else it would come again at once, on another channel, and cost as much.
      if (!this.#ending.signal.aborted) this.#budget.spend(UNTAKEN_COST)
      this.#ending.abort(error)
    }
    const letGo = this.#room.hold(this.#channel.remote, { kind, bytes, giveUp })
    try {
      return await work()
    } finally {
      letGo()
    }
  }

  async #reply(frame: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    // What waits for its turn is bytes: read, it would be many times as much.
    const done = await this.#room.turn(this.#channel.remote, signal)
    try {
      const request = this.#read(frame)
      if (request instanceof Uint8Array) return request
      if (request.op !== 'submit' && request.op !== 'stage') {
        return await this.#orFailure(request, signal, () => this.#answerReading(request, signal))
      }
      // It waits for locks, which nobody else is to wait for.
      done()
      return await this.#orFailure(request, signal, () =>
        answerSubmitter(this.#home, request, signal),
      )
    } finally {
      done()
    }
  }

  /** What is asked, or what to say to a question that is not answered. */
  #read(frame: Uint8Array): Request | Uint8Array {
    let request: Request
    try {
      request = decodeRequest(frame)
    } catch (error) {
      this.#strike('unreadable requests')
      if (!isRegistryError(error) || typeof error.details.evidence !== 'number') throw error
      return encodeError(error.details.evidence, 'MESSAGE_INVALID', error.message)
    }
    const isTooFast = request.op === 'submit' && !this.#submissions.takeRequest()
    if (isTooFast || !this.#budget.takeRequest()) {
      this.#strike('requests over its budget')
      return encodeError(request.id, 'PEER_LIMIT', 'You ask faster than this node serves one peer.')
    }
    // One by one: a flood is served now and then as its budget refills, and must not be forgiven each time.
    this.#strikes = Math.max(0, this.#strikes - 1)
    return request
  }

  async #answerReading(request: Reading, signal: AbortSignal): Promise<Uint8Array> {
    if (!isSyncRequest(request)) return await answerRequest(this.#source, request, signal)
    if (this.#sync === undefined) return encodeError(request.id, 'NOT_FOUND', NO_SYNC)
    this.#budget.spend(weightOf(request))
    return await this.#sync.answer(request, signal)
  }

  async #orFailure(
    { id }: Request,
    signal: AbortSignal,
    answer: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    try {
      return await answer()
    } catch (error) {
      signal.throwIfAborted()
      return encodeFailure(id, error)
    }
  }

  #strike(what: string): void {
    this.#strikes += 1
    if (this.#strikes > MAX_STRIKES) throw misbehaved(this.#channel.remote, `too many ${what}`)
  }
}

/** NOT_FOUND is an answer; everything else inside this node is nobody's business but its own. */
function encodeFailure(id: number, error: unknown): Uint8Array {
  if (isRegistryError(error, 'NOT_FOUND')) return encodeError(id, error.code, error.message)
  return encodeError(id, 'SERVER_FAILED', 'This node could not answer.')
}
