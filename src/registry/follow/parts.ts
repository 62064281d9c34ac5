// What a log held here consists of, entry by entry: statements, bundles, release blocks and the tools that they list. Bytes that were
// withdrawn or never came count nothing.

import { type Cid, cidOf } from '../../cid/index.ts'
import { isRegistryError } from '../../lib/index.ts'
import {
  findName,
  indexReader,
  type LogHead,
  parseHistory,
  parseStatement,
  readEntries,
} from '../../log/index.ts'
import { parseRelease } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'

interface ReleasePart {
  readonly name: string
  readonly cid: Cid
  /** Of the block itself. */
  readonly bytes: number
  /** Those that are here, and their bytes. */
  readonly tools: ReadonlyMap<Cid, number>
  /** What the version before, by position, had listed: an unchanged tool is one block. */
  toolsBefore(): Promise<ReadonlySet<Cid>>
}

export interface LogPart {
  readonly seq: number
  readonly statement: Cid
  readonly bundles: number
  /** Of statement and bundles. */
  readonly bytes: number
  readonly release?: ReleasePart
}

const STEP = 128

/** Entries from `start` on. Throws STORE_CORRUPT where one is missing. */
export async function* readParts(
  store: Store,
  head: LogHead,
  start: number,
): AsyncIterable<LogPart> {
  for (let at = start; at < head.size; at += STEP) {
    const range = { start: at, end: Math.min(head.size, at + STEP) }
    const entries = await readEntries(store, head.publisher, range)
    const statements = entries.map(({ statement }) => parseStatement(statement))
    const named = statements.flatMap((one) => (one.kind === 'release' ? [one.subject] : []))
    const releases = await findReleases(store, named)
    for (const [i, { statement, bundles }] of entries.entries()) {
      const said = statements[i]
      const bytes = bundles.reduce((sum, bundle) => sum + bundle.length, statement.length)
      const part = { seq: at + i, statement: cidOf(statement), bundles: bundles.length, bytes }
      const found = said?.kind === 'release' ? releases.get(said.subject) : undefined
      if (said?.kind !== 'release' || found === undefined) yield part
      else {
        const { name } = said
        const toolsBefore = () => findToolsBefore(store, head, { name, seq: part.seq })
        yield { ...part, release: { ...found, name, toolsBefore } }
      }
    }
  }
}

type Found = Pick<ReleasePart, 'cid' | 'bytes' | 'tools'>

/** Those that are here and are releases, each with the tools that are here. */
async function findReleases(store: Store, cids: readonly Cid[]): Promise<ReadonlyMap<Cid, Found>> {
  const blocks = await store.findBlocks(cids)
  const listed = blocks.map((bytes) => (bytes === undefined ? undefined : toolsOf(bytes)))
  const all = [...new Set(listed.flatMap((tools) => tools ?? []))]
  const lengths = new Map<Cid, number>()
  for (let at = 0; at < all.length; at += STEP) {
    const some = all.slice(at, at + STEP)
    for (const [i, bytes] of (await store.findBlocks(some)).entries()) {
      const cid = some[i]
      if (cid !== undefined && bytes !== undefined) lengths.set(cid, bytes.length)
    }
  }
  const found = new Map<Cid, Found>()
  for (const [i, cid] of cids.entries()) {
    const [bytes, tools] = [blocks[i]?.length, listed[i]]
    if (bytes === undefined || tools === undefined) continue
    const here = tools.flatMap((tool) => {
      const length = lengths.get(tool)
      return length === undefined ? [] : [[tool, length] as const]
    })
    found.set(cid, { cid, bytes, tools: new Map(here) })
  }
  return found
}

async function findToolsBefore(
  store: Store,
  head: LogHead,
  at: { readonly name: string; readonly seq: number },
): Promise<ReadonlySet<Cid>> {
  const before = await releaseBefore(store, head, at)
  const [block] = before === undefined ? [] : await store.findBlocks([before])
  return new Set(block === undefined ? [] : toolsOf(block))
}

/** Undefined for bytes that are no release: a log can name any block as one. */
export function toolsOf(bytes: Uint8Array): readonly Cid[] | undefined {
  try {
    return Object.values(parseRelease(bytes).tools) as readonly Cid[]
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}

/** Undefined as well where the log has grown since its head was read: its older index is gone then. */
async function releaseBefore(
  store: Store,
  { publisher, index }: LogHead,
  { name, seq }: { readonly name: string; readonly seq: number },
): Promise<Cid | undefined> {
  try {
    const read = indexReader(store, publisher)
    const { history } = await findName(index, name, read)
    const [bytes] = history === undefined ? [] : await read([history])
    const versions = bytes === undefined ? [] : Object.values(parseHistory(bytes).versions)
    const before = versions.filter((version) => version.seq < seq).sort((a, b) => b.seq - a.seq)
    return before[0]?.release
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}
