// The answer to `logs`: of each log wanted, what follows the entries held there, until the answer is full. It is read through the
// Source that all other ops are answered from, so that what that one keeps back is kept back here.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError } from '../../lib/index.ts'
import { parseCheckpointUnverified, parseStatement } from '../../log/index.ts'
import type { SignedStatement, Source } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { HeadView } from '../heads/head-set.ts'
import { MAX_ENTRIES } from '../wire/decoders.ts'
import type { LogAnswer, LogPiece, LogWant } from '../wire/sync-ops.ts'
import { publisherIn } from './sharing.ts'

const ANSWER_BYTES = 512 * 1024
/** Of what a decoder builds from a message, as many as it takes leaves room for the rest of the answer. */
const ANSWER_ITEMS = 7_000
const PIECE_ITEMS = 12
/** Logs that are read at a time, before it is known whether they fit: as many as will if they go on like those before. */
const MOST_STEP = 8

interface LogsAsked {
  readonly source: Source
  readonly view: HeadView
  readonly wants: readonly LogWant[]
}

/** A prefix of what was asked, at least one. */
export async function packLogs(
  { source, view, wants }: LogsAsked,
  signal: AbortSignal,
): Promise<readonly LogAnswer[]> {
  const logs: LogAnswer[] = []
  const room = { bytes: ANSWER_BYTES, items: ANSWER_ITEMS }
  while (logs.length < wants.length) {
    const step = wants.slice(logs.length, logs.length + stepAfter(logs.length, room))
    const found = await Promise.all(
      step.map((want) => readPiece(source, publisherIn(view, want), want.from, signal)),
    )
    for (const piece of found) {
      const packed = piece === undefined ? { unknown: true as const } : cutTo(piece, room)
      if (packed === undefined) return logs
      logs.push(packed)
      if (room.bytes <= 0 || room.items <= 0) return logs
    }
  }
  return logs
}

function stepAfter(packed: number, room: Cost): number {
  const average = {
    bytes: (ANSWER_BYTES - room.bytes) / packed,
    items: (ANSWER_ITEMS - room.items) / packed,
  }
  const fit = Math.min(room.bytes / average.bytes, room.items / average.items)
  return packed === 0 ? 1 : Math.max(1, Math.min(MOST_STEP, Math.floor(fit)))
}

async function readPiece(
  source: Source,
  publisher: PublisherId | undefined,
  from: number,
  signal: AbortSignal,
): Promise<LogPiece | undefined> {
  if (publisher === undefined) return undefined
  const options = { signal }
  try {
    const note = await source.checkpoint(publisher, options)
    const { size } = parseCheckpointUnverified(note, publisher)
    if (from >= size) return { publisher, note, consistency: [], entries: [], blocks: [] }
    const end = Math.min(size, from + MAX_ENTRIES)
    const [consistency, entries] = await Promise.all([
      from === 0 ? [] : source.consistency(publisher, { from, to: size }, options),
      source.entries(publisher, { start: from, end }, options),
    ])
    const releases = [...new Set(entries.flatMap(releaseOf))]
    const blocks = releases.length === 0 ? [] : await source.blocks(releases, options)
    const held = blocks.flatMap((block) => (block === undefined ? [] : [block]))
    return { publisher, note, consistency, entries, blocks: held }
  } catch (error) {
    if (isRegistryError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

/** Cut to what there is room for, which is then taken. Undefined where not even one entry fits. */
function cutTo(piece: LogPiece, room: { bytes: number; items: number }): LogPiece | undefined {
  const { note, consistency } = piece
  const left = {
    bytes: room.bytes - note.length - consistency.length * 34 - 200,
    items: room.items - PIECE_ITEMS - consistency.length,
  }
  if (left.bytes <= 0 || left.items <= 0) return undefined
  const entries = takeWhile(piece.entries, left, ({ statement, bundles }) => ({
    bytes: bundles.reduce((sum, bundle) => sum + bundle.length + 5, statement.length + 30),
    items: 6 + bundles.length,
  }))
  if (entries.length === 0 && piece.entries.length > 0) {
    // Alone in its answer, one entry always goes.
    if (room.bytes < ANSWER_BYTES) return undefined
    room.bytes = 0
    return { ...piece, entries: piece.entries.slice(0, 1), blocks: [] }
  }
  const isWhole = entries.length === piece.entries.length
  const blocks = isWhole
    ? takeWhile(piece.blocks, left, ({ length }) => ({ bytes: length + 5, items: 1 }))
    : []
  Object.assign(room, isWhole ? left : { bytes: 0, items: 0 })
  return { ...piece, entries, blocks }
}

interface Cost {
  readonly bytes: number
  readonly items: number
}

function takeWhile<T>(
  all: readonly T[],
  left: { bytes: number; items: number },
  costOf: (one: T) => Cost,
): readonly T[] {
  const over = all.findIndex((one) => {
    const { bytes, items } = costOf(one)
    if (bytes > left.bytes || items > left.items) return true
    left.bytes -= bytes
    left.items -= items
    return false
  })
  return over === -1 ? all : all.slice(0, over)
}

/** A statement that cannot be read has no release: whoever asked will see for himself. */
function releaseOf({ statement }: SignedStatement): readonly Cid[] {
  try {
    const parsed = parseStatement(statement)
    return parsed.kind === 'release' ? [parsed.subject] : []
  } catch {
    return []
  }
}
