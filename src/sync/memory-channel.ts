// One end of a channel of the in-process network: what it sends goes into the inbox of the other end, some turns later.

import { RegistryError } from '../lib/index.ts'
import { FRAME_LIMIT } from '../spec/index.ts'
import { Inbox } from './inbox.ts'
import type { Channel } from './network.ts'
import { gone, tooLarge } from './peer-errors.ts'

/** How a frame gets to the other end: some turns after the one before it, or after a while that begins when it is sent. */
export type Transit =
  | { readonly turns: () => number; readonly latency?: undefined }
  | { readonly latency: () => Promise<void> }

/** Bytes that are on their way before a sender waits, where frames take time. */
const ON_THE_WAY = 4 * 1024 * 1024

export class MemoryChannel implements Channel {
  readonly remote: string
  readonly #transit: Transit
  readonly #onClose: (channel: MemoryChannel) => void
  readonly #inbox: Inbox = new Inbox(() => this.#signalRoom())
  #other: MemoryChannel | undefined
  #closed = false
  #failure: Error | undefined
  #delivered: Promise<void> = Promise.resolve()
  #waiting: (() => void)[] = []
  #onTheWay = 0

  constructor(remote: string, transit: Transit, onClose: (channel: MemoryChannel) => void) {
    this.remote = remote
    this.#transit = transit
    this.#onClose = onClose
  }

  join(other: MemoryChannel): void {
    this.#other = other
  }

  async send(frame: Uint8Array, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted()
    this.#assertOpen()
    if (frame.length > FRAME_LIMIT) {
      const error = tooLarge(frame.length)
      this.abort(error)
      throw error
    }
    const copy = frame.slice()
    this.#onTheWay += copy.length
    this.#deliver((other) => {
      this.#onTheWay -= copy.length
      other.#inbox.push(copy)
    })
    if (this.#transit.latency === undefined || this.#onTheWay > ON_THE_WAY) await this.#delivered
    const other = this.#other
    while (other !== undefined && this.#failure === undefined && other.#blocks()) {
      await other.#room(options.signal)
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  receive(options: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array | undefined> {
    return this.#inbox.receive(options.signal)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#inbox.end()
    this.#inbox.clear()
    this.#signalRoom()
    this.#deliver((other) => other.#inbox.end())
    await this.#delivered
    this.#onClose(this)
  }

  abort(reason: Error): void {
    if (this.#failure !== undefined) return
    this.#break(
      reason instanceof RegistryError ? reason : gone(this.remote, 'this side gave it up', reason),
    )
    const other = this.#other
    if (other !== undefined) other.#break(gone(other.remote, 'the other side broke the channel'))
  }

  #break(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    if (!this.#closed) this.#inbox.fail(error)
    this.#signalRoom()
    this.#onClose(this)
  }

  #assertOpen(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closed) throw gone(this.remote, 'this side has closed the channel')
  }

  #deliver(act: (other: MemoryChannel) => void): void {
    const { latency } = this.#transit
    const passed = latency?.()
    this.#delivered = this.#delivered.then(async () => {
      await (passed ?? this.#wait())
      if (this.#failure === undefined && this.#other !== undefined) act(this.#other)
    })
  }

  async #wait(): Promise<void> {
    if (this.#transit.latency !== undefined) return
    for (let turn = this.#transit.turns(); turn > 0; turn -= 1) await new Promise(setImmediate)
  }

  #room(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal?.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
    })
  }

  #blocks(): boolean {
    return this.#inbox.full && !this.#closed && this.#failure === undefined
  }

  #signalRoom(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }
}
