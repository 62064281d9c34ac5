// What has arrived on a channel and was not read yet. Both networks use it, so that order, end and failure mean the same
// on each. It does not limit by itself: whoever fills it looks at `full` and stops, and goes on at `onRoom`.

import { RegistryError } from '../lib/index.ts'

/** A reader this far behind makes the sender wait. Only whole frames count, so one large frame can always arrive. */
const ROOM = 256 * 1024
/** What an empty frame costs in memory, so that a flood of them is bounded too. */
const OVERHEAD = 64

type Ending = { readonly kind: 'closed' } | { readonly kind: 'failed'; readonly error: Error }

interface Reader {
  readonly resolve: (frame: Uint8Array | undefined) => void
  readonly reject: (error: unknown) => void
}

export class Inbox {
  readonly #onRoom: () => void
  #frames: Uint8Array[] = []
  #read = 0
  #bytes = 0
  #ending: Ending | undefined
  #reader: Reader | undefined

  constructor(onRoom: () => void) {
    this.#onRoom = onRoom
  }

  get full(): boolean {
    return this.#bytes >= ROOM
  }

  push(frame: Uint8Array): void {
    if (this.#ending !== undefined) return
    const reader = this.#reader
    if (reader !== undefined) {
      this.#reader = undefined
      reader.resolve(frame)
      return
    }
    this.#frames.push(frame)
    this.#bytes += frame.length + OVERHEAD
  }

  /** No more frames will come; those that came can still be read. */
  end(): void {
    if (this.#ending !== undefined) return
    this.#ending = { kind: 'closed' }
    this.#reader?.resolve(undefined)
    this.#reader = undefined
  }

  /** The channel broke: what was not read is dropped, and reading fails from now on. */
  fail(error: Error): void {
    if (this.#ending?.kind === 'failed') return
    this.#ending = { kind: 'failed', error }
    this.clear()
    this.#reader?.reject(error)
    this.#reader = undefined
  }

  clear(): void {
    this.#frames = []
    this.#read = 0
    this.#bytes = 0
  }

  receive(signal?: AbortSignal): Promise<Uint8Array | undefined> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    const frame = this.#shift()
    if (frame !== undefined) return Promise.resolve(frame)
    if (this.#ending?.kind === 'failed') return Promise.reject(this.#ending.error)
    if (this.#ending?.kind === 'closed') return Promise.resolve(undefined)
    if (this.#reader !== undefined) {
      return Promise.reject(
        new RegistryError('UNEXPECTED', 'Two readers wait on one channel.', { expected: 'one' }),
      )
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#reader = undefined
        reject(signal?.reason)
      }
      const done = <T>(act: (value: T) => void): ((value: T) => void) => {
        return (value) => {
          signal?.removeEventListener('abort', onAbort)
          act(value)
        }
      }
      this.#reader = { resolve: done(resolve), reject: done(reject) }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#onRoom()
    })
  }

  #shift(): Uint8Array | undefined {
    const frame = this.#frames[this.#read]
    if (frame === undefined) return undefined
    this.#read += 1
    this.#bytes -= frame.length + OVERHEAD
    if (this.#read === this.#frames.length || this.#read > 1024) {
      this.#frames = this.#frames.slice(this.#read)
      this.#read = 0
    }
    if (!this.full) this.#onRoom()
    return frame
  }
}
