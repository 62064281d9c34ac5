// The peers that no limit keeps out (T37): those that the configuration names, and those that a person has added, before or while the node runs.

import type { Change, Store } from '../../store/index.ts'
import { listPeers } from '../../sync/index.ts'
import { findPeerId } from '../peer-id.ts'

export interface KeptPeers {
  has(peerId: string): boolean
  /** To be called after every commit: another process may have added or removed one. */
  note(change: Change): Promise<void>
}

export async function openKeptPeers(
  store: Store,
  configured: readonly string[],
): Promise<KeptPeers> {
  const named = new Set(configured.flatMap((address) => findPeerId(address) ?? []))
  const readAdded = async (): Promise<ReadonlySet<string>> => {
    const peers = await listPeers(store)
    return new Set(peers.flatMap(({ how, peerId }) => (how === 'added' ? [peerId] : [])))
  }
  let added = await readAdded()
  return {
    has: (peerId) => named.has(peerId) || added.has(peerId),
    async note({ put = [], remove = [] }) {
      if ([...put, ...remove].some(({ table }) => table === 'peer')) {
        // Who was kept is kept until the store can be read again.
        added = await readAdded().catch(() => added)
      }
    },
  }
}
