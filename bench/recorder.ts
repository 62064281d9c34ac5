// Records what a use case makes a store do, so that the floor can do exactly that and no more.

import type { Change, Store } from '../src/store/index.ts'

export interface Recorder {
  readonly store: Store
  readonly changes: Change[]
}

export function record(store: Store): Recorder {
  const changes: Change[] = []
  const recording: Store = {
    ...store,
    commit: async (change) => {
      changes.push(change)
      await store.commit(change)
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
  return { store: recording, changes }
}
