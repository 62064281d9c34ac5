// A node's answers to peers without those whom it refuses: as if they were not here. When a log was asked for is remembered, so that
// those nobody asks for are the first to go.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import type { Source } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { KeptInterest } from './interest.ts'

export interface ServedLogs {
  readonly source: Source
  /** When each log was asked for, in milliseconds since 1970. Emptied by whoever has written it down. */
  readonly used: Map<PublisherId, number>
}

/** Of a block that so many use, one is taken to be served: else refusing a few would hide what everybody has. */
const USERS = 8

export function withoutRefused(
  source: Source,
  { store, interest, now }: { readonly store: Store; readonly interest: KeptInterest; now(): Date },
): ServedLogs {
  const used = new Map<PublisherId, number>()
  const told = (publisher: PublisherId): PublisherId => {
    if (!interest.serves(publisher)) throw notHere(publisher)
    used.set(publisher, now().getTime())
    return publisher
  }
  const served: Source = {
    ...source,
    checkpoint: async (publisher, o) => await source.checkpoint(told(publisher), o),
    entries: async (publisher, range, o) => await source.entries(told(publisher), range, o),
    inclusion: async (publisher, at, o) => await source.inclusion(told(publisher), at, o),
    consistency: async (publisher, sizes, o) => await source.consistency(told(publisher), sizes, o),
    indexPath: async (publisher, query, o) => await source.indexPath(told(publisher), query, o),
    claimants: async (name, o) =>
      (await source.claimants(name, o)).filter((publisher) => interest.serves(publisher)),
    blocks: async (cids, o) => {
      const found = await source.blocks(cids, o)
      if (interest.unserved.length === 0) return found
      const isTold = await Promise.all(cids.map((cid) => isServed(store, interest, cid)))
      return found.map((bytes, i) => (isTold[i] === true ? bytes : undefined))
    },
  }
  return { source: served, used }
}

/** Bytes that only refused publishers use are not handed on; those that nobody is known to use are. */
async function isServed(store: Store, interest: KeptInterest, cid: Cid): Promise<boolean> {
  let refused = 0
  for await (const { key } of store.listRecords('use', { prefix: `${cid}/`, limit: USERS })) {
    if (interest.serves(key.slice(cid.length + 1) as PublisherId)) return true
    refused++
  }
  return refused === 0 || refused === USERS
}

/** The very words for a log that is not here. */
function notHere(publisher: PublisherId): RegistryError {
  return new RegistryError('NOT_FOUND', 'This node does not hold that publisher’s log.', {
    expected: 'the log of a publisher held here',
    got: publisher,
    next: 'Ask a node that holds it: `registry pull NAME --from MULTIADDR`.',
  })
}
