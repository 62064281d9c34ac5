// Blocks that a log held here names and that nobody had yet: what is asked of others later. A block that came and is not what its log says
// is recorded too, and asked of nobody: the log says so for good, and the rest of it goes on.

import { type Cid, cidOf } from '../../cid/index.ts'
import {
  canonicalBytes,
  isRegistryError,
  parseCanonical,
  type RegistryError,
} from '../../lib/index.ts'
import { assertLimit, type PublisherId, type Release } from '../../spec/index.ts'
import type { Block, RecordKey, Store, StoredRecord } from '../../store/index.ts'
import { parseListedRelease } from '../fits.ts'
import { useRecord } from '../use.ts'
import { unasked } from './refusals.ts'

/** Where a log names a block: as a release, or as a tool of one. */
export interface Place {
  readonly publisher: PublisherId
  readonly name: string
  readonly version: string
  /** The tool's name; undefined for the release itself. */
  readonly tool?: string | undefined
}

export interface Lacking extends Place {
  readonly cid: Cid
}

export function lackKey(cid: Cid): RecordKey {
  return { table: 'lack', key: cid }
}

/** `fault` is the code of what is wrong with the block that bears this CID. */
export function lackRecord(
  cid: Cid,
  { publisher, name, version, tool }: Place,
  fault?: string,
): StoredRecord {
  const at = { publisher, name, version, ...(tool === undefined ? {} : { tool }) }
  return { ...lackKey(cid), value: canonicalBytes(fault === undefined ? at : { ...at, fault }) }
}

/**
 * The code of what makes the block unfit for its place, or the CIDs it lists. A tool lists none, and is the bytes that its publisher has
 * signed: whoever uses it parses it, and a node that does not know its form yet may still hold it for others.
 */
export function readAt(
  bytes: Uint8Array,
  place: Place,
): { readonly fault: string } | { readonly tools: readonly (readonly [string, Cid])[] } {
  try {
    if (place.tool === undefined) return { tools: toolsOf(parseListedRelease(bytes, place)) }
    assertLimit('toolBytes', bytes.length)
    return { tools: [] }
  } catch (error) {
    if (isRegistryError(error)) return { fault: (error as RegistryError).code }
    throw error
  }
}

function toolsOf({ tools }: Release): readonly (readonly [string, Cid])[] {
  return Object.entries(tools)
}

/** By CID; of one publisher, if so asked. */
export async function* listLacking(
  store: Store,
  { publisher, after }: { readonly publisher?: PublisherId; readonly after?: Cid } = {},
): AsyncIterable<Lacking> {
  const options = after === undefined ? {} : { after }
  for await (const { key, value } of store.listRecords('lack', options)) {
    const { fault, ...place } = parseCanonical(value) as unknown as Place & { fault?: string }
    const isAsked = publisher === undefined || publisher === place.publisher
    if (fault === undefined && isAsked) yield { cid: key as Cid, ...place }
  }
}

/**
 * Stores blocks that were lacking, in any order, in one commit. Answers the CIDs that are lacking because of them: tools of releases. Throws
 * HASH_MISMATCH for a block that is not lacking; then nothing is stored.
 */
export async function giveLacking(
  store: Store,
  given: readonly Uint8Array[],
): Promise<readonly Cid[]> {
  const blocks = given.map((bytes) => ({ cid: cidOf(bytes), bytes }))
  const keys = blocks.map(({ cid }) => lackKey(cid))
  const values = await store.findRecords(keys)
  const kept: Block[] = []
  const put: StoredRecord[] = []
  const listed: Lacking[] = []
  for (const [i, block] of blocks.entries()) {
    const value = values[i]
    if (value === undefined) throw unasked(block.cid)
    const place = parseCanonical(value) as unknown as Place
    const read = readAt(block.bytes, place)
    if ('fault' in read) {
      put.push(lackRecord(block.cid, place, read.fault))
      continue
    }
    kept.push(block)
    listed.push(...read.tools.map(([tool, cid]) => ({ ...place, tool, cid })))
  }
  const wanted = await withoutHeld(store, listed)
  const faulty = new Set(put.map(({ key }) => key))
  await store.commit({
    blocks: kept,
    put: [
      ...put,
      ...(await newUses(store, listed)),
      ...wanted.map(({ cid, ...place }) => lackRecord(cid, place)),
    ],
    remove: keys.filter(({ key }) => !faulty.has(key)),
    expect: keys.map((key, i) => ({ ...key, value: values[i] })),
  })
  return wanted.map(({ cid }) => cid)
}

/** Answers which of these are to be asked for: a block that came meanwhile for another log has its place in this one too. */
export async function settleLacking(store: Store, cids: readonly Cid[]): Promise<readonly Cid[]> {
  const held = await store.hasBlocks(cids)
  const missing: Cid[] = []
  for (const [i, cid] of cids.entries()) {
    const [block] = held[i] === true ? await store.findBlocks([cid]) : []
    if (block === undefined) missing.push(cid)
    else missing.push(...(await giveLacking(store, [block]).catch(settledBefore)))
  }
  return missing
}

/** By another session, while this one read. */
function settledBefore(error: unknown): readonly Cid[] {
  if (isRegistryError(error) && ['CONFLICT', 'HASH_MISMATCH'].includes(error.code)) return []
  throw error
}

async function withoutHeld(store: Store, listed: readonly Lacking[]): Promise<readonly Lacking[]> {
  const unique = [...new Map(listed.map((one) => [one.cid, one])).values()]
  const held = await store.hasBlocks(unique.map(({ cid }) => cid))
  return unique.filter((_, i) => held[i] !== true)
}

/** Those of these that are not here, or not any more, are asked for. To be called after the commit that says who uses them. */
export async function lackMissing(store: Store, places: readonly Lacking[]): Promise<void> {
  if (places.length === 0) return
  const put = (await withoutHeld(store, places)).map(({ cid, ...place }) => lackRecord(cid, place))
  if (put.length > 0) await store.commit({ put })
}

/** Only where there is none: a release that comes late is no newer for it. */
export async function newUses(
  store: Store,
  listed: readonly Lacking[],
): Promise<readonly StoredRecord[]> {
  const uses = listed.map((one) => useRecord(one.cid, one))
  const known = await store.findRecords(uses)
  return uses.filter((_, i) => known[i] === undefined)
}
