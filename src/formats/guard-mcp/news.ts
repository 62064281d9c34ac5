// A server’s word that its list has changed: it is looked at soon, also when nobody calls, and the client hears of it after that,
// once, however often the server says so.

import type { Message } from './wire.ts'

/** Between two looks, so that a server that says it without end costs little. */
const PAUSE = 1_000

export interface News {
  take(notice: Message): void
  close(): void
}

interface Handlers {
  look(): Promise<unknown>
  pass(notice: Message): void
  onError(error: unknown): void
}

export function createNews({ look, pass, onError }: Handlers): News {
  let timer: NodeJS.Timeout | undefined
  let last = Number.NEGATIVE_INFINITY
  const handle = async (notice: Message): Promise<void> => {
    timer = undefined
    last = performance.now()
    try {
      await look()
    } catch (error) {
      onError(error)
    }
    pass(notice)
  }
  return {
    take: (notice) => {
      const pause = Math.max(0, last + PAUSE - performance.now())
      timer ??= setTimeout(() => void handle(notice), pause).unref()
    },
    close: () => clearTimeout(timer),
  }
}
