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
    for (const [i, { statement, bundles }] of (
      await readEntries(store, head.publisher, range)
    ).entries()) {
      const seq = at + i
      const parsed = parseStatement(statement)
      const bytes = bundles.reduce((sum, bundle) => sum + bundle.length, statement.length)
      const part = { seq, statement: cidOf(statement), bundles: bundles.length, bytes }
      if (parsed.kind !== 'release') yield part
      else {
        const release = await readRelease(store, head, { ...parsed, seq })
        yield release === undefined ? part : { ...part, release }
      }
    }
  }
}

interface Released {
  readonly name: string
  readonly subject: Cid
  readonly seq: number
}

async function readRelease(
  store: Store,
  head: LogHead,
  { name, subject: cid, seq }: Released,
): Promise<ReleasePart | undefined> {
  const [bytes] = await store.findBlocks([cid])
  const listed = bytes === undefined ? undefined : toolsOf(bytes)
  if (bytes === undefined || listed === undefined) return undefined
  const found = await store.findBlocks(listed)
  const tools = new Map<Cid, number>()
  for (const [i, tool] of listed.entries()) {
    const length = found[i]?.length
    if (length !== undefined) tools.set(tool, length)
  }
  const toolsBefore = async (): Promise<ReadonlySet<Cid>> => {
    const before = await releaseBefore(store, head, { name, seq })
    const [block] = before === undefined ? [] : await store.findBlocks([before])
    return new Set(block === undefined ? [] : toolsOf(block))
  }
  return { name, cid, bytes: bytes.length, tools, toolsBefore }
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
  { name, seq }: Pick<Released, 'name' | 'seq'>,
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
