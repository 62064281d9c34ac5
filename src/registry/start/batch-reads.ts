// A store whose reads of one moment become one batch: many releases are proven at once, each by code that knows only of itself. Reads only.

import type { Cid } from '../../cid/index.ts'
import type { RecordKey, Store } from '../../store/index.ts'

export function batchReads(store: Store): Store {
  const blocks = batched((cids: readonly Cid[]) => store.findBlocks(cids), String)
  const records = batched(
    (keys: readonly RecordKey[]) => store.findRecords(keys),
    ({ table, key }) => `${table} ${key}`,
  )
  return {
    ...store,
    findBlocks: blocks,
    findRecords: records,
    // Whoever opened the store closes it.
    [Symbol.asyncDispose]: async () => {},
  }
}

interface Batch<K, V> {
  readonly keys: Map<string, K>
  readonly found: Promise<ReadonlyMap<string, V>>
}

type Read<K, V> = (keys: readonly K[]) => Promise<readonly V[]>

function batched<K, V>(read: Read<K, V>, idOf: (key: K) => string): Read<K, V> {
  let open: Batch<K, V> | undefined
  const openBatch = (): Batch<K, V> => {
    const keys = new Map<string, K>()
    const found = Promise.resolve().then(async () => {
      open = undefined
      const values = await read([...keys.values()])
      return new Map([...keys.keys()].map((id, i) => [id, values[i] as V]))
    })
    return { keys, found }
  }
  return async (keys) => {
    open ??= openBatch()
    const { keys: wanted, found } = open
    for (const key of keys) wanted.set(idOf(key), key)
    const values = await found
    return keys.map((key) => values.get(idOf(key)) as V)
  }
}
