// A network inside one process, for tests and simulations: the same frames, limits and back-pressure as the real one, and
// connections that can be cut. With a seed, frames of different channels overtake one another in a repeatable order.

import { RegistryError } from '../lib/index.ts'
import { FRAME_LIMIT } from '../spec/index.ts'
import { Inbox } from './inbox.ts'
import type { Channel, Network } from './network.ts'
import { gone, tooLarge, unreachable } from './peer-errors.ts'

export interface MemoryHub {
  open(name: string): Network
  /** Breaks every channel between two nodes; dialling fails until `heal`. */
  cut(a: string, b: string): void
  heal(a: string, b: string): void
}

export function createMemoryHub(options: { readonly seed?: number } = {}): MemoryHub {
  const nodes = new Map<string, MemoryNode>()
  const cuts = new Set<string>()
  const wire: Wire = {
    turns: options.seed === undefined ? () => 0 : createTurns(options.seed),
    find: (from, to) => (cuts.has(pairOf(from, to)) ? undefined : nodes.get(to)),
  }
  return {
    open(name) {
      const node = new MemoryNode(name, wire, () => nodes.delete(name))
      nodes.set(name, node)
      return node
    },
    cut(a, b) {
      cuts.add(pairOf(a, b))
      nodes.get(a)?.drop(b)
      nodes.get(b)?.drop(a)
    },
    heal(a, b) {
      cuts.delete(pairOf(a, b))
    },
  }
}

interface Wire {
  readonly turns: () => number
  readonly find: (from: string, to: string) => MemoryNode | undefined
}

class MemoryNode implements Network {
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly #wire: Wire
  readonly #onClose: () => void
  readonly #channels = new Set<MemoryChannel>()
  #handler: ((channel: Channel) => Promise<void>) | undefined

  constructor(name: string, wire: Wire, onClose: () => void) {
    this.peerId = name
    this.addresses = [`memory:${name}`]
    this.#wire = wire
    this.#onClose = onClose
  }

  async dial(address: string, options: { readonly signal?: AbortSignal } = {}): Promise<Channel> {
    options.signal?.throwIfAborted()
    const name = address.replace(/^memory:/, '')
    const other = this.#wire.find(this.peerId, name)
    if (other === undefined) throw unreachable(address, 'no such node')
    const mine = new MemoryChannel(name, this.#wire.turns, (channel) =>
      this.#channels.delete(channel),
    )
    const theirs = new MemoryChannel(this.peerId, this.#wire.turns, (channel) =>
      other.#channels.delete(channel),
    )
    mine.join(theirs)
    theirs.join(mine)
    this.#channels.add(mine)
    other.#accept(theirs)
    return mine
  }

  handle(onChannel: (channel: Channel) => Promise<void>): void {
    this.#handler = onChannel
  }

  drop(name: string): void {
    for (const channel of [...this.#channels]) {
      if (channel.remote === name) channel.abort(gone(name, 'the connection was cut'))
    }
  }

  #accept(channel: MemoryChannel): void {
    const handler = this.#handler
    if (handler === undefined) {
      channel.abort(gone(this.peerId, 'it takes no channels'))
      return
    }
    this.#channels.add(channel)
    setImmediate(() => {
      handler(channel).catch((error: unknown) => channel.abort(error as Error))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#onClose()
    for (const channel of [...this.#channels]) {
      channel.abort(gone(this.peerId, 'its network was closed'))
    }
  }
}

class MemoryChannel implements Channel {
  readonly remote: string
  readonly #turns: () => number
  readonly #onClose: (channel: MemoryChannel) => void
  readonly #inbox: Inbox = new Inbox(() => this.#signalRoom())
  #other: MemoryChannel | undefined
  #closed = false
  #failure: Error | undefined
  #delivered: Promise<void> = Promise.resolve()
  #waiting: (() => void)[] = []

  constructor(remote: string, turns: () => number, onClose: (channel: MemoryChannel) => void) {
    this.remote = remote
    this.#turns = turns
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
    this.#deliver((other) => other.#inbox.push(copy))
    await this.#delivered
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
    this.#delivered = this.#delivered.then(async () => {
      for (let turn = this.#turns(); turn > 0; turn -= 1) await new Promise(setImmediate)
      if (this.#failure === undefined && this.#other !== undefined) act(this.#other)
    })
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

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

/** mulberry32: 0 to 3 turns of the event loop for each frame. */
function createTurns(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) & 3
  }
}
