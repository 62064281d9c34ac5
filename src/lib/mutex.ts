// Named first-come, first-served locks within one process. Nothing is re-entrant: a holder that asks again waits for itself.

interface Turn {
  readonly start: () => void
}

export interface Locks {
  /** Waits for its turn. An aborted signal rejects with the signal's reason and gives up the place in the queue. */
  lock(name: string, options?: { readonly signal?: AbortSignal }): Promise<AsyncDisposable>
}

export function createLocks(): Locks {
  /** name → who waits behind the holder; a name without an entry is free. */
  const queues = new Map<string, Turn[]>()

  function release(name: string): void {
    const queue = queues.get(name)
    const next = queue?.shift()
    if (next === undefined) queues.delete(name)
    else next.start()
  }

  function holding(name: string): AsyncDisposable {
    let held = true
    return {
      async [Symbol.asyncDispose](): Promise<void> {
        if (!held) return
        held = false
        release(name)
      },
    }
  }

  async function lock(
    name: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<AsyncDisposable> {
    const { signal } = options
    signal?.throwIfAborted()
    const queue = queues.get(name)
    if (queue === undefined) queues.set(name, [])
    else await waitForTurn(queue, signal)
    return holding(name)
  }

  return { lock }
}

function waitForTurn(queue: Turn[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const turn: Turn = {
      start: () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      },
    }
    const giveUp = (): void => {
      queue.splice(queue.indexOf(turn), 1)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    queue.push(turn)
  })
}
