// A node that shares what is in a store, over any network: what `registry serve` does for peers that synchronize, without a home folder.

import {
  openInterest,
  tellFollows,
  withoutPrivate,
  withoutRefused,
} from '../../src/registry/index.ts'
import { localSource } from '../../src/resolve/index.ts'
import type { Change, Store } from '../../src/store/index.ts'
import {
  type HeadSet,
  type Network,
  openHeadSet,
  serveSource,
  shareLogs,
  watchHeads,
} from '../../src/sync/index.ts'

export interface SharingNode {
  /** To commit to. */
  readonly store: Store
  readonly heads: HeadSet
  /** Channels that were opened to it. */
  readonly channels: number
}

export async function shareStoreOn(
  network: Network,
  inner: Store,
  { privates = [] }: { readonly privates?: readonly string[] } = {},
): Promise<SharingNode> {
  const privateNamespaces = async () => privates
  const interest = await openInterest(inner, { privateNamespaces })
  const heads = await openHeadSet(inner, { hidden: interest.unserved })
  const note = async (change: Change): Promise<void> => {
    await heads.note(change)
    interest.note(change)
  }
  const store = watchHeads(inner, { note })
  const told = withoutPrivate(localSource(store), { store, namespaces: privates })
  const { source } = withoutRefused(told, { store, interest, now: () => new Date() })
  const sharing = shareLogs(store, heads, {
    follows: () => tellFollows({ store, privateNamespaces }),
  })
  let channels = 0
  network.handle(async (channel) => {
    channels++
    await serveSource(channel, source, { sharing })
  })
  return {
    store,
    heads,
    get channels() {
      return channels
    },
  }
}
