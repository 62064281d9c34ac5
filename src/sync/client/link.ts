// Requests over one channel: at most eight outstanding, each answer decoded before it is passed on. A peer that breaks the
// protocol or falls silent loses the channel. What answers say is judged by whoever asked.

import { escapeText, isRegistryError, RegistryError } from '../../lib/index.ts'
import type { SourceOptions } from '../../resolve/index.ts'
import type { Channel } from '../network.ts'
import { gone, misbehaved } from '../peer-errors.ts'
import { systemTimers, type Timers } from '../timers.ts'
import {
  decodeAnswer,
  decodeOk,
  encodeRequest,
  type Failure,
  MAX_OUTSTANDING,
} from '../wire/messages.ts'
import type { Answers, Asks, Op } from '../wire/ops.ts'
import { refusalOf } from '../wire/refusals.ts'

/** Bytes with the length of each frame, since the channel was opened. */
export interface Traffic {
  readonly sent: number
  readonly received: number
  readonly requests: number
}

export interface Link extends AsyncDisposable {
  readonly remote: string
  readonly traffic: Traffic
  /** Requests that wait for the peer. */
  readonly outstanding: number
  /** Throws PEER_* and what a peer may answer: NOT_FOUND, MESSAGE_INVALID, SERVER_FAILED, CLOSED. */
  ask<K extends Op>(op: K, ask: Asks[K], options?: SourceOptions): Promise<Answers[K]>
  /** Gives the peer up: the channel is aborted, and everything that waits fails with this error, or the one that came first. */
  refuse(error: RegistryError): RegistryError
}

export interface ConnectOptions {
  readonly timers?: Timers
  /** Silence of the peer while something is outstanding, after which the channel is given up. */
  readonly idleMs?: number
  /** From the call to its answer, the wait for a free slot included. */
  readonly totalMs?: number
}

/** Of a frame’s length. */
const PREFIX = 4

/** What a peer may blame on us. Any other code is its own business and counts as misbehaviour. */
const ERRORS = ['NOT_FOUND', 'PEER_LIMIT', 'MESSAGE_INVALID', 'SERVER_FAILED', 'CLOSED'] as const
const SUBMITTING: readonly Op[] = ['submit', 'stage']

export function openLink(channel: Channel, options: ConnectOptions = {}): Link {
  return new ChannelLink(channel, options)
}

interface Pending {
  readonly op: Op
  readonly resolve: (ok: unknown) => void
  readonly reject: (error: unknown) => void
}

class ChannelLink implements Link {
  readonly remote: string
  readonly #channel: Channel
  readonly #timers: Timers
  readonly #idleMs: number
  readonly #totalMs: number
  /** Given-up requests stay until their answer comes: they still take a slot at the peer. */
  readonly #outstanding = new Map<number, Pending>()
  #queue: (() => void)[] = []
  #nextId = 0
  #sent = 0
  #received = 0
  #requests = 0
  #ended: RegistryError | undefined
  #stopIdle: (() => void) | undefined

  constructor(channel: Channel, options: ConnectOptions) {
    this.#channel = channel
    this.remote = channel.remote
    this.#timers = options.timers ?? systemTimers
    this.#idleMs = options.idleMs ?? 10_000
    this.#totalMs = options.totalMs ?? 60_000
    void this.#read()
  }

  async ask<K extends Op>(op: K, ask: Asks[K], options: SourceOptions = {}): Promise<Answers[K]> {
    const { signal } = options
    signal?.throwIfAborted()
    if (this.#ended !== undefined) throw this.#ended
    const ok = await new Promise<unknown>((resolve, reject) => {
      const giveUp = (error: unknown): void => {
        settle()
        reject(error)
      }
      const stop = this.#timers.after(this.#totalMs, () => {
        giveUp(gone(this.remote, `no answer within ${this.#totalMs} ms`))
      })
      const onAbort = (): void => giveUp(signal?.reason)
      let settled = false
      const settle = (): void => {
        settled = true
        stop()
        signal?.removeEventListener('abort', onAbort)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const pending: Pending = {
        op,
        resolve: (value) => [settle(), resolve(value)],
        reject: giveUp,
      }
      this.#queue.push(() => {
        if (this.#ended !== undefined) giveUp(this.#ended)
        else if (!settled) this.#send(pending, ask)
      })
      this.#pump()
    })
    return ok as Answers[K]
  }

  get traffic(): Traffic {
    return { sent: this.#sent, received: this.#received, requests: this.#requests }
  }

  get outstanding(): number {
    return this.#outstanding.size
  }

  refuse(error: RegistryError): RegistryError {
    return this.#end(error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new RegistryError('CLOSED', `The connection to ${this.remote} is closed.`)
    this.#finish(closed)
    await this.#channel.close()
  }

  #pump(): void {
    while (this.#ended !== undefined || this.#outstanding.size < MAX_OUTSTANDING) {
      const next = this.#queue.shift()
      if (next === undefined) return
      next()
    }
  }

  #send(pending: Pending, ask: Asks[Op]): void {
    const id = this.#nextId
    this.#nextId = (id + 1) % 2 ** 32
    this.#outstanding.set(id, pending)
    if (this.#stopIdle === undefined) this.#restartIdle()
    const frame = encodeRequest(id, pending.op, ask)
    this.#sent += frame.length + PREFIX
    this.#requests += 1
    this.#channel
      .send(frame)
      .catch((error: unknown) => this.#end(asRegistryError(error, this.remote)))
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const frame = await this.#channel.receive()
        if (this.#ended !== undefined) return
        if (frame === undefined) {
          this.#end(gone(this.remote, 'the other side has closed it'))
          return
        }
        this.#received += frame.length + PREFIX
        this.#take(frame)
      }
    } catch (error) {
      this.#end(
        isRegistryError(error, 'MESSAGE_INVALID')
          ? misbehaved(this.remote, 'it sent something else than an answer', error)
          : asRegistryError(error, this.remote),
      )
    }
  }

  #take(frame: Uint8Array): void {
    const answer = decodeAnswer(frame)
    const pending = this.#outstanding.get(answer.id)
    if (pending === undefined) {
      throw misbehaved(this.remote, 'it answered a question that nobody asked')
    }
    const ok = answer.kind === 'ok' ? decodeOk(pending.op, answer.ok) : undefined
    const error = answer.kind === 'error' ? this.#errorOf(pending.op, answer) : undefined
    this.#outstanding.delete(answer.id)
    this.#restartIdle()
    if (error === undefined) pending.resolve(ok)
    else pending.reject(error)
    this.#pump()
  }

  #errorOf(op: Op, failure: Failure): RegistryError {
    const { code, message } = failure
    const refused = SUBMITTING.includes(op) ? refusalOf(this.remote, failure) : undefined
    if (refused !== undefined) return refused
    const known = ERRORS.find((one) => one === code)
    if (known === undefined) throw misbehaved(this.remote, 'it failed with a strange code')
    return new RegistryError(known, `The peer ${this.remote} answered: ${escapeText(message)}`, {
      next: known === 'NOT_FOUND' ? 'Another peer may hold it.' : 'Try later, or use another peer.',
    })
  }

  #restartIdle(): void {
    this.#stopIdle?.()
    this.#stopIdle = undefined
    if (this.#outstanding.size === 0) return
    this.#stopIdle = this.#timers.after(this.#idleMs, () => {
      this.#end(gone(this.remote, `it was silent for ${this.#idleMs} ms`))
    })
  }

  /** Gives the channel up for good, and with it everything that waits. */
  #end(error: RegistryError): RegistryError {
    if (this.#ended === undefined) this.#channel.abort(error)
    return this.#finish(error)
  }

  #finish(error: RegistryError): RegistryError {
    if (this.#ended !== undefined) return this.#ended
    this.#ended = error
    this.#stopIdle?.()
    const pending = [...this.#outstanding.values()]
    this.#outstanding.clear()
    for (const { reject } of pending) reject(error)
    this.#pump()
    return error
  }
}

function asRegistryError(error: unknown, remote: string): RegistryError {
  return error instanceof RegistryError ? error : gone(remote, 'it broke', error)
}
