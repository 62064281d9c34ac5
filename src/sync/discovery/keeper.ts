// Keeping connected: configured peers always, others up to a number, chosen from different networks (T37). Who cannot be reached is
// tried again later and later. What is said over the connections is no concern of this file.

import { isRegistryError } from '../../lib/index.ts'
import type { Store } from '../../store/index.ts'
import type { ConnectedPeer, Network } from '../network.ts'
import { systemTimers, type Timers } from '../timers.ts'
import { createBackOff } from './back-off.ts'
import { type Candidate, Candidates } from './candidates.ts'
import { type HowFound, listPeers, rememberPeer } from './known-peers.ts'
import { subnetOf } from './subnet.ts'

export interface KeeperOptions {
  readonly store: Store
  /** Addresses, complete with the peer id; those added with `registry peer add` are kept too. */
  readonly configured?: readonly string[]
  /** Dialled while there are fewer connections than `enough`. */
  readonly bootstrap?: readonly string[]
  /** Connections to aim for beside the configured ones. */
  readonly enough?: number
  /** Of these, at most so many dialled in one /16. */
  readonly perSubnet?: number
  readonly everyMs?: number
  readonly timers?: Timers
  readonly now?: () => Date
  readonly random?: () => number
}

export interface Keeper extends AsyncDisposable {
  /** Looks now instead of at the next round; resolves when all dials of it have ended. */
  round(): Promise<void>
}

const ROUND_MS = 5_000
/** Dials at a time: each is some milliseconds of CPU. */
const DIALS = 4
/** A peer found by chance that cannot be reached so often is forgotten. */
const PATIENCE = 4

/** Rounds go on until it is disposed. Answers without waiting for the first. */
export function startKeeper(network: Network, options: KeeperOptions): Keeper {
  const keeper = new PeerKeeper(network, options)
  keeper.start()
  return keeper
}

class PeerKeeper implements Keeper {
  readonly #network: Network
  readonly #options: KeeperOptions
  readonly #timers: Timers
  readonly #backOff: ReturnType<typeof createBackOff>
  readonly #candidates = new Candidates()
  readonly #ending = new AbortController()
  readonly #unsubscribe: (() => void)[] = []
  readonly #remembering = new Set<Promise<void>>()
  /** How each peer that was dialled was found. */
  readonly #how = new Map<string, HowFound>()
  readonly #dialling = new Set<string>()
  #running: Promise<void> | undefined
  #stopTimer: () => void = () => {}

  constructor(network: Network, options: KeeperOptions) {
    this.#network = network
    this.#options = options
    this.#timers = options.timers ?? systemTimers
    this.#backOff = createBackOff(this.#timers, options.random)
  }

  start(): void {
    const stopFound = this.#network.onFound?.((peer) => {
      if (peer.peerId !== this.#network.peerId) this.#candidates.add(peer)
    })
    if (stopFound !== undefined) this.#unsubscribe.push(stopFound)
    this.#unsubscribe.push(
      this.#network.onPeer(({ kind, peer }) => kind === 'connected' && this.#remember(peer)),
    )
    this.#schedule(0)
  }

  round(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    this.#stopTimer()
    for (const stop of this.#unsubscribe) stop()
    await this.#running?.catch(() => undefined)
    await Promise.allSettled(this.#remembering)
  }

  #schedule(milliseconds: number): void {
    this.#stopTimer = this.#timers.after(milliseconds, () => {
      if (this.#ending.signal.aborted) return
      // A store that cannot be read now can be in the next round.
      void this.round()
        .catch(() => undefined)
        .then(() => this.#schedule(this.#options.everyMs ?? ROUND_MS))
    })
  }

  async #round(): Promise<void> {
    const { store, configured = [], bootstrap = [], enough = 8 } = this.#options
    const known = await listPeers(store)
    const added = known.filter(({ how }) => how === 'added')
    const kept = [...configured.map((address) => named(address, 'added')), ...added]
    await this.#dialAll(kept, Number.POSITIVE_INFINITY)
    const isKept = new Set(kept.map(({ peerId }) => peerId))
    const missing = enough - this.#network.peers().filter((peer) => !isKept.has(peer.peerId)).length
    const remembered = known.filter(({ how }) => how !== 'added')
    const others = [...this.#candidates.list(), ...remembered]
    const dialled = await this.#dialAll(others, missing)
    const starting = bootstrap.map((address) => named(address, 'bootstrap'))
    await this.#dialAll(starting, missing - dialled)
  }

  /** How many were reached. */
  async #dialAll(candidates: readonly Candidate[], most: number): Promise<number> {
    let reached = 0
    let next = 0
    const work = async (): Promise<void> => {
      while (reached < most && !this.#ending.signal.aborted) {
        const candidate = candidates[next]
        next += 1
        if (candidate === undefined) return
        if (await this.#dial(candidate, most !== Number.POSITIVE_INFINITY)) reached += 1
      }
    }
    await Promise.all(Array.from({ length: Math.min(DIALS, Math.max(0, most)) }, work))
    return reached
  }

  async #dial(candidate: Candidate, isChoosy: boolean): Promise<boolean> {
    const { peerId, addresses, how } = candidate
    const isConnected = this.#network.peers().some((peer) => peer.peerId === peerId)
    if (isConnected || peerId === this.#network.peerId || !this.#backOff.mayTry(peerId))
      return false
    if (isChoosy && addresses.every((address) => this.#isCrowded(address))) return false
    this.#how.set(peerId, how)
    for (const address of addresses) {
      if (this.#ending.signal.aborted) return false
      if (isChoosy && this.#isCrowded(address)) continue
      this.#dialling.add(address)
      try {
        await this.#network.connect(address, { signal: this.#ending.signal })
        this.#backOff.worked(peerId)
        return true
      } catch (error) {
        if (!isRegistryError(error) && !this.#ending.signal.aborted) throw error
      } finally {
        this.#dialling.delete(address)
      }
    }
    if (this.#backOff.failed(peerId) >= PATIENCE) this.#candidates.remove(peerId)
    this.#how.delete(peerId)
    return false
  }

  #isCrowded(address: string): boolean {
    const subnet = subnetOf(address)
    if (subnet === undefined) return false
    const peers = this.#network.peers().filter(({ direction }) => direction === 'outbound')
    const dialled = [...this.#dialling, ...peers.map((peer) => peer.address)]
    const there = dialled.filter((other) => subnetOf(other) === subnet)
    return there.length >= (this.#options.perSubnet ?? 2)
  }

  #remember({ peerId, address, direction }: ConnectedPeer): void {
    const how = this.#how.get(peerId)
    this.#how.delete(peerId)
    // Where an incoming connection came from is not where that peer listens.
    if (how === undefined || direction === 'inbound') return
    const complete = address.includes('/p2p/') ? address : `${address}/p2p/${peerId}`
    const now = this.#options.now?.() ?? new Date()
    const work: Promise<void> = rememberPeer(
      this.#options.store,
      { peerId, address: complete, how },
      now,
    )
      .catch(() => undefined)
      .finally(() => this.#remembering.delete(work))
    this.#remembering.add(work)
  }
}

function named(address: string, how: HowFound): Candidate {
  return { peerId: /\/p2p\/([^/]+)$/.exec(address)?.[1] ?? address, addresses: [address], how }
}
