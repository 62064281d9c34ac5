// What this node has to tell: logs whose head has changed here, forks first. Each is cosigned, if this node is a witness, and announced;
// some at a time, so that a first synchronisation of thousands of logs is no flood. What does not fit is found by whoever reconciles.

import type { PublisherId } from '../../spec/index.ts'
import type { Timers } from '../../sync/index.ts'

export interface OutboxOptions {
  readonly timers: Timers
  readonly tell: (publisher: PublisherId) => Promise<void>
}

const MAX_WAITING = 4_096
const MAX_SAID_AT_ONCE = 20
/** So many a second once the first have gone. */
const PAUSE_MS = 50

export class Outbox implements AsyncDisposable {
  readonly #options: OutboxOptions
  readonly #forks = new Set<PublisherId>()
  readonly #heads = new Set<PublisherId>()
  #credit: number = MAX_SAID_AT_ONCE
  #creditAt: number
  #work: Promise<void> | undefined
  #wake: (() => void) | undefined
  #isClosed = false

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#creditAt = options.timers.now()
  }

  get size(): number {
    return this.#forks.size + this.#heads.size
  }

  /** Twice before it was told is once. */
  add(publisher: PublisherId, kind: 'fork' | 'head'): void {
    if (this.#isClosed) return
    const waiting = kind === 'fork' ? this.#forks : this.#heads
    if (waiting.size < MAX_WAITING) waiting.add(publisher)
    this.#work ??= this.#run()
  }

  /** What was begun is finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#wake?.()
    await this.#work
  }

  async #run(): Promise<void> {
    // A turn later: a commit of many entries at once is one change of a head, and so are several in one go.
    await Promise.resolve()
    for (;;) {
      const publisher = this.#isClosed ? undefined : this.#take()
      if (publisher === undefined) {
        this.#work = undefined
        return
      }
      await this.#options.tell(publisher)
      await this.#pace()
    }
  }

  #take(): PublisherId | undefined {
    for (const waiting of [this.#forks, this.#heads]) {
      const [publisher] = waiting
      if (publisher === undefined) continue
      waiting.delete(publisher)
      return publisher
    }
    return undefined
  }

  async #pace(): Promise<void> {
    const { timers } = this.#options
    const now = timers.now()
    this.#credit = Math.min(MAX_SAID_AT_ONCE, this.#credit + (now - this.#creditAt) / PAUSE_MS)
    this.#creditAt = now
    this.#credit -= 1
    if (this.#credit >= 0 || this.#isClosed) return
    await new Promise<void>((resolve) => {
      const cancel = timers.after(PAUSE_MS, resolve)
      this.#wake = () => [cancel(), resolve()]
    })
    this.#wake = undefined
  }
}
