// What a node tells of the logs it holds, beside the logs themselves: the set of its heads, proofs of forks, whom it follows.

import { findKnownFork } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { HeadSet, HeadView } from '../heads/head-set.ts'
import type { Scope, Subject } from '../wire/sync-ops.ts'

export interface Sharing {
  readonly heads: HeadSet
  /** The block that proves it, where one is held. */
  findFork(publisher: PublisherId): Promise<Uint8Array | undefined>
  /** Whom this node follows and says so; absent for a node that does not tell. */
  follows?(): Promise<Scope>
}

export function shareLogs(
  store: Store,
  heads: HeadSet,
  options: Pick<Sharing, 'follows'> = {},
): Sharing {
  return {
    heads,
    async findFork(publisher) {
      const known = await findKnownFork(store, publisher)
      if (known === undefined) return undefined
      const [proof] = await store.findBlocks([known.fork])
      return proof
    },
    ...options,
  }
}

/** Undefined for a log that is not in the view, whichever way it is named. */
export function publisherIn(view: HeadView, { publisher, item }: Subject): PublisherId | undefined {
  if (item !== undefined) return view.publisherOf(item)
  return publisher !== undefined && view.itemOf(publisher) !== undefined ? publisher : undefined
}
