// A Channel over one libp2p stream. libp2p 3.3 streams are event targets whose own helpers do not bound memory: `onDrain`
// works once a stream, `for await` ignores back-pressure. So this listens to `message`, `drain`, `end` and `close` itself.

import type { Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { FrameReader, frameHeader, RegistryError } from '../lib/index.ts'
import { FRAME_LIMIT } from '../spec/index.ts'
import { Inbox } from './inbox.ts'
import type { Channel } from './network.ts'
import { partsOf } from './parts.ts'
import { gone, misbehaved, tooLarge } from './peer-errors.ts'

/** Each `send` of libp2p is an encrypted record of its own, so frames sent in one turn go out together. */
const BATCH = 64 * 1024
/** How long the last bytes may take to leave once this side has closed. */
const CLOSE_MS = 5_000

interface Outgoing {
  readonly parts: readonly Uint8Array[]
  readonly length: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class Libp2pChannel implements Channel {
  readonly remote: string
  readonly #stream: Stream
  readonly #reader = new FrameReader(FRAME_LIMIT)
  readonly #inbox: Inbox = new Inbox(() => this.#resume())
  readonly #room = new Set<() => void>()
  #outgoing: Outgoing[] = []
  #flushing = false
  #closed = false
  #remoteClosed: boolean
  #failure: Error | undefined
  /** Settles when both directions have ended, or the channel broke. */
  readonly finished: Promise<void>

  constructor(stream: Stream, remote: string) {
    this.remote = remote
    this.#stream = stream
    stream.addEventListener('drain', () => this.#wake())
    this.finished = new Promise((resolve) => {
      const onClose = (broken: boolean, cause?: unknown): void => {
        if (broken) this.#fail(gone(remote, 'the connection broke', cause))
        this.#wake()
        resolve()
      }
      stream.addEventListener('close', ({ error }) => onClose(error !== undefined, error))
      // A quick peer can have reset or ended the stream while the dial was still being finished: no event tells of it.
      const { status } = stream
      if (status === 'reset' || status === 'aborted') onClose(true)
      else if (status === 'closed') onClose(false)
    })
    this.#remoteClosed = stream.status === 'open' && stream.remoteWriteStatus === 'closed'
    stream.addEventListener('remoteCloseWrite', () => {
      this.#remoteClosed = true
    })
    if (stream.readableEnded) this.#onEnd()
    // Not `remoteCloseWrite`: that one fires while paused data is still to come.
    stream.addEventListener('end', () => this.#onEnd())
    stream.addEventListener('message', ({ data }) => this.#onData(partsOf(data)))
  }

  async send(frame: Uint8Array, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options
    signal?.throwIfAborted()
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closed) throw gone(this.remote, 'this side has closed the channel')
    if (frame.length > FRAME_LIMIT) {
      const error = tooLarge(frame.length)
      this.abort(error)
      throw error
    }
    await new Promise<void>((resolve, reject) => {
      // A send that is given up may still arrive: its bytes keep their place, or the next frame would be unreadable.
      const onAbort = (): void => reject(signal?.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      const settle = (): void => signal?.removeEventListener('abort', onAbort)
      this.#outgoing.push({
        parts: [frameHeader(frame.length), frame],
        length: frame.length,
        resolve: () => [settle(), resolve()],
        reject: (error) => [settle(), reject(error)],
      })
      if (!this.#flushing) {
        this.#flushing = true
        queueMicrotask(() => void this.#flush())
      }
    })
  }

  receive(options: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array | undefined> {
    return this.#inbox.receive(options.signal)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#inbox.end()
    this.#inbox.clear()
    this.#resume()
    try {
      while (this.#flushing && this.#failure === undefined) await this.#drained()
      await this.#stream.close({ signal: AbortSignal.timeout(CLOSE_MS) })
    } catch (cause) {
      this.abort(gone(this.remote, 'it did not take the last bytes', cause))
    }
    // A peer that never closes its side would hold this stream, and one of the few a peer may have, for ever.
    const timer = setTimeout(() => this.abort(gone(this.remote, 'it stays open')), CLOSE_MS)
    timer.unref()
    void this.finished.then(() => clearTimeout(timer))
  }

  abort(reason: Error): void {
    this.#fail(
      reason instanceof RegistryError ? reason : gone(this.remote, 'this side gave it up', reason),
    )
    this.#stream.abort(reason)
  }

  #onData(parts: Iterable<Uint8Array>): void {
    if (this.#closed || this.#failure !== undefined) return
    try {
      for (const part of parts) {
        for (const frame of this.#reader.push(part)) this.#inbox.push(frame)
      }
    } catch (error) {
      this.abort(error as Error)
      return
    }
    // Inside a listener `resume` would undo this, so it waits a microtask and looks again.
    if (this.#inbox.full) queueMicrotask(() => this.#pause())
  }

  #onEnd(): void {
    const { status } = this.#stream
    if (status === 'reset' || status === 'aborted') {
      this.#fail(gone(this.remote, 'the other side broke the channel'))
    } else if (!this.#remoteClosed && !this.#closed) {
      // Without this, someone who cuts the connection could pass a truncated stream off as a whole one.
      this.abort(gone(this.remote, 'the connection ended without a word'))
    } else if (!this.#reader.empty && !this.#closed) {
      this.abort(misbehaved(this.remote, 'it ended in the middle of a frame'))
    } else this.#inbox.end()
  }

  #pause(): void {
    if (!this.#inbox.full || this.#stream.readStatus !== 'readable') return
    this.#stream.pause()
  }

  #resume(): void {
    if (this.#stream.readStatus !== 'paused') return
    try {
      this.#stream.resume()
    } catch (cause) {
      // Paused data is handed over before the window update, which throws when the connection has ended meanwhile.
      if (this.#stream.status === 'open') this.abort(gone(this.remote, 'it cannot be read', cause))
    }
  }

  async #flush(): Promise<void> {
    while (this.#outgoing.length > 0) {
      const batch = this.#takeBatch()
      try {
        if (this.#failure !== undefined) throw this.#failure
        // A list, not the bytes in one piece: half a megabyte is copied often enough on its way.
        this.#stream.send(new Uint8ArrayList(...batch.flatMap(({ parts }) => parts)))
        while (this.#stream.writeBufferLength > 0 || this.#stream.writableNeedsDrain) {
          await this.#drained()
          if (this.#failure !== undefined) throw this.#failure
          if (this.#stream.writeStatus === 'closed') throw gone(this.remote, 'it was closed')
        }
        for (const { resolve } of batch) resolve()
      } catch (cause) {
        const error = cause instanceof RegistryError ? cause : gone(this.remote, 'it closed', cause)
        for (const { reject } of batch) reject(error)
      }
    }
    this.#flushing = false
    this.#wake()
  }

  #takeBatch(): readonly Outgoing[] {
    let bytes = 0
    let count = 0
    for (const one of this.#outgoing) {
      if (count > 0 && bytes + one.length > BATCH) break
      bytes += one.length
      count += 1
    }
    return this.#outgoing.splice(0, count)
  }

  /** One turn later than the event: libp2p writes what it holds in a microtask after `drain`. */
  #drained(): Promise<void> {
    return new Promise((resolve) => this.#room.add(() => setImmediate(resolve)))
  }

  #wake(): void {
    const waiting = [...this.#room]
    this.#room.clear()
    for (const go of waiting) go()
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    if (!this.#closed) this.#inbox.fail(error)
    this.#wake()
  }
}
