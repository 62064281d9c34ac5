// A store whose commits a set of heads hears of: everybody who commits has to go through it, also other processes that share it.

import type { Change, Store } from '../../store/index.ts'
import type { HeadSet } from './head-set.ts'

/** The set is current when `commit` resolves. Disposing this disposes the store. */
export function watchHeads(store: Store, heads: Pick<HeadSet, 'note'>): Store {
  return {
    findBlocks: (cids) => store.findBlocks(cids),
    hasBlocks: (cids) => store.hasBlocks(cids),
    findRecords: (keys) => store.findRecords(keys),
    listRecords: (table, options) => store.listRecords(table, options),
    listBlocks: (options) => store.listBlocks(options),
    findFloor: (origin) => store.findFloor(origin),
    listFloors: () => store.listFloors(),
    async commit(change: Change): Promise<void> {
      await store.commit(change)
      await heads.note(change)
    },
    lock: (name, options) => store.lock(name, options),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
