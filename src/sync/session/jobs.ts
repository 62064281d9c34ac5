// What a session wants done here: looking things up in the store, and bringing logs further. One at a time for each log, in the order
// in which they were wanted.

import { blockOf, cidOf } from '../../cid/index.ts'
import { isJsonObject, parseCanonical, toHex } from '../../lib/index.ts'
import { parseCheckpointUnverified } from '../../log/index.ts'
import {
  giveLacking,
  heldEntries,
  importFork,
  openReplication,
  type Replication,
} from '../../registry/index.ts'
import { isPublisherId, type PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Link } from '../client/link.ts'
import type { HeadSet, HeadView } from '../heads/head-set.ts'
import { digestOf, ownerOf } from '../heads/item.ts'
import type { Timers } from '../timers.ts'
import type { LogWant, Scope, Subject } from '../wire/sync-ops.ts'
import { nextLacking } from './lacking.ts'
import type { Job, Results, Room } from './machine/events.ts'
import { createReconciler, type Reconciler } from './reconciler.ts'

/** Whose logs are fetched (`registry follow`). */
export interface SessionInterest {
  wants(publisher: PublisherId): boolean
  /** What the peer is told of that; undefined for everything. */
  readonly scope?: Scope | undefined
  /** What may still be fetched of a log. */
  roomFor?(publisher: PublisherId): Room
}

export interface Work {
  readonly store: Store
  readonly heads: HeadSet
  /** Of the heads, what the scope leaves. */
  readonly view: HeadView
  readonly interest: SessionInterest
  /** This node's publisher: others are asked about its log only to learn of a second history. */
  readonly own: PublisherId | undefined
  readonly link: Link
  readonly timers: Timers
}

const EVERYTHING: Room = { entries: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER }
/** Logs under way in any session of a node: two that bring the same one would only hinder each other. */
const underWay = new WeakMap<HeadSet, Set<PublisherId>>()

export class Jobs implements Disposable {
  readonly #work: Work
  readonly #reconciler: Reconciler
  readonly #replications = new Map<PublisherId, Replication>()
  readonly #busy: Set<PublisherId>
  /** Those of `#busy` that are this session's. */
  readonly #own = new Set<PublisherId>()
  readonly #last = new Map<PublisherId, Promise<unknown>>()
  /** Of logs that have no head here yet, by the beginning of their id's digest. */
  #partial: ReadonlyMap<string, PublisherId> | undefined

  constructor(work: Work) {
    this.#work = work
    this.#reconciler = createReconciler(work.view.items, work.link.remote)
    this.#busy = underWay.get(work.heads) ?? new Set()
    underWay.set(work.heads, this.#busy)
  }

  /** Throws what the job throws; a log that failed is dropped. */
  async run(job: Job, signal: AbortSignal): Promise<Results[Job['kind']]> {
    switch (job.kind) {
      case 'reconcile':
        return this.#reconciler.next(job.answer)
      case 'lacking':
        return { cids: await nextLacking(this.#work) }
      case 'plan':
        return { wants: await this.#plan(job.hints) }
      case 'fill':
        return await this.#fill(job.blocks)
      case 'fork':
        return await this.#takeFork(job.proof)
      case 'wait':
        return await this.#wait(job.milliseconds, signal)
      case 'open':
        return await this.#inOrder(job.piece.publisher, () => this.#open(job, signal))
      default:
        return await this.#inOrder(job.publisher, () => this.#bring(job))
    }
  }

  [Symbol.dispose](): void {
    for (const publisher of this.#own) this.#busy.delete(publisher)
    this.#replications.clear()
  }

  #inOrder<T>(publisher: PublisherId, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(publisher) ?? Promise.resolve()
    const after = before.then(act, act)
    this.#last.set(publisher, after)
    return after
  }

  async #open(
    { piece, from }: Extract<Job, { kind: 'open' }>,
    signal: AbortSignal,
  ): Promise<Results['open']> {
    const { store, interest, link } = this.#work
    const { publisher, note, consistency } = piece
    if (!this.#isWanted(publisher) || this.#busy.has(publisher)) return { kind: 'unwanted' }
    this.#busy.add(publisher)
    this.#own.add(publisher)
    if ((await heldEntries(store, publisher)) !== from) return { kind: 'moved' }
    const firstPath = async (): Promise<readonly Uint8Array[]> => {
      const at = { publisher, index: 0, size: parseCheckpointUnverified(note, publisher).size }
      return (await link.ask('inclusion', at, { signal })).hashes
    }
    const shown = { publisher, note, consistency, firstPath, label: link.remote }
    const opened = await openReplication(store, shown)
    if (opened.kind !== 'open') return { kind: opened.kind }
    const { replication } = opened
    this.#replications.set(publisher, replication)
    const room = interest.roomFor?.(publisher) ?? EVERYTHING
    return { kind: 'open', from: replication.from, to: replication.to, room }
  }

  async #bring(
    job: Extract<Job, { kind: 'take' | 'give' | 'commit' | 'close' }>,
  ): Promise<Results['take' | 'commit' | 'close']> {
    const { publisher } = job
    if (job.kind === 'close') {
      this.#replications.delete(publisher)
      if (this.#own.delete(publisher)) this.#busy.delete(publisher)
      return undefined
    }
    const replication = this.#replications.get(publisher)
    if (replication === undefined) return 'done'
    if (job.kind === 'commit') return await replication.commit(job.proof)
    if (job.kind === 'give') {
      replication.lack(job.lacking)
      const wanted = job.blocks.length === 0 ? [] : await replication.give(job.blocks.map(blockOf))
      return { wanted, blocks: job.blocks.length, staged: stagedIn(replication) }
    }
    const wanted = new Set(await replication.take(job.entries))
    // Those that came unasked with the entries: what is not wanted of them is dropped.
    const came = job.blocks.map(blockOf).filter(({ cid }) => wanted.delete(cid))
    const more = came.length === 0 ? [] : await replication.give(came)
    return { wanted: [...wanted, ...more], blocks: came.length, staged: stagedIn(replication) }
  }

  async #plan(hints: readonly Subject[]): Promise<readonly LogWant[]> {
    const { store } = this.#work
    const wants: LogWant[] = []
    for (const hint of hints) {
      const publisher = hint.publisher ?? (await this.#publisherOf(hint.item))
      if (publisher === undefined) wants.push({ item: hint.item, from: 0 })
      else if (this.#isWanted(publisher)) {
        wants.push({ publisher, from: await heldEntries(store, publisher) })
      }
    }
    return wants
  }

  #isWanted(publisher: PublisherId): boolean {
    return publisher === this.#work.own || this.#work.interest.wants(publisher)
  }

  async #publisherOf(item: Uint8Array | undefined): Promise<PublisherId | undefined> {
    const { heads, store } = this.#work
    if (item === undefined) return undefined
    const known = heads.publisherOf(item)
    if (known !== undefined) return known
    if (this.#partial === undefined) {
      const found = new Map<string, PublisherId>()
      for await (const { key } of store.listRecords('partial')) {
        if (isPublisherId(key))
          found.set(toHex(digestOf(key).subarray(0, ownerOf(item).length)), key)
      }
      this.#partial = found
    }
    return this.#partial.get(toHex(ownerOf(item)))
  }

  async #fill(blocks: readonly Uint8Array[]): Promise<Results['fill']> {
    const { store } = this.#work
    // Another session may have brought some of them meanwhile.
    const held = await store.hasBlocks(blocks.map((block) => cidOf(block)))
    const missing = blocks.filter((_, i) => held[i] !== true)
    const wanted = missing.length === 0 ? [] : await giveLacking(store, missing)
    return { wanted, blocks: missing.length }
  }

  /** Whoever mints publishers can make them fork at will: only of those that matter here a proof is kept. */
  async #takeFork(proof: Uint8Array): Promise<Results['fork']> {
    const { store, heads } = this.#work
    const fields = parseCanonical(proof)
    const publisher = isJsonObject(fields) ? fields.publisher : undefined
    const matters =
      !isPublisherId(publisher) ||
      this.#isWanted(publisher) ||
      heads.itemOf(publisher) !== undefined
    if (!matters) return { publisher: undefined }
    const { fork, isNew } = await importFork(store, proof)
    return { publisher: isNew ? fork.publisher : undefined }
  }

  #wait(milliseconds: number, signal: AbortSignal): Promise<undefined> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        stop()
        reject(signal.reason)
      }
      const stop = this.#work.timers.after(milliseconds, () => {
        signal.removeEventListener('abort', onAbort)
        resolve(undefined)
      })
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}

function stagedIn({ stagedBytes: bytes, stagedEntries: entries }: Replication): {
  readonly bytes: number
  readonly entries: number
} {
  return { bytes, entries }
}
