// The asking side of a shared store: the whole Store contract over a node's socket. It does not trust the node with
// hashes: every block is hashed again on this side.

import { type Cid, cidOf } from '../../cid/index.ts'
import { isRegistryError, RegistryError } from '../../lib/index.ts'
import {
  assertChange,
  assertCid,
  assertHash,
  assertKey,
  assertPrefix,
  rottenBlock,
} from '../checks.ts'
import type {
  Change,
  Floor,
  ListBlocksOptions,
  ListOptions,
  RecordKey,
  Store,
  StoredRecord,
  Table,
} from '../store.ts'
import { RemoteConnection } from './remote-connection.ts'
import {
  asBytes,
  asFlag,
  asList,
  asText,
  asTuple,
  malformed,
  orAbsent,
  PAGE_ITEMS,
  PROTOCOL,
} from './wire.ts'
import { asCid, asFloor, writeChange, writeKey } from './wire-values.ts'

/** undefined when nobody listens there. */
export async function connectStore(address: string): Promise<Store | undefined> {
  const connection = await RemoteConnection.open(address)
  if (connection === undefined) return undefined
  try {
    await greet(connection)
  } catch (error) {
    connection.close()
    // It stopped between accepting and answering: as good as not there.
    if (isRegistryError(error, 'CLOSED')) return undefined
    throw error
  }
  return remoteStore(connection)
}

async function greet(connection: RemoteConnection): Promise<void> {
  const [protocol] = asTuple(await connection.ask('hello', []), 2)
  if (protocol === PROTOCOL) return
  throw new RegistryError(
    'STORE_UNAVAILABLE',
    'The node that shares this store is of another version.',
    {
      expected: PROTOCOL,
      got: String(protocol),
      next: 'Stop the node and start it with this version of the program.',
    },
  )
}

function remoteStore(connection: RemoteConnection): Store {
  const ask = connection.ask.bind(connection)

  /** Asks for one page of keys after the other; the node may answer for fewer than were asked, never for none. */
  async function askAll<K, V>(
    op: string,
    keys: readonly K[],
    read: (value: unknown) => V,
  ): Promise<V[]> {
    const found: V[] = []
    do {
      const page = keys.slice(found.length, found.length + PAGE_ITEMS)
      const values = asList(await ask(op, [page]), page.length, read)
      if (values.length === 0 && page.length > 0) throw malformed('at least one value', values)
      found.push(...values)
    } while (found.length < keys.length)
    return found
  }

  async function findBlocks(cids: readonly Cid[]): Promise<readonly (Uint8Array | undefined)[]> {
    for (const cid of cids) assertCid(cid)
    const found = await askAll('findBlocks', cids, orAbsent(asBytes))
    for (const [i, cid] of cids.entries()) {
      const bytes = found[i]
      if (bytes !== undefined && cidOf(bytes) !== cid) throw rottenBlock(cid)
    }
    return found
  }

  async function findRecords(
    keys: readonly RecordKey[],
  ): Promise<readonly (Uint8Array | undefined)[]> {
    for (const key of keys) assertKey(key)
    return await askAll('findRecords', keys.map(writeKey), orAbsent(asBytes))
  }

  async function* listRecords(
    table: Table,
    options: ListOptions = {},
  ): AsyncGenerator<StoredRecord> {
    const { prefix = '', limit = Number.POSITIVE_INFINITY } = options
    assertKey({ table, key: 'any' })
    assertPrefix(prefix)
    let after = options.after ?? ''
    for (let left = limit; left > 0; ) {
      const answer = await ask('listRecords', [table, prefix, after, Math.min(left, PAGE_ITEMS)])
      const [items, more] = asTuple(answer, 2)
      for (const item of asList(items, PAGE_ITEMS, asEntry)) {
        yield { table, ...item }
        after = item.key
        left -= 1
      }
      if (!asFlag(more)) return
    }
  }

  async function* listBlocks(options: ListBlocksOptions = {}): AsyncGenerator<Cid> {
    let { after } = options
    if (after !== undefined) assertCid(after)
    for (let left = options.limit ?? Number.POSITIVE_INFINITY; left > 0; ) {
      const answer = await ask('listBlocks', [after ?? null, Math.min(left, PAGE_ITEMS)])
      const [cids, more] = asTuple(answer, 2)
      for (const cid of asList(cids, PAGE_ITEMS, asCid)) {
        yield cid
        after = cid
        left -= 1
      }
      if (!asFlag(more)) return
    }
  }

  async function commit(change: Change): Promise<void> {
    assertChange(change)
    // Here already, so that wrong bytes are refused before they are sent; the node checks again.
    for (const block of change.blocks ?? []) assertHash(block)
    await ask('commit', writeChange(change))
  }

  async function findFloor(origin: string): Promise<Floor | undefined> {
    return orAbsent(asFloor)(await ask('findFloor', [origin]))
  }

  return {
    findBlocks,
    async hasBlocks(cids) {
      for (const cid of cids) assertCid(cid)
      return await askAll('hasBlocks', cids, asFlag)
    },
    findRecords,
    listRecords,
    listBlocks,
    findFloor,
    async listFloors() {
      return asList(await ask('listFloors', []), 1_000_000, asFloor)
    },
    commit,
    lock: (name, options) => lockRemotely(connection, name, options?.signal),
    async [Symbol.asyncDispose]() {
      connection.close()
    },
  }
}

/** The node releases the lock when this connection ends, so a killed process leaves none behind. */
async function lockRemotely(
  connection: RemoteConnection,
  name: string,
  signal: AbortSignal | undefined,
): Promise<AsyncDisposable> {
  signal?.throwIfAborted()
  const id = connection.nextId()
  async function release(): Promise<void> {
    await connection.ask('unlock', [id]).catch((error: unknown) => {
      if (!isRegistryError(error, 'CLOSED')) throw error
    })
  }
  const granted = connection.ask('lock', [name], id)
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([granted, aborted.promise])
  } catch (error) {
    granted.catch(() => {})
    await release()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
  return { [Symbol.asyncDispose]: release }
}

function asEntry(value: unknown): { readonly key: string; readonly value: Uint8Array } {
  const [key, bytes] = asTuple(value, 2)
  return { key: asText(key), value: asBytes(bytes) }
}
