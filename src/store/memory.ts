// A store that forgets: for tests, and for verifying what is not meant to be kept. It copies what goes in and out, so
// nobody else holds the bytes it answers from, and hashing them again on each read would find nothing.

import { type Cid, digestOf } from '../cid/index.ts'
import { createLocks, equalBytes, toHex } from '../lib/index.ts'
import {
  assertChange,
  assertCid,
  assertFloors,
  assertHash,
  assertKey,
  assertPrefix,
  closed,
  conflict,
  floorsOf,
} from './checks.ts'
import type {
  Change,
  Floor,
  ListBlocksOptions,
  ListOptions,
  RecordKey,
  Store,
  StoredRecord,
  Table,
} from './store.ts'

export function openMemoryStore(): Store {
  const blocks = new Map<Cid, Uint8Array>()
  const records = new Map<string, StoredRecord>()
  const floors = new Map<string, Floor>()
  const locks = createLocks()
  let open = true

  function assertOpen(): void {
    if (!open) throw closed()
  }

  function applyChange(change: Change): void {
    for (const { cid, bytes } of change.blocks ?? []) blocks.set(cid, copy(bytes))
    for (const cid of change.drop ?? []) blocks.delete(cid)
    for (const { table, key, value } of change.put ?? []) {
      records.set(place({ table, key }), { table, key, value: copy(value) })
    }
    for (const key of change.remove ?? []) records.delete(place(key))
    for (const { origin, size, root } of floorsOf(change))
      floors.set(origin, { origin, size, root })
  }

  async function commit(change: Change): Promise<void> {
    assertOpen()
    assertChange(change)
    for (const key of change.expect ?? []) {
      if (!sameValue(records.get(place(key))?.value, key.value)) throw conflict(key)
    }
    assertFloors(change, floors)
    for (const block of change.blocks ?? []) assertHash(block)
    applyChange(change)
  }

  async function* listRecords(
    table: Table,
    options: ListOptions = {},
  ): AsyncGenerator<StoredRecord, void, undefined> {
    assertOpen()
    assertKey({ table, key: 'any' })
    assertPrefix(options.prefix)
    const { prefix = '', after = '', limit = Number.POSITIVE_INFINITY } = options
    const found = [...records.values()]
      .filter((it) => it.table === table && it.key.startsWith(prefix) && it.key > after)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
    for (const { key, value } of found.slice(0, limit)) {
      assertOpen()
      yield { table, key, value: copy(value) }
    }
  }

  async function* listBlocks(
    options: ListBlocksOptions = {},
  ): AsyncGenerator<Cid, void, undefined> {
    assertOpen()
    const after = options.after === undefined ? '' : digestText(options.after)
    const found = [...blocks.keys()]
      .map((cid) => ({ cid, digest: digestText(cid) }))
      .filter(({ digest }) => digest > after)
      .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    for (const { cid } of found.slice(0, options.limit)) yield cid
  }

  return {
    async findBlocks(cids) {
      assertOpen()
      return cids.map((cid) => {
        assertCid(cid)
        return copyOf(blocks.get(cid))
      })
    },
    async hasBlocks(cids) {
      assertOpen()
      return cids.map((cid) => {
        assertCid(cid)
        return blocks.has(cid)
      })
    },
    async findRecords(keys) {
      assertOpen()
      return keys.map((key) => {
        assertKey(key)
        return copyOf(records.get(place(key))?.value)
      })
    },
    listRecords,
    listBlocks,
    async findFloor(origin) {
      assertOpen()
      return floors.get(origin)
    },
    async listFloors() {
      assertOpen()
      return [...floors.values()].sort((a, b) => (a.origin < b.origin ? -1 : 1))
    },
    commit,
    async lock(name, options) {
      assertOpen()
      return await locks.lock(name, options)
    },
    async [Symbol.asyncDispose]() {
      open = false
    },
  }
}

function place({ table, key }: RecordKey): string {
  return `${table} ${key}`
}

function digestText(cid: Cid): string {
  return toHex(digestOf(cid))
}

/** `Buffer.slice` would share memory; this never does. */
function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : copy(bytes)
}

function sameValue(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b)
}
