// The set of heads that a node agrees on with its peers: one item for each log held here, or for the proof that it is forked. Kept
// in memory, about 130 bytes a log, and current with the store. Logs of private namespaces are in no set and no view (T13).

import { findHead, type LogHead, listHeads } from '../../log/index.ts'
import { forkKey } from '../../resolve/index.ts'
import { isPublisherId, type PublisherId } from '../../spec/index.ts'
import type { Change, Store } from '../../store/index.ts'
import { createItemSet, type ItemSet, type Items } from '../reconcile/item-set.ts'
import { digestOf, forkItem, headItem, ownerOf, publisherOfDigest, startsOf } from './item.ts'
import { indexNamespaces, type NamespaceIndex, publisherIn } from './namespaces.ts'
import { withdraws } from './withdraws.ts'

/** What a peer cares about: these publishers, and all who have released under these namespaces. */
export interface HeadScope {
  readonly publishers: readonly PublisherId[]
  readonly namespaces: readonly string[]
}

export interface HeadView {
  /** To be reconciled. Changes with the store. */
  readonly items: Items
  /** Whose log an item is about, of a state held here or any other; undefined for logs that are not in this view. */
  publisherOf(item: Uint8Array): PublisherId | undefined
  /** Undefined for logs that are not in this view. */
  itemOf(publisher: PublisherId): Uint8Array | undefined
}

export interface HeadSet extends HeadView {
  /** Only what is in the scope; costs memory and work with every change until it is disposed. */
  openView(scope: HeadScope): Promise<HeadView & Disposable>
  /** To be called after every commit; current when it resolves. Never throws: a head that cannot be read leaves the set. */
  note(change: Change): Promise<void>
}

export interface HeadSetOptions {
  /** Namespaces that no peer hears of. */
  readonly hidden?: readonly string[]
}

/** What is committed before this resolves may be missing: open it before anybody else has the store. */
export async function openHeadSet(
  store: Store,
  { hidden = [] }: HeadSetOptions = {},
): Promise<HeadSet> {
  const namespaces = indexNamespaces(store)
  const members = await Promise.all(hidden.map((one) => namespaces.publishersIn(one)))
  const set = new StoredHeads(store, namespaces, members)
  await set.load()
  return set
}

class StoredHeads implements HeadSet {
  readonly items: ItemSet = createItemSet()
  /** The publishers’ digests: an item has only their beginning. */
  readonly #digests: ItemSet = createItemSet()
  readonly #store: Store
  readonly #namespaces: NamespaceIndex
  readonly #hidden: readonly ReadonlySet<PublisherId>[]
  readonly #views = new Set<ScopedHeads>()
  /** One after another: a head read earlier must not replace one read later. */
  #noting: Promise<void> = Promise.resolve()

  constructor(
    store: Store,
    namespaces: NamespaceIndex,
    hidden: readonly ReadonlySet<PublisherId>[],
  ) {
    this.#store = store
    this.#namespaces = namespaces
    this.#hidden = hidden
  }

  async load(): Promise<void> {
    for await (const head of listHeads(this.#store)) {
      this.#set(head.publisher, await this.#itemOf(head).catch(() => undefined))
    }
    for await (const { key } of this.#store.listRecords('fork')) {
      if (isPublisherId(key)) this.#set(key, forkItem(key))
    }
  }

  publisherOf(item: Uint8Array): PublisherId | undefined {
    const owner = ownerOf(item)
    const digest = this.#digests.find(owner)
    return digest === undefined ? undefined : publisherOfDigest(digest)
  }

  itemOf(publisher: PublisherId): Uint8Array | undefined {
    return this.#find(digestOf(publisher))
  }

  async openView({ publishers, namespaces }: HeadScope): Promise<HeadView & Disposable> {
    const found = await Promise.all(namespaces.map((one) => this.#namespaces.publishersIn(one)))
    const view = new ScopedHeads(this, [new Set(publishers), ...found], () => {
      this.#views.delete(view)
      for (const namespace of namespaces) this.#namespaces.release(namespace)
    })
    this.#views.add(view)
    return view
  }

  note(change: Change): Promise<void> {
    this.#namespaces.note(change)
    const touched = new Set<PublisherId>()
    for (const { table, key } of [...(change.put ?? []), ...(change.remove ?? [])]) {
      if (table === 'head' || table === 'fork') touched.add(key as PublisherId)
      if (table === 'claim') touched.add(publisherIn(key))
    }
    if (touched.size === 0) return Promise.resolve()
    this.#noting = this.#noting.then(async () => {
      for (const publisher of touched) this.#set(publisher, await this.#read(publisher))
    })
    return this.#noting
  }

  async #read(publisher: PublisherId): Promise<Uint8Array | undefined> {
    try {
      const [fork] = await this.#store.findRecords([forkKey(publisher)])
      if (fork !== undefined) return forkItem(publisher)
      const head = await findHead(this.#store, publisher)
      return head === undefined ? undefined : await this.#itemOf(head)
    } catch {
      // What cannot be read cannot be told either; whoever reads it next says what is wrong with it.
      return undefined
    }
  }

  async #itemOf(head: LogHead): Promise<Uint8Array> {
    return headItem(head, await withdraws(this.#store, head))
  }

  #find(digest: Uint8Array): Uint8Array | undefined {
    for (const start of startsOf(digest)) {
      const item = this.items.find(start)
      if (item !== undefined) return item
    }
    return undefined
  }

  #set(publisher: PublisherId, read: Uint8Array | undefined): void {
    const isHidden = this.#hidden.some((publishers) => publishers.has(publisher))
    const item = isHidden ? undefined : read
    const digest = digestOf(publisher)
    const before = this.#find(digest)
    if (before !== undefined) this.items.remove(before)
    if (item !== undefined) this.items.add(item)
    if (item !== undefined) this.#digests.add(digest)
    else this.#digests.remove(digest)
    for (const view of this.#views) view.set(publisher, before, item)
  }
}

class ScopedHeads implements HeadView, Disposable {
  readonly items: ItemSet
  readonly #all: HeadView
  readonly #scope: readonly ReadonlySet<PublisherId>[]
  readonly #close: () => void

  constructor(all: HeadView, scope: readonly ReadonlySet<PublisherId>[], close: () => void) {
    this.#all = all
    this.#scope = scope
    this.#close = close
    this.items = createItemSet()
    for (const publisher of scope.flatMap((publishers) => [...publishers])) {
      const item = all.itemOf(publisher)
      if (item !== undefined) this.items.add(item)
    }
  }

  publisherOf(item: Uint8Array): PublisherId | undefined {
    const publisher = this.#all.publisherOf(item)
    return publisher !== undefined && this.#isWithin(publisher) ? publisher : undefined
  }

  itemOf(publisher: PublisherId): Uint8Array | undefined {
    return this.#isWithin(publisher) ? this.#all.itemOf(publisher) : undefined
  }

  set(publisher: PublisherId, before: Uint8Array | undefined, item: Uint8Array | undefined): void {
    if (before !== undefined) this.items.remove(before)
    if (item !== undefined && this.#isWithin(publisher)) this.items.add(item)
  }

  [Symbol.dispose](): void {
    this.#close()
  }

  #isWithin(publisher: PublisherId): boolean {
    return this.#scope.some((publishers) => publishers.has(publisher))
  }
}
