// Logs that somebody has announced and that are not here yet. Who forwards an announcement may be asked before it has the log itself: then it
// is asked again, a few times and ever later. Afterwards the next whole session has to find it, which it does.

import type { PublisherId } from '../../spec/index.ts'
import type { Timers } from '../../sync/index.ts'

interface Want {
  from: string
  tries: number
  /** What was announced could be verified here, and went on to others at once. */
  isPassedOn: boolean
}

export interface WantedOptions {
  readonly timers: Timers
  /** Asks this peer about the log soon. */
  readonly ask: (from: string, publisher: PublisherId) => void
}

const MAX_WANTED = 4_096
const MAX_TRIES = 6
const FIRST_PAUSE_MS = 100

export class Wanted implements Disposable {
  readonly #options: WantedOptions
  readonly #wants = new Map<PublisherId, Want>()
  readonly #cancels = new Set<() => void>()

  constructor(options: WantedOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#wants.size
  }

  add(publisher: PublisherId, from: string, isPassedOn: boolean): void {
    const before = this.#wants.get(publisher)
    if (before !== undefined) {
      before.from = from
      before.isPassedOn &&= isPassedOn
    } else if (this.#wants.size < MAX_WANTED)
      this.#wants.set(publisher, { from, tries: 0, isPassedOn })
    this.#options.ask(from, publisher)
  }

  /** It has grown here, or is known to be forked. Answers whether others heard of it from those who told us. */
  arrived(publisher: PublisherId): boolean {
    const want = this.#wants.get(publisher)
    this.#wants.delete(publisher)
    return want?.isPassedOn === true
  }

  /** A session about these logs has ended. */
  asked(about: readonly PublisherId[]): void {
    for (const publisher of about) {
      const want = this.#wants.get(publisher)
      if (want === undefined) continue
      want.tries += 1
      if (want.tries >= MAX_TRIES) this.#wants.delete(publisher)
      else this.#askLater(publisher, FIRST_PAUSE_MS * 2 ** (want.tries - 1))
    }
  }

  [Symbol.dispose](): void {
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
    this.#wants.clear()
  }

  #askLater(publisher: PublisherId, pause: number): void {
    const cancel = this.#options.timers.after(pause, () => {
      this.#cancels.delete(cancel)
      const want = this.#wants.get(publisher)
      if (want !== undefined) this.#options.ask(want.from, publisher)
    })
    this.#cancels.add(cancel)
  }
}
