// A network inside one process, for tests and simulations: the same frames, limits and back-pressure as the real one, and
// connections that can be cut. With a seed, frames of different channels overtake one another in a repeatable order.

import { createRandom } from '../lib/index.ts'
import type { Announcer } from './announce/announcer.ts'
import { MemoryAnnouncer } from './memory-announcer.ts'
import { MemoryChannel, type Transit } from './memory-channel.ts'
import type { Channel, ConnectedPeer, Network, PeerEvent } from './network.ts'
import { gone, unreachable } from './peer-errors.ts'

export interface MemoryHub {
  open(name: string): Network
  /** Breaks the connection between two nodes and every channel in it; dialling fails until `heal`. */
  cut(a: string, b: string): void
  heal(a: string, b: string): void
}

export interface MemoryHubOptions {
  readonly seed?: number
  /** Share of announcements lost on each hop, 0 to 1; which ones follows from the seed. */
  readonly loss?: number
  /** How long an announcement takes from one node to the next. */
  readonly delay?: (from: string, to: string) => Promise<void>
  /** How long everything else takes: dialling there and back, and each frame. Frames of one channel stay in order. */
  readonly latency?: (from: string, to: string) => Promise<void>
}

export function createMemoryHub(options: MemoryHubOptions = {}): MemoryHub {
  const nodes = new Map<string, MemoryNode>()
  const cuts = new Set<string>()
  const { seed, loss = 0, delay = () => new Promise(setImmediate) } = options
  const turn = createRandom(seed ?? 0)
  const chance = createRandom((seed ?? 0) ^ 0x5bd1e995)
  const wire: Wire = {
    turns: seed === undefined ? () => 0 : () => Math.floor(turn() * 2 ** 32) & 3,
    loses: () => loss > 0 && chance() < loss,
    delay,
    latency: options.latency,
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
  readonly loses: () => boolean
  readonly delay: (from: string, to: string) => Promise<void>
  readonly latency: ((from: string, to: string) => Promise<void>) | undefined
  readonly find: (from: string, to: string) => MemoryNode | undefined
}

class MemoryNode implements Network {
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly #wire: Wire
  readonly #onClose: () => void
  readonly #channels = new Set<MemoryChannel>()
  readonly #peers = new Map<string, ConnectedPeer>()
  readonly #listeners = new Set<(event: PeerEvent) => void>()
  readonly #announcer: MemoryAnnouncer
  #handler: ((channel: Channel) => Promise<void>) | undefined
  #isClosed = false

  constructor(name: string, wire: Wire, onClose: () => void) {
    this.peerId = name
    this.addresses = [`memory:${name}`]
    this.#wire = wire
    this.#onClose = onClose
    this.#announcer = new MemoryAnnouncer((message, from) => this.#gossip(message, from))
  }

  get announcer(): Announcer {
    return this.#announcer
  }

  async connect(
    address: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ConnectedPeer> {
    options.signal?.throwIfAborted()
    const name = address.replace(/^memory:/, '')
    if (!this.#peers.has(name)) {
      await this.#wire.latency?.(this.peerId, name)
      await this.#wire.latency?.(name, this.peerId)
      options.signal?.throwIfAborted()
    }
    const other = this.#isClosed ? undefined : this.#wire.find(this.peerId, name)
    if (other === undefined) throw unreachable(address, 'no such node')
    other.#meet(this.peerId, 'inbound')
    return this.#meet(name, 'outbound')
  }

  async disconnect(peerId: string): Promise<void> {
    this.drop(peerId)
    this.#wire.find(this.peerId, peerId)?.drop(this.peerId)
  }

  peers(): readonly ConnectedPeer[] {
    return [...this.#peers.values()]
  }

  onPeer(handler: (event: PeerEvent) => void): () => void {
    this.#listeners.add(handler)
    return () => this.#listeners.delete(handler)
  }

  async dial(address: string, options: { readonly signal?: AbortSignal } = {}): Promise<Channel> {
    const { peerId: name } = await this.connect(address, options)
    const other = this.#wire.find(this.peerId, name)
    if (other === undefined) throw unreachable(address, 'no such node')
    const mine = new MemoryChannel(name, this.#transitTo(name), (channel) =>
      this.#channels.delete(channel),
    )
    const theirs = new MemoryChannel(this.peerId, other.#transitTo(this.peerId), (channel) =>
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
    const peer = this.#peers.get(name)
    this.#peers.delete(name)
    if (peer !== undefined) this.#tell({ kind: 'gone', peer })
  }

  #transitTo(name: string): Transit {
    const { turns, latency } = this.#wire
    return latency === undefined ? { turns } : { latency: () => latency(this.peerId, name) }
  }

  #meet(name: string, direction: ConnectedPeer['direction']): ConnectedPeer {
    const known = this.#peers.get(name)
    if (known !== undefined) return known
    const peer = { peerId: name, address: `memory:${name}`, direction }
    this.#peers.set(name, peer)
    this.#tell({ kind: 'connected', peer })
    return peer
  }

  #tell(event: PeerEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event)
      } catch {
        // A listener's own business.
      }
    }
  }

  #gossip(message: Uint8Array, from: string | undefined): void {
    for (const name of this.#peers.keys()) {
      if (name === from || this.#wire.loses()) continue
      void this.#wire.delay(this.peerId, name).then(() => {
        const other = this.#peers.has(name) ? this.#wire.find(this.peerId, name) : undefined
        if (other !== undefined) void other.#announcer.take(message.slice(), this.peerId)
      })
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
    this.#isClosed = true
    this.#onClose()
    for (const name of [...this.#peers.keys()]) {
      this.#wire.find(this.peerId, name)?.drop(this.peerId)
      this.drop(name)
    }
    for (const channel of [...this.#channels]) {
      channel.abort(gone(this.peerId, 'its network was closed'))
    }
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
