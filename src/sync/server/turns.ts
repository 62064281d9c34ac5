// What all peers together may cost a node at one time: so many answers in the making, of each peer in turn, and so many bytes of questions
// and answers that wait. Without it, a crowd that asks for much and reads nothing would fill the memory, each within its own budget (T36).

import { RegistryError } from '../../lib/index.ts'
import { createShares } from './shares.ts'

export interface Room {
  /**
   * Resolves when an answer may be made; call what it resolves to afterwards, once or more. Who was given least lately goes first, however much
   * each of them asks; who does not take its answers has none until it does.
   */
  turn(remote: string, signal: AbortSignal): Promise<() => void>
  /** Bytes of a question or an answer that waits, until the returned function is called. Who holds most is given up first. */
  hold(remote: string, held: Held): () => void
}

export interface Held {
  readonly kind: 'question' | 'answer'
  readonly bytes: number
  readonly giveUp: (error: RegistryError) => void
}

export interface RoomLimits {
  readonly turns: number
  readonly bytes: number
  /** Of answers that one peer has not taken: from there on, no more are made for it. */
  readonly untaken?: number
}

/** The store is read and hashed in this thread: more at once would not be quicker, and everything else waits for it. */
const DEFAULT_ROOM: RoomLimits = { turns: 4, bytes: 32 * 1024 * 1024 }
/** As much as a distant peer with a quick link has on its way. */
const UNTAKEN = 4 * 1024 * 1024

export function createRoom(limits: RoomLimits = DEFAULT_ROOM): Room {
  const { untaken: most = UNTAKEN } = limits
  let running = 0
  let held = 0
  /** Who waits, in the order of their next turn. */
  const waiting = new Map<string, readonly (() => void)[]>()
  const holding = new Map<string, Set<Held>>()
  const shares = createShares()

  function isSated(remote: string): boolean {
    let bytes = 0
    for (const one of holding.get(remote) ?? []) if (one.kind === 'answer') bytes += one.bytes
    return bytes >= most
  }

  /**
   * The place goes to who is next without being free in between, in a turn of the event loop of its own: a thousand questions that wait must not
   * be answered in one go, while no socket is read.
   */
  function release(): void {
    if (waiting.size === 0) running -= 1
    else setImmediate(pass)
  }

  function pass(): void {
    const remote = shares.least([...waiting.keys()].filter((one) => !isSated(one)))
    if (remote === undefined) {
      running -= 1
      return
    }
    const [go, ...rest] = waiting.get(remote) ?? []
    waiting.delete(remote)
    if (rest.length > 0) waiting.set(remote, rest)
    go?.()
  }

  /** Somebody has taken an answer, and may have waited for that alone. */
  function wake(): void {
    if (waiting.size === 0 || running >= limits.turns) return
    running += 1
    setImmediate(pass)
  }

  function wait(remote: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = (): void => {
        const queue = (waiting.get(remote) ?? []).filter((one) => one !== go)
        if (queue.length > 0) waiting.set(remote, queue)
        else waiting.delete(remote)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.set(remote, [...(waiting.get(remote) ?? []), go])
    })
  }

  /** The oldest of whoever keeps most waiting: who reads is not that one. */
  function makeRoom(): void {
    let largest: { readonly remote: string; readonly bytes: number } | undefined
    for (const [remote, set] of holding) {
      const bytes = [...set].reduce((sum, one) => sum + one.bytes, 0)
      if (largest === undefined || bytes > largest.bytes) largest = { remote, bytes }
    }
    const [oldest] = holding.get(largest?.remote ?? '') ?? []
    oldest?.giveUp(untaken(largest?.remote ?? '', limits.bytes))
  }

  return {
    async turn(remote, signal) {
      signal.throwIfAborted()
      if (running < limits.turns && !isSated(remote)) running += 1
      else await wait(remote, signal)
      let isOver = false
      return () => {
        if (!isOver) release()
        isOver = true
      }
    },
    hold(remote, one) {
      const own = holding.get(remote) ?? new Set()
      holding.set(remote, own.add(one))
      if (one.kind === 'answer') shares.gave(remote, one.bytes)
      held += one.bytes
      if (held > limits.bytes) makeRoom()
      return () => {
        if (!own.delete(one)) return
        held -= one.bytes
        if (own.size === 0) holding.delete(remote)
        wake()
      }
    },
  }
}

function untaken(remote: string, limit: number): RegistryError {
  return new RegistryError('PEER_LIMIT', `The peer ${remote} does not take its answers.`, {
    expected: `at most ${limit} bytes that wait for all peers`,
    got: 'more, and most of them for this one',
    next: 'Ask for less at a time, and read what was answered.',
  })
}
