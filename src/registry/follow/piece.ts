// The records and blocks of some entries of a log that goes, and which of them others still need.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError } from '../../lib/index.ts'
import { parseStatement, type StatementOf } from '../../log/index.ts'
import { type PublisherId, parseBlock } from '../../spec/index.ts'
import type { RecordKey, Store } from '../../store/index.ts'
import { toolsOf } from './parts.ts'

export interface Entry {
  /** Of the record. */
  readonly key: string
  readonly statement: Cid
  readonly bundles: number
}

export interface Piece {
  readonly remove: readonly RecordKey[]
  readonly drop: readonly Cid[]
}

/** Blocks go that are here because of this log alone: nobody makes those of others disappear by naming them. */
export async function readPiece(
  store: Store,
  publisher: PublisherId,
  entries: readonly Entry[],
): Promise<Piece> {
  const found = await store.findBlocks(entries.map(({ statement }) => statement))
  const releases = found.flatMap((bytes) => releaseIn(bytes, publisher))
  const subjects = releases.map(({ subject }) => subject)
  const blocks = await store.findBlocks(subjects)
  const listed = blocks.flatMap((bytes) => (bytes === undefined ? [] : (toolsOf(bytes) ?? [])))
  const used = [...new Set([...subjects, ...listed])]
  const { drop, uses, lacks } = await sortUses(store, publisher, used)
  const bundles = entries.flatMap(({ statement, bundles: count }) =>
    Array.from({ length: count }, (_, i) => bundleKey(statement, i)),
  )
  const claims = [...new Set(releases.map(({ name }) => `${name}/${publisher}`))]
  return {
    drop: [...entries.map(({ statement }) => statement), ...(await onlyContents(store, drop))],
    remove: [
      ...entries.map(({ key }) => ({ table: 'entry', key }) as const),
      ...bundles,
      ...claims.map((key) => ({ table: 'claim', key }) as const),
      ...uses,
      ...lacks,
    ],
  }
}

function releaseIn(
  bytes: Uint8Array | undefined,
  publisher: PublisherId,
): readonly StatementOf<'release'>[] {
  try {
    const statement = bytes === undefined ? undefined : parseStatement(bytes)
    const isOurs = statement?.kind === 'release' && statement.publisher === publisher
    return isOurs ? [statement] : []
  } catch (error) {
    if (isRegistryError(error)) return []
    throw error
  }
}

/** A block is this log’s alone if it is the only one that has used it: a CID that it merely names is not its own. */
async function sortUses(
  store: Store,
  publisher: PublisherId,
  cids: readonly Cid[],
): Promise<{
  readonly drop: readonly Cid[]
  readonly uses: readonly RecordKey[]
  readonly lacks: readonly RecordKey[]
}> {
  const drop: Cid[] = []
  const uses: RecordKey[] = []
  const lacks: RecordKey[] = []
  for (const cid of cids) {
    const users: string[] = []
    const [own] = await store.findRecords([useKey(cid, publisher)])
    for await (const { key } of store.listRecords('use', { prefix: `${cid}/`, limit: 2 })) {
      users.push(key.slice(cid.length + 1))
    }
    const others = users.filter((user) => user !== publisher)
    if (own !== undefined) uses.push(useKey(cid, publisher))
    if (others.length > 0) continue
    lacks.push({ table: 'lack', key: cid })
    if (own !== undefined) drop.push(cid)
  }
  return { drop, uses, lacks }
}

/** Releases and tools: a log can name the statement of another, or the proof of a fork, as what it releases (T5). */
async function onlyContents(store: Store, cids: readonly Cid[]): Promise<readonly Cid[]> {
  const found = await store.findBlocks(cids)
  return cids.filter((_, i) => {
    const bytes = found[i]
    return bytes !== undefined && isContent(bytes)
  })
}

function isContent(bytes: Uint8Array): boolean {
  try {
    return ['release/v1', 'tool/v1'].includes(String(parseBlock(bytes).kind))
  } catch (error) {
    if (isRegistryError(error)) return false
    throw error
  }
}

function useKey(cid: Cid, publisher: PublisherId): RecordKey {
  return { table: 'use', key: `${cid}/${publisher}` }
}

function bundleKey(statement: Cid, i: number): RecordKey {
  return { table: 'bundle', key: `${statement}/${String(i).padStart(3, '0')}` }
}
