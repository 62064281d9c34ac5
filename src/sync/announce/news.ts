// News not looked at yet: who has a newer head, and from whom that was heard; at most so many. What no longer fits is not lost: one
// word that something was, upon which everything is reconciled with whoever said it.

import type { PublisherId } from '../../spec/index.ts'

export type NewsItem =
  /** A proof is kept here already: others are told, and people. */
  | { readonly kind: 'fork'; readonly publisher: PublisherId; readonly from: string }
  | ({ readonly kind: 'head'; readonly publisher: PublisherId } & Heard)
  /** More than could be kept: reconcile with these peers. */
  | { readonly kind: 'overflow'; readonly from: readonly string[] }

interface Heard {
  readonly from: string
  /** Others hear of it without this node. What could not be verified yet has stopped here. */
  readonly isPassedOn: boolean
}

export interface NewsQueue {
  /** Forks first, then an overflow, then heads in the order they came. */
  take(): NewsItem | undefined
  /** Heads by the one peer that is asked: the first `most`, in order; they leave the queue. */
  takeFrom(peer: string, most: number): readonly PublisherId[]
  readonly size: number
  /** Called, at most once until something is taken, when there is something to take. Answers how to stop it. */
  onNews(handler: () => void): () => void
}

const PUBLISHERS = 4_096
const PEERS = 64

export class BoundedNews implements NewsQueue {
  readonly #limit: number
  readonly #forks = new Map<PublisherId, string>()
  readonly #heads = new Map<PublisherId, Heard>()
  readonly #overflow = new Set<string>()
  readonly #handlers = new Set<() => void>()
  #isTold = false

  constructor(limit: number = PUBLISHERS) {
    this.#limit = limit
  }

  get size(): number {
    return this.#forks.size + this.#heads.size + (this.#overflow.size > 0 ? 1 : 0)
  }

  /** The newest teller is asked: the one before may have been ahead of nobody. */
  addHead(publisher: PublisherId, from: string, isPassedOn: boolean): void {
    if (this.#heads.has(publisher) || this.#heads.size < this.#limit) {
      this.#heads.set(publisher, { from, isPassedOn })
    } else this.#flood(from)
    this.#tell()
  }

  addFork(publisher: PublisherId, from: string): void {
    if (this.#forks.size < this.#limit) this.#forks.set(publisher, from)
    else this.#flood(from)
    this.#tell()
  }

  take(): NewsItem | undefined {
    this.#isTold = false
    const [fork] = this.#forks
    if (fork !== undefined) {
      this.#forks.delete(fork[0])
      return { kind: 'fork', publisher: fork[0], from: fork[1] }
    }
    if (this.#overflow.size > 0) {
      const from = [...this.#overflow]
      this.#overflow.clear()
      return { kind: 'overflow', from }
    }
    const [head] = this.#heads
    if (head === undefined) return undefined
    this.#heads.delete(head[0])
    return { kind: 'head', publisher: head[0], ...head[1] }
  }

  takeFrom(peer: string, most: number): readonly PublisherId[] {
    const taken: PublisherId[] = []
    for (const [publisher, { from }] of this.#heads) {
      if (taken.length === most) break
      if (from === peer) taken.push(publisher)
    }
    for (const publisher of taken) this.#heads.delete(publisher)
    return taken
  }

  onNews(handler: () => void): () => void {
    this.#handlers.add(handler)
    return () => this.#handlers.delete(handler)
  }

  #flood(from: string): void {
    if (this.#overflow.size < PEERS) this.#overflow.add(from)
  }

  #tell(): void {
    if (this.#isTold) return
    this.#isTold = true
    for (const handler of [...this.#handlers]) handler()
  }
}
