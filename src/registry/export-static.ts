// Writing a log as files that any web server can serve (docs/protocol.md, "Static logs"). What is there already is not written
// again, what is written never changes, and the checkpoint, which makes the rest visible, comes last.

import type { Cid } from '../cid/index.ts'
import { equalBytes, RegistryError, toHex } from '../lib/index.ts'
import {
  hashReader,
  type LogHead,
  parseCheckpointUnverified,
  parseStatement,
  readEntries,
  rootAt,
} from '../log/index.ts'
import {
  blockFile,
  checkpointFile,
  encodeEntries,
  encodeSignatures,
  entriesFile,
  partsOf,
  signaturesFile,
  TILE_HEIGHT,
  TILE_WIDTH,
  tileFile,
} from '../resolve/static/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { addBlocks } from './static/blocks.ts'
import { openStaticFolder, type StaticFolder, type Written } from './static/folder.ts'
import { addIndex, type NewestState } from './static/index-files.ts'
import type { Running } from './workspace.ts'

export interface Exported {
  readonly publisher: PublisherId
  readonly size: number
  /** RFC 6962 root in lower-case hex. */
  readonly root: string
  readonly written: Written
  /** Blocks of releases that this store does not hold: readers of the folder will not find them either. */
  readonly missing: readonly Cid[]
  /** Blocks that the log has tombstoned, and that an earlier export has left in the folder. */
  readonly withdrawn: readonly Cid[]
}

/**
 * Brings the folder up to the newest state of a log that is held here in full. Cut at any point, it leaves the state that was there
 * before, and the next run goes on. Throws NOT_FOUND, ROLLBACK and FORKED for a folder ahead of this store or of another history,
 * FILE_*, LIMIT_EXCEEDED.
 */
export async function exportStatic(
  store: Store,
  { publisher, folder: path }: { readonly publisher: PublisherId; readonly folder: string },
  running: Running = {},
): Promise<Exported> {
  const folder = openStaticFolder(path)
  const state = await addIndex(store, folder, publisher, running)
  const { head } = state
  await assertFollows(store, folder, head)
  const missing = await addEntries(store, folder, state, running)
  await addTiles(store, folder, head)
  // Again: another export may have been faster.
  const isNewest = await assertFollows(store, folder, head)
  if (!isNewest) await folder.replace(checkpointFile(publisher), head.checkpoint)
  const tombstoned = [...state.tombstoned]
  const there = await Promise.all(tombstoned.map((cid) => folder.has(blockFile(cid))))
  const withdrawn = tombstoned.filter((_, i) => there[i])
  const { size, root } = head
  return { publisher, size, root, written: folder.written(), missing, withdrawn }
}

/** True if the folder has this very checkpoint. Readers who have seen what is there must never be shown less, or another history. */
async function assertFollows(store: Store, folder: StaticFolder, head: LogHead): Promise<boolean> {
  const { publisher, size } = head
  const read = hashReader(store, publisher)
  if (toHex(await rootAt(size, read)) !== head.root) {
    throw new RegistryError(
      'STORE_CORRUPT',
      'The signed head of this log does not match its hashes.',
      {
        expected: head.root,
        got: toHex(await rootAt(size, read)),
        next: 'Nothing was published. Run `registry doctor`; restore the store from a backup if it says so.',
      },
    )
  }
  const note = await folder.find(checkpointFile(publisher))
  if (note === undefined) return false
  const there = parseCheckpointUnverified(note, publisher)
  if (there.size > size) {
    throw new RegistryError(
      'ROLLBACK',
      'The folder holds a newer state of this log than this store.',
      {
        expected: `at most ${size} entries`,
        got: `${there.size} entries`,
        next: 'Export from the store that wrote it, or into a new folder.',
      },
    )
  }
  if (!equalBytes(await rootAt(there.size, read), there.root)) {
    throw new RegistryError(
      'FORKED',
      'The folder holds another history of this log than this store.',
      {
        expected: `root ${toHex(await rootAt(there.size, read))} at ${there.size} entries`,
        got: `root ${toHex(there.root)}`,
        next: 'Keep both: they prove that one key signed two histories. Do not publish either before you know why.',
        evidence: {
          folder: Buffer.from(note).toString(),
          store: Buffer.from(head.checkpoint).toString(),
        },
      },
    )
  }
  return equalBytes(note, head.checkpoint)
}

async function addEntries(
  store: Store,
  folder: StaticFolder,
  { head: { publisher, size }, tombstoned }: NewestState,
  running: Running,
): Promise<readonly Cid[]> {
  const missing: Cid[] = []
  for (const part of partsOf(size, 0)) {
    running.signal?.throwIfAborted()
    const start = part.index * TILE_WIDTH
    const range = { start, end: start + part.width }
    const entries = await readEntries(store, publisher, range)
    const statements = entries.map(({ statement }) => statement)
    await folder.add(entriesFile(publisher, part), encodeEntries(statements))
    const signatures = encodeSignatures(entries.map(({ bundles }) => bundles))
    await folder.add(signaturesFile(publisher, part), signatures)
    const parsed = { statements: statements.map(parseStatement), tombstoned }
    missing.push(...(await addBlocks(store, folder, parsed)))
    running.onProgress?.({ what: 'exported', done: range.end, total: size })
  }
  return missing
}

async function addTiles(
  store: Store,
  folder: StaticFolder,
  { publisher, size }: LogHead,
): Promise<void> {
  const read = hashReader(store, publisher)
  for (let level = 0; TILE_WIDTH ** level <= size; level++) {
    for (const part of partsOf(size, level)) {
      const file = tileFile(publisher, level, part)
      if (await folder.has(file)) continue
      const wanted = Array.from({ length: part.width }, (_, i) => ({
        level: level * TILE_HEIGHT,
        index: part.index * TILE_WIDTH + i,
      }))
      await folder.add(file, Buffer.concat(await read(wanted)))
    }
  }
}
