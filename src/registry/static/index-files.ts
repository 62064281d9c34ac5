// The newest index map as files, whole or not at all: a node is written after everything below it, so one that is there needs no
// second look, and an export after a few releases touches only their ways to the root.

import { type Cid, parseCid } from '../../cid/index.ts'
import { isRegistryError, RegistryError } from '../../lib/index.ts'
import {
  EMPTY_INDEX,
  findHead,
  findName,
  indexReader,
  type LogHead,
  parseAuthorityBlock,
  RESERVED,
  type ReadNodes,
} from '../../log/index.ts'
import { indexFile } from '../../resolve/static/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Running } from '../workspace.ts'
import type { StaticFolder } from './folder.ts'

const ATTEMPTS = 4

export interface NewestState {
  readonly head: LogHead
  /** Blocks that the log has tombstoned: whoever holds them does not hand them on. */
  readonly tombstoned: ReadonlySet<Cid>
}

/**
 * Writes the index of the newest head, and answers what it says. Nodes go as the log grows: what was taken from under a publisher's
 * hands is read again, at last in the publisher's turn.
 */
export async function addIndex(
  store: Store,
  folder: StaticFolder,
  publisher: PublisherId,
  running: Running,
): Promise<NewestState> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    try {
      return await addNewest(store, folder, publisher, running)
    } catch (error) {
      if (!isRegistryError(error, 'NOT_FOUND')) throw error
    }
  }
  await using _lock = await store.lock(`log/${publisher}`, running)
  return await addNewest(store, folder, publisher, running)
}

async function addNewest(
  store: Store,
  folder: StaticFolder,
  publisher: PublisherId,
  { signal }: Running,
): Promise<NewestState> {
  const head = await getHead(store, publisher)
  const read = indexReader(store, publisher)

  async function addNode(cid: Cid, depth: number): Promise<void> {
    signal?.throwIfAborted()
    const file = indexFile(publisher, cid)
    if (await folder.has(file)) return
    const [bytes] = await readAll(read, [cid])
    if (bytes === undefined) return
    const node = JSON.parse(Buffer.from(bytes).toString('utf8')) as Node
    if (node.children === undefined) await addLeaves(Object.values(node.entries ?? {}))
    else if (depth === 0) {
      await Promise.all(Object.values(node.children).map((child) => addNode(parseCid(child), 1)))
    } else {
      for (const child of Object.values(node.children)) await addNode(parseCid(child), depth + 1)
    }
    await folder.add(file, bytes)
  }

  /** Histories, and whatever else a leaf may name. */
  async function addLeaves(values: readonly string[]): Promise<void> {
    const cids = values.map(parseCid)
    const there = await Promise.all(cids.map((cid) => folder.has(indexFile(publisher, cid))))
    const absent = cids.filter((_, i) => there[i] !== true)
    const blocks = await readAll(read, absent)
    await Promise.all(
      absent.map((cid, i) => folder.add(indexFile(publisher, cid), blocks[i] ?? new Uint8Array())),
    )
  }

  await addNode(head.index, 0)
  return { head, tombstoned: await readTombstones(head, read) }
}

async function readTombstones(head: LogHead, read: ReadNodes): Promise<ReadonlySet<Cid>> {
  const { history: cid } = await findName(head.index, RESERVED, read)
  if (cid === undefined) return new Set()
  const [bytes = new Uint8Array()] = await readAll(read, [cid])
  return new Set(parseAuthorityBlock(bytes).notices.tombstones.keys())
}

interface Node {
  readonly entries?: Readonly<Record<string, string>>
  readonly children?: Readonly<Record<string, string>>
}

async function getHead(store: Store, publisher: PublisherId): Promise<LogHead> {
  const head = await findHead(store, publisher)
  if (head !== undefined) return head
  throw new RegistryError('NOT_FOUND', 'This node does not hold that publisher’s log.', {
    expected: 'the log of a publisher held here in full',
    got: publisher,
    next: 'Run `registry export --static DIR` without an id for your own log.',
  })
}

async function readAll(read: ReadNodes, cids: readonly Cid[]): Promise<readonly Uint8Array[]> {
  const isEmpty = cids.length === 1 && cids[0] === EMPTY_INDEX.cid
  const found = isEmpty ? [EMPTY_INDEX.bytes] : await read(cids)
  return cids.map((cid, i) => {
    const bytes = found[i]
    if (bytes !== undefined) return bytes
    throw new RegistryError('NOT_FOUND', 'A part of this log’s index is not here.', {
      expected: cid,
      got: 'nothing',
      next: 'Run `registry doctor`; restore the store from a backup if it says so.',
    })
  })
}
