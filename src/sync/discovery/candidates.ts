// Peers that could be dialled, found or remembered: at most so many, and of one network only a few, so that whoever has many addresses
// there does not crowd out the rest (T37).

import type { HowFound } from './known-peers.ts'
import { subnetOf } from './subnet.ts'

export interface Candidate {
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly how: HowFound
}

const MOST = 512
const MOST_PER_SUBNET = 16

export class Candidates {
  readonly #byId = new Map<string, Candidate>()
  readonly #subnets = new Map<string, readonly string[]>()

  get size(): number {
    return this.#byId.size
  }

  add(candidate: Candidate): void {
    if (candidate.addresses.length === 0) return
    const isNew = !this.#byId.has(candidate.peerId)
    const subnets = subnetsOf(candidate)
    if (isNew && this.#countIn(subnets) >= MOST_PER_SUBNET) return
    this.remove(candidate.peerId)
    this.#byId.set(candidate.peerId, candidate)
    this.#subnets.set(candidate.peerId, subnets)
    const [oldest] = this.#byId.keys()
    if (this.#byId.size > MOST && oldest !== undefined) this.remove(oldest)
  }

  remove(peerId: string): void {
    this.#byId.delete(peerId)
    this.#subnets.delete(peerId)
  }

  /** The newest first. */
  list(): readonly Candidate[] {
    return [...this.#byId.values()].reverse()
  }

  #countIn(subnets: readonly string[]): number {
    if (subnets.length === 0) return 0
    const others = [...this.#subnets.values()]
    return others.filter((other) => other.some((subnet) => subnets.includes(subnet))).length
  }
}

function subnetsOf({ addresses }: Pick<Candidate, 'addresses'>): readonly string[] {
  return addresses.flatMap((address) => subnetOf(address) ?? [])
}
