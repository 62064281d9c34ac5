// The answers by which two nodes agree (docs/protocol.md, "Synchronizing"), for one channel: what its client cares about is kept here,
// and forgotten with the channel.

import { RegistryError } from '../../lib/index.ts'
import type { Source } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { HeadView } from '../heads/head-set.ts'
import { answerReconcile } from '../reconcile/reconcile.ts'
import { encodeError, encodeOk, type Request } from '../wire/messages.ts'
import type { Answers, Asks } from '../wire/ops.ts'
import type { Subject, SyncAsks } from '../wire/sync-ops.ts'
import { packLogs } from './pack-logs.ts'
import { publisherIn, type Sharing } from './sharing.ts'

export type SyncRequest = Extract<Request, { readonly op: keyof SyncAsks }>

const SCOPE_PUBLISHERS = 10_000
const SCOPE_NAMESPACES = 64
const FORKS_BYTES = 512 * 1024
/** A byte of a message of fingerprints makes this node sum up items for as long as it takes to send so many. */
const RECONCILE_WEIGHT = 64

const OPS: readonly string[] = [
  'scope',
  'reconcile',
  'logs',
  'forks',
  'follows',
] satisfies readonly (keyof SyncAsks)[]

export function isSyncRequest(request: Request): request is SyncRequest {
  return OPS.includes(request.op)
}

/** What a request costs beside the bytes of its answer. */
export function weightOf(request: SyncRequest): number {
  return request.op === 'reconcile' ? request.ask.message.length * RECONCILE_WEIGHT : 0
}

export class SyncDesk implements Disposable {
  readonly #sharing: Sharing
  readonly #source: Source
  readonly #publishers = new Set<PublisherId>()
  readonly #namespaces = new Set<string>()
  #isScoped = false
  #view: Promise<HeadView & Disposable> | undefined

  constructor(sharing: Sharing, source: Source) {
    this.#sharing = sharing
    this.#source = source
  }

  /** A scope holds for every request that came after it, also while it is still being answered. */
  async answer(request: SyncRequest, signal: AbortSignal): Promise<Uint8Array> {
    const { id } = request
    switch (request.op) {
      case 'scope':
        if (this.#setScope(request.ask)) return encodeOk<'scope'>(id, {})
        return encodeError(id, 'PEER_LIMIT', 'This node keeps a smaller scope for each peer.')
      case 'reconcile': {
        const { items } = await this.#openView()
        return this.#reconcile(id, items, request.ask.message)
      }
      case 'logs': {
        const view = await this.#openView()
        const logs = await packLogs(
          { source: this.#source, view, wants: request.ask.wants },
          signal,
        )
        return encodeOk<'logs'>(id, { logs })
      }
      case 'forks':
        return encodeOk<'forks'>(id, await this.#forks(request.ask.wants))
      case 'follows': {
        const told = await this.#sharing.follows?.()
        if (told !== undefined) return encodeOk<'follows'>(id, told)
        return encodeError(id, 'NOT_FOUND', 'This node does not tell whom it follows.')
      }
      default:
        throw new RegistryError('UNEXPECTED', `An op has no answer: ${String(request)}.`)
    }
  }

  [Symbol.dispose](): void {
    this.#closeView()
  }

  #reconcile(id: number, items: HeadView['items'], message: Uint8Array): Uint8Array {
    try {
      return encodeOk<'reconcile'>(id, { message: answerReconcile(items, message) })
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== 'MESSAGE_INVALID') throw error
      return encodeError(id, 'MESSAGE_INVALID', error.message)
    }
  }

  async #forks(wants: readonly Subject[]): Promise<Answers['forks']> {
    const view = await this.#openView()
    const proofs: (Uint8Array | null)[] = []
    let bytes = 0
    for (const want of wants) {
      const publisher = publisherIn(view, want)
      const proof = publisher === undefined ? undefined : await this.#sharing.findFork(publisher)
      bytes += proof?.length ?? 0
      if (bytes > FORKS_BYTES && proofs.length > 0) break
      proofs.push(proof ?? null)
    }
    return { proofs }
  }

  #setScope({ publishers, namespaces, more }: Asks['scope']): boolean {
    if (more !== true) {
      this.#publishers.clear()
      this.#namespaces.clear()
    }
    for (const publisher of publishers) this.#publishers.add(publisher)
    for (const namespace of namespaces) this.#namespaces.add(namespace)
    // An empty one takes an earlier one back.
    this.#isScoped = this.#publishers.size + this.#namespaces.size > 0
    this.#closeView()
    const fits =
      this.#publishers.size <= SCOPE_PUBLISHERS && this.#namespaces.size <= SCOPE_NAMESPACES
    if (!fits) {
      this.#publishers.clear()
      this.#namespaces.clear()
    }
    return fits
  }

  /** Nothing is read until it is needed: who only sends scopes costs a set of ids. */
  #openView(): Promise<HeadView> {
    const { heads } = this.#sharing
    if (!this.#isScoped) return Promise.resolve(heads)
    this.#view ??= heads.openView({
      publishers: [...this.#publishers],
      namespaces: [...this.#namespaces],
    })
    return this.#view
  }

  #closeView(): void {
    void this.#view?.then((view) => view[Symbol.dispose]()).catch(() => undefined)
    this.#view = undefined
  }
}
