// Records what a use case makes a store do, so that the floor can do exactly that and no more.

import type { Change, Store } from '../src/store/index.ts'

/** The bytes that one call read, by key. */
export type Read = readonly { readonly key: string; readonly value: Uint8Array | undefined }[]

export interface Recorder {
  readonly store: Store
  readonly changes: Change[]
  readonly reads: Read[]
}

export function record(store: Store): Recorder {
  const changes: Change[] = []
  const reads: Read[] = []
  const recording: Store = {
    ...store,
    commit: async (change) => {
      changes.push(change)
      await store.commit(change)
    },
    findBlocks: async (cids) => {
      const values = await store.findBlocks(cids)
      reads.push(cids.map((key, i) => ({ key, value: values[i] })))
      return values
    },
    findRecords: async (keys) => {
      const values = await store.findRecords(keys)
      reads.push(keys.map(({ table, key }, i) => ({ key: `${table} ${key}`, value: values[i] })))
      return values
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
  return { store: recording, changes, reads }
}
