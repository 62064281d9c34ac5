// The other end of client.ts: answers one channel's requests from a Source. Whatever the peer sends, it costs a bounded
// amount of work and memory and never more than its own channel; failures inside are not described to it.

import { isRegistryError, RegistryError } from '../lib/index.ts'
import type { HomeSession } from '../registry/index.ts'
import type { Source } from '../resolve/index.ts'
import { type Budget, createBudget } from './budget.ts'
import {
  type Answers,
  type Asks,
  decodeRequest,
  encodeError,
  encodeOk,
  encodeRefusal,
  MAX_ENTRIES,
  MAX_OUTSTANDING,
  type Request,
} from './messages.ts'
import type { Channel } from './network.ts'
import { gone, misbehaved } from './peer-errors.ts'
import { isRefusal } from './refusals.ts'
import { systemTimers, type Timers } from './timers.ts'

export interface ServeOptions {
  readonly budget?: Budget
  /** Where submissions of this channel go; without it there is no home here. */
  readonly home?: HomeSession | undefined
  readonly timers?: Timers
  /** How long a channel may be without a request. Also ends one that sends a frame a byte at a time. */
  readonly idleMs?: number
  /** How long one answer may take, until the peer has taken it. */
  readonly totalMs?: number
}

/** Blocks are small; an answer of this size costs few round trips and little memory. */
const ANSWER_BYTES = 64 * 1024
/** Entries carry bundles: 64 of them with one bundle of 10 KiB each. */
const ENTRIES_BYTES = 512 * 1024
/** Blocks asked of the source at a time: the largest are 1 MiB. */
const BLOCK_STEP = 8
const MAX_BLOCK_STEP = 128
/** Refused or unreadable requests, less the good ones, after which the peer is not merely hasty. */
const MAX_STRIKES = 64

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
  readonly #budget: Budget
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
    this.#timers = options.timers ?? systemTimers
    this.#budget = options.budget ?? createBudget(undefined, this.#timers)
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
      const answer = await this.#reply(frame, signal)
      this.#budget.spend(answer.length)
      await this.#channel.send(answer, { signal })
    } finally {
      stop()
    }
  }

  async #reply(frame: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    let request: Request
    try {
      request = decodeRequest(frame)
    } catch (error) {
      this.#strike('unreadable requests')
      if (!isRegistryError(error) || typeof error.details.evidence !== 'number') throw error
      return encodeError(error.details.evidence, 'MESSAGE_INVALID', error.message)
    }
    if (!this.#budget.takeRequest()) {
      this.#strike('requests over its budget')
      return encodeError(request.id, 'PEER_LIMIT', 'You ask faster than this node serves one peer.')
    }
    // One by one: a flood is served now and then as its budget refills, and must not be forgiven each time.
    this.#strikes = Math.max(0, this.#strikes - 1)
    try {
      if (request.op === 'submit' || request.op === 'stage') {
        return await answerSubmitter(this.#home, request, signal)
      }
      return await answerRequest(this.#source, request, signal)
    } catch (error) {
      signal.throwIfAborted()
      return encodeFailure(request.id, error)
    }
  }

  #strike(what: string): void {
    this.#strikes += 1
    if (this.#strikes > MAX_STRIKES) throw misbehaved(this.#channel.remote, `too many ${what}`)
  }
}

type Submitting = Extract<Request, { readonly op: 'submit' | 'stage' }>

async function answerSubmitter(
  home: HomeSession | undefined,
  request: Submitting,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { id } = request
  if (home === undefined) return encodeError(id, 'NOT_FOUND', 'This node takes no submissions.')
  try {
    if (request.op === 'submit') return encodeOk(id, await home.submit(request.ask, { signal }))
    await home.stage(request.ask.blocks, { signal })
    return encodeOk<'stage'>(id, {})
  } catch (error) {
    signal.throwIfAborted()
    if (isRegistryError(error) && isRefusal(error.code)) return encodeRefusal(id, error)
    throw error
  }
}

async function answerRequest(
  source: Source,
  request: Exclude<Request, Submitting>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { id, ask } = request
  const options = { signal }
  switch (request.op) {
    case 'checkpoint':
      return encodeOk(id, { note: await source.checkpoint(request.ask.publisher, options) })
    case 'entries':
      return encodeOk(id, await packEntries(source, request.ask, signal))
    case 'inclusion':
      return encodeOk(id, {
        hashes: await source.inclusion(request.ask.publisher, request.ask, options),
      })
    case 'consistency':
      return encodeOk(id, {
        hashes: await source.consistency(request.ask.publisher, request.ask, options),
      })
    case 'indexPath':
      return encodeOk(id, {
        nodes: await source.indexPath(request.ask.publisher, request.ask, options),
      })
    case 'blocks':
      return encodeOk(id, await packBlocks(source, request.ask, signal))
    case 'claimants':
      return encodeOk(id, { publishers: await source.claimants(request.ask.name, options) })
    default:
      throw new RegistryError('UNEXPECTED', `An op has no answer: ${String(ask)}.`)
  }
}

async function packEntries(
  source: Source,
  ask: Asks['entries'],
  signal: AbortSignal,
): Promise<Answers['entries']> {
  const end = Math.min(ask.end, ask.start + MAX_ENTRIES)
  const found = await source.entries(ask.publisher, { start: ask.start, end }, { signal })
  const sizes = found.map(({ statement, bundles }) =>
    bundles.reduce((sum, bundle) => sum + bundle.length, statement.length),
  )
  return { entries: found.slice(0, countWithin(sizes, ENTRIES_BYTES)) }
}

async function packBlocks(
  source: Source,
  { cids }: Asks['blocks'],
  signal: AbortSignal,
): Promise<Answers['blocks']> {
  const blocks: (Uint8Array | null)[] = []
  let bytes = 0
  let step = BLOCK_STEP
  while (blocks.length < cids.length) {
    const wanted = cids.slice(blocks.length, blocks.length + step)
    const found = await source.blocks(wanted, { signal })
    for (const block of found) {
      bytes += block?.length ?? 0
      if (bytes > ANSWER_BYTES && blocks.length > 0) return { blocks }
      blocks.push(block ?? null)
    }
    if (found.length < wanted.length) break
    step = bytes === 0 ? Math.min(step * 2, MAX_BLOCK_STEP) : BLOCK_STEP
  }
  return { blocks }
}

/** How many fit, but at least one. */
function countWithin(sizes: readonly number[], limit: number): number {
  let sum = 0
  const over = sizes.findIndex((size, i) => {
    sum += size
    return i > 0 && sum > limit
  })
  return over === -1 ? sizes.length : over
}

/** NOT_FOUND is an answer; everything else inside this node is nobody's business but its own. */
function encodeFailure(id: number, error: unknown): Uint8Array {
  if (isRegistryError(error, 'NOT_FOUND')) return encodeError(id, error.code, error.message)
  return encodeError(id, 'SERVER_FAILED', 'This node could not answer.')
}
