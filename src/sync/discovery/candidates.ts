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

  get size(): number {
    return this.#byId.size
  }

  add(candidate: Candidate): void {
    if (candidate.addresses.length === 0) return
    const isNew = !this.#byId.has(candidate.peerId)
    if (isNew && this.#countIn(subnetsOf(candidate)) >= MOST_PER_SUBNET) return
    this.#byId.delete(candidate.peerId)
    this.#byId.set(candidate.peerId, candidate)
    const [oldest] = this.#byId.keys()
    if (this.#byId.size > MOST && oldest !== undefined) this.#byId.delete(oldest)
  }

  remove(peerId: string): void {
    this.#byId.delete(peerId)
  }

  /** The newest first. */
  list(): readonly Candidate[] {
    return [...this.#byId.values()].reverse()
  }

  #countIn(subnets: readonly string[]): number {
    let count = 0
    for (const other of this.#byId.values()) {
      if (subnetsOf(other).some((subnet) => subnets.includes(subnet))) count += 1
    }
    return count
  }
}

function subnetsOf({ addresses }: Pick<Candidate, 'addresses'>): readonly string[] {
  return addresses.flatMap((address) => subnetOf(address) ?? [])
}
