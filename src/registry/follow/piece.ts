// The records and blocks of some entries of a log that goes, and which of them others still need.

import type { Cid } from '../../cid/index.ts'
import { isJsonObject, isRegistryError, type JsonObject, parseCanonical } from '../../lib/index.ts'
import { parseStatement, type Statement, type StatementOf } from '../../log/index.ts'
import { findKnownFork } from '../../resolve/index.ts'
import { isPublisherId, type PublisherId } from '../../spec/index.ts'
import type { RecordKey, Store } from '../../store/index.ts'
import { findSettled } from '../forks.ts'
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
  /** Of what is dropped, releases and tools; of a tool the name that some release gives it. */
  readonly contents: readonly { readonly cid: Cid; readonly tool: string | undefined }[]
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
  const tools = new Map<Cid, string>()
  for (const bytes of blocks) {
    const listed = bytes === undefined ? undefined : toolsOf(bytes)
    for (const [i, cid] of (listed ?? []).entries()) tools.set(cid, `tool ${i}`)
  }
  const used = [...new Set([...subjects, ...tools.keys()])]
  const { drop, uses, lacks } = await sortUses(store, publisher, used)
  const bundles = entries.flatMap(({ statement, bundles: count }) =>
    Array.from({ length: count }, (_, i) => bundleKey(statement, i)),
  )
  const claims = [...new Set(releases.map(({ name }) => `${name}/${publisher}`))]
  const contents = await withoutNeeded(store, drop)
  return {
    contents: contents.map((cid) => ({ cid, tool: tools.get(cid) })),
    drop: [...entries.map(({ statement }) => statement), ...contents],
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
  const statement = bytes === undefined ? undefined : statementIn(bytes)
  return statement?.kind === 'release' && statement.publisher === publisher ? [statement] : []
}

/** A block is this log’s alone if it is the only one that has used it: a CID that it merely names is not its own. */
export async function sortUses(
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

/** A log can name the entry of another log, or the proof of a fork, as what it releases, and must not take it along (T5). */
export async function withoutNeeded(store: Store, cids: readonly Cid[]): Promise<readonly Cid[]> {
  const found = await store.findBlocks(cids)
  const needed = await Promise.all(
    cids.map(async (cid, i) => {
      const bytes = found[i]
      return bytes === undefined || (await isNeeded(store, cid, bytes))
    }),
  )
  return cids.filter((_, i) => needed[i] !== true)
}

/** Decided by the records that lead to it, not by what the bytes look like: junk that looks like an entry would never go. */
async function isNeeded(store: Store, cid: Cid, bytes: Uint8Array): Promise<boolean> {
  const fields = objectIn(bytes)
  if (fields?.kind === 'fork/v1' && isPublisherId(fields.publisher)) {
    const { publisher } = fields
    const [known, settled] = [
      await findKnownFork(store, publisher),
      await findSettled(store, publisher),
    ]
    return known?.fork === cid || settled?.fork === cid
  }
  const statement = fields?._type === undefined ? undefined : statementIn(bytes)
  if (statement === undefined) return false
  const { publisher, seq } = statement
  const key = `${publisher}/${String(seq).padStart(16, '0')}`
  const [value] = await store.findRecords([{ table: 'entry', key }])
  const entry = value === undefined ? undefined : objectIn(value)
  return entry?.statement === cid
}

function objectIn(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseCanonical(bytes)
    return isJsonObject(value) ? value : undefined
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}

function statementIn(bytes: Uint8Array): Statement | undefined {
  try {
    return parseStatement(bytes)
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}

function useKey(cid: Cid, publisher: PublisherId): RecordKey {
  return { table: 'use', key: `${cid}/${publisher}` }
}

function bundleKey(statement: Cid, i: number): RecordKey {
  return { table: 'bundle', key: `${statement}/${String(i).padStart(3, '0')}` }
}
