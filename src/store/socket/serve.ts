// The answering side of a shared store: one table of operations, each reading its arguments strictly, so that nothing a
// client sends can do more than get MESSAGE_INVALID. Locks are not here: they belong to a connection (share.ts).

import type { Cid } from '../../cid/index.ts'
import type { RecordKey, Store } from '../store.ts'
import {
  asList,
  asSize,
  asText,
  asTuple,
  malformed,
  orAbsent,
  PAGE_BYTES,
  PAGE_ITEMS,
  PROTOCOL,
} from './wire.ts'
import { asChange, asCid, asKey, asTable, writeFloor } from './wire-values.ts'

type Args = readonly unknown[]
type Operation = (store: Store, args: Args) => Promise<unknown>

/** How many are read before looking at how much that was; blocks are at most about 1 MiB. */
const STEP = 16

const OPERATIONS: Readonly<Record<string, Operation>> = {
  hello: async () => [PROTOCOL, process.pid],
  findBlocks: async (store, args) => {
    const [cids] = asTuple(args, 1)
    const read = (part: readonly Cid[]) => store.findBlocks(part)
    return await readPrefix(asList(cids, PAGE_ITEMS, asCid), read)
  },
  hasBlocks: async (store, args) => {
    const [cids] = asTuple(args, 1)
    return await store.hasBlocks(asList(cids, PAGE_ITEMS, asCid))
  },
  findRecords: async (store, args) => {
    const [keys] = asTuple(args, 1)
    const read = (part: readonly RecordKey[]) => store.findRecords(part)
    return await readPrefix(asList(keys, PAGE_ITEMS, asKey), read)
  },
  listRecords: async (store, args) => {
    const [table, prefix, after, limit] = asTuple(args, 4)
    const options = { prefix: asText(prefix), after: asText(after), limit: asPage(limit) }
    const list = store.listRecords(asTable(table), options)
    return await readPage(list, options.limit, ({ key, value }) => [key, value])
  },
  listBlocks: async (store, args) => {
    const [after, limit] = asTuple(args, 2)
    const cid = orAbsent(asCid)(after)
    const most = asPage(limit)
    const list = store.listBlocks(cid === undefined ? { limit: most } : { after: cid, limit: most })
    return await readPage(list, most, (it) => it)
  },
  findFloor: async (store, args) => {
    const [origin] = asTuple(args, 1)
    const floor = await store.findFloor(asText(origin))
    return floor === undefined ? null : writeFloor(floor)
  },
  listFloors: async (store) => (await store.listFloors()).map(writeFloor),
  commit: async (store, args) => {
    await store.commit(asChange(args))
    return null
  },
}

export async function answer(store: Store, op: string, args: Args): Promise<unknown> {
  const operation = Object.hasOwn(OPERATIONS, op) ? OPERATIONS[op] : undefined
  if (operation === undefined) throw malformed('an operation of the store', op)
  return await operation(store, args)
}

/** Answers for as many of the first keys as fit a page, at least one: the client asks again for the rest. */
async function readPrefix<K>(
  keys: readonly K[],
  read: (part: readonly K[]) => Promise<readonly (Uint8Array | undefined)[]>,
): Promise<unknown> {
  const found: (Uint8Array | null)[] = []
  let bytes = 0
  while (found.length < keys.length && bytes < PAGE_BYTES) {
    for (const value of await read(keys.slice(found.length, found.length + STEP))) {
      found.push(value ?? null)
      bytes += value?.length ?? 0
    }
  }
  return found
}

/** [items, whether there may be more]. What was read before a rotten item is not lost: the next page meets the error. */
async function readPage<T>(
  list: AsyncIterable<T>,
  limit: number,
  write: (item: T) => string | readonly [string, Uint8Array],
): Promise<unknown> {
  const items: unknown[] = []
  let bytes = 0
  try {
    for await (const item of list) {
      const written = write(item)
      items.push(written)
      bytes += typeof written === 'string' ? written.length : written[0].length + written[1].length
      if (bytes >= PAGE_BYTES) return [items, true]
    }
  } catch (error) {
    if (items.length === 0) throw error
    return [items, true]
  }
  return [items, items.length === limit]
}

function asPage(value: unknown): number {
  const limit = asSize(value)
  if (limit < 1 || limit > PAGE_ITEMS) throw malformed(`1 to ${PAGE_ITEMS} items`, String(limit))
  return limit
}
