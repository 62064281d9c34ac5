// A peer as a Source: requests over one channel, at most eight outstanding, each answer validated before it is passed on.
// A peer that breaks the protocol or falls silent loses the channel. What answers say is for `verifyRelease` to judge.

import { escapeText, isRegistryError, RegistryError } from '../../lib/index.ts'
import type { HomeNode } from '../../registry/index.ts'
import type { SourceOptions } from '../../resolve/index.ts'
import type { Channel } from '../network.ts'
import { gone, misbehaved } from '../peer-errors.ts'
import { systemTimers, type Timers } from '../timers.ts'
import {
  type Answers,
  type Asks,
  decodeAnswer,
  decodeOk,
  encodeRequest,
  type Failure,
  MAX_ENTRIES,
  MAX_OUTSTANDING,
  type Op,
} from '../wire/messages.ts'
import { refusalOf } from '../wire/refusals.ts'
import { createAttestationAsker } from './ask-attestations.ts'

export type PeerSource = HomeNode & AsyncDisposable

export interface ConnectOptions {
  readonly timers?: Timers
  /** Silence of the peer while something is outstanding, after which the channel is given up. */
  readonly idleMs?: number
  /** From the call to its answer, the wait for a free slot included. */
  readonly totalMs?: number
}

/** A CID is 60 bytes and an answer holds about ten usual blocks: naming 1,024 for each would cost as much as the blocks. */
const MAX_WANTED = 64

/** What a peer may blame on us. Any other code is its own business and counts as misbehaviour. */
const ERRORS = ['NOT_FOUND', 'PEER_LIMIT', 'MESSAGE_INVALID', 'SERVER_FAILED', 'CLOSED'] as const
const SUBMITTING: readonly Op[] = ['submit', 'stage']

export function connectSource(channel: Channel, options: ConnectOptions = {}): PeerSource {
  const session = new Session(channel, options)
  return {
    label: channel.remote,
    checkpoint: async (publisher, o) => (await session.ask('checkpoint', { publisher }, o)).note,
    entries: async (publisher, { start, end }, o) => {
      const { entries } = await session.ask('entries', { publisher, start, end }, o)
      return session.assertAtMost(entries, Math.min(end - start, MAX_ENTRIES), 'entries')
    },
    inclusion: async (publisher, { index, size }, o) =>
      (await session.ask('inclusion', { publisher, index, size }, o)).hashes,
    consistency: async (publisher, { from, to }, o) =>
      (await session.ask('consistency', { publisher, from, to }, o)).hashes,
    indexPath: async (publisher, { root, name }, o) =>
      (await session.ask('indexPath', { publisher, root, name }, o)).nodes,
    blocks: async (cids, o) => {
      if (cids.length === 0) return []
      const wanted = cids.slice(0, MAX_WANTED)
      const { blocks } = await session.ask('blocks', { cids: wanted }, o)
      return session
        .assertAtMost(blocks, wanted.length, 'blocks')
        .map((block) => block ?? undefined)
    },
    claimants: async (name, o) => (await session.ask('claimants', { name }, o)).publishers,
    attestations: createAttestationAsker((ask, o) => session.ask('attestations', ask, o)),
    submit: (submission, o) => session.ask('submit', submission, o),
    stage: async (blocks, o) => {
      await session.ask('stage', { blocks }, o)
    },
    [Symbol.asyncDispose]: () => session.close(),
  }
}

interface Pending {
  readonly op: Op
  readonly resolve: (ok: unknown) => void
  readonly reject: (error: unknown) => void
}

class Session {
  readonly #channel: Channel
  readonly #timers: Timers
  readonly #idleMs: number
  readonly #totalMs: number
  /** Given-up requests stay until their answer comes: they still take a slot at the peer. */
  readonly #outstanding = new Map<number, Pending>()
  #queue: (() => void)[] = []
  #nextId = 0
  #ended: RegistryError | undefined
  #stopIdle: (() => void) | undefined

  constructor(channel: Channel, options: ConnectOptions) {
    this.#channel = channel
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
        giveUp(gone(this.#channel.remote, `no answer within ${this.#totalMs} ms`))
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

  assertAtMost<T>(items: readonly T[], most: number, what: string): readonly T[] {
    if (items.length <= most) return items
    throw this.#end(misbehaved(this.#channel.remote, `it sent more ${what} than were asked for`))
  }

  async close(): Promise<void> {
    const closed = new RegistryError(
      'CLOSED',
      `The connection to ${this.#channel.remote} is closed.`,
    )
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
    this.#channel
      .send(encodeRequest(id, pending.op, ask))
      .catch((error: unknown) => this.#end(asRegistryError(error, this.#channel.remote)))
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const frame = await this.#channel.receive()
        if (this.#ended !== undefined) return
        if (frame === undefined) {
          this.#end(gone(this.#channel.remote, 'the other side has closed it'))
          return
        }
        this.#take(frame)
      }
    } catch (error) {
      this.#end(
        isRegistryError(error, 'MESSAGE_INVALID')
          ? misbehaved(this.#channel.remote, 'it sent something else than an answer', error)
          : asRegistryError(error, this.#channel.remote),
      )
    }
  }

  #take(frame: Uint8Array): void {
    const answer = decodeAnswer(frame)
    const pending = this.#outstanding.get(answer.id)
    if (pending === undefined) {
      throw misbehaved(this.#channel.remote, 'it answered a question that nobody asked')
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
    const refused = SUBMITTING.includes(op) ? refusalOf(this.#channel.remote, failure) : undefined
    if (refused !== undefined) return refused
    const known = ERRORS.find((one) => one === code)
    if (known === undefined) throw misbehaved(this.#channel.remote, 'it failed with a strange code')
    const { remote } = this.#channel
    return new RegistryError(known, `The peer ${remote} answered: ${escapeText(message)}`, {
      next: known === 'NOT_FOUND' ? 'Another peer may hold it.' : 'Try later, or use another peer.',
    })
  }

  #restartIdle(): void {
    this.#stopIdle?.()
    this.#stopIdle = undefined
    if (this.#outstanding.size === 0) return
    this.#stopIdle = this.#timers.after(this.#idleMs, () => {
      this.#end(gone(this.#channel.remote, `it was silent for ${this.#idleMs} ms`))
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
