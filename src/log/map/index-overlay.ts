// The stored index with changes on top that are not stored yet: nodes that only lived between two entries are forgotten.

import type { Cid } from '../../cid/index.ts'
import type { Block } from '../../store/index.ts'
import type { ReadNodes } from './index-map.ts'

export interface IndexOverlay {
  readonly read: ReadNodes
  add(blocks: readonly Block[]): void
  remove(cids: readonly Cid[]): void
  changes(): { readonly added: readonly Block[]; readonly removed: readonly Cid[] }
}

/** The stored index with changes on top that are not stored yet. */
export function createOverlay(stored: ReadNodes): IndexOverlay {
  const added = new Map<Cid, Block>()
  const removed = new Set<Cid>()
  /** Read before: looking a name up and then putting it in passes the same nodes. */
  const seen = new Map<Cid, Uint8Array>()
  return {
    async read(cids) {
      const missing = cids.filter((cid) => !added.has(cid) && !seen.has(cid))
      const found = missing.length === 0 ? [] : await stored(missing)
      for (const [i, cid] of missing.entries()) {
        const bytes = found[i]
        if (bytes !== undefined) seen.set(cid, bytes)
      }
      return cids.map((cid) => added.get(cid)?.bytes ?? seen.get(cid))
    },
    add(blocks) {
      for (const block of blocks) added.set(block.cid, block)
    },
    remove(cids) {
      // A node made in this draft was never stored, so it is forgotten and not deleted.
      for (const cid of cids) if (!added.delete(cid)) removed.add(cid)
    },
    changes: () => ({
      added: [...added.values()],
      removed: [...removed].filter((cid) => !added.has(cid)),
    }),
  }
}
