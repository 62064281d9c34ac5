// A disk that outlives the process that writes to it. A crash takes the process away in the middle of whatever it does: what was committed
// stays, and nothing it began is ever heard of again, locks included.

import { createLocks, RegistryError } from '../../../src/lib/index.ts'
import type { Store } from '../../../src/store/index.ts'

export interface Process {
  readonly store: Store
  kill(): void
}

export function openProcess(disk: Store): Process {
  const locks = createLocks()
  let isAlive = true
  const alive = (): Store => {
    if (!isAlive) throw new RegistryError('CLOSED', 'This process has crashed.')
    return disk
  }
  return {
    kill() {
      isAlive = false
    },
    store: {
      findBlocks: async (cids) => await alive().findBlocks(cids),
      hasBlocks: async (cids) => await alive().hasBlocks(cids),
      findRecords: async (keys) => await alive().findRecords(keys),
      async *listRecords(table, options) {
        for await (const record of alive().listRecords(table, options)) yield alive() && record
      },
      async *listBlocks(options) {
        for await (const cid of alive().listBlocks(options)) yield alive() && cid
      },
      findFloor: async (origin) => await alive().findFloor(origin),
      listFloors: async () => await alive().listFloors(),
      commit: async (change) => await alive().commit(change),
      lock: async (name, options) => await locks.lock(name, options),
      async [Symbol.asyncDispose]() {},
    },
  }
}
