// Which logs have grown here, and by how many bytes, seen from what is committed.

import { isPublisherId, type PublisherId } from '../../spec/index.ts'
import type { Change } from '../../store/index.ts'
import type { Ledger } from './ledger.ts'

export interface Growth {
  note(change: Change): void
  /** Those since the last call. */
  take(): ReadonlySet<PublisherId>
}

/** `ledger` is charged, by publisher. */
export function createGrowth(ledger: Pick<Ledger, 'spend'>): Growth {
  let grown = new Set<PublisherId>()
  return {
    note({ blocks = [], put = [] }) {
      const owners = put.filter(({ table }) => table === 'head' || table === 'partial')
      if (owners.length === 0) return
      const all = [...blocks.map(({ bytes }) => bytes), ...put.map(({ value }) => value)]
      const bytes = all.reduce((sum, { length }) => sum + length, 0)
      for (const { table, key } of owners) {
        if (!isPublisherId(key)) continue
        if (table === 'head') grown.add(key)
        ledger.spend(key, Math.ceil(bytes / owners.length))
      }
    },
    take() {
      const taken = grown
      grown = new Set()
      return taken
    },
  }
}
