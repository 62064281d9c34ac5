// A folder of files on a web server as a Source: `registry export --static` writes it, this reads it (docs/protocol.md, "Static
// logs"). Proofs are computed here from tiles, and judged by who asked, like those of any peer.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError, RegistryError } from '../../lib/index.ts'
import {
  parseCheckpointUnverified,
  proveConsistency,
  proveInclusion,
  type ReadHashes,
} from '../../log/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { SignedStatement, Source, SourceOptions } from '../source.ts'
import { decodeEntries, decodeSignatures, decodeTile } from './encodings.ts'
import { type FetchOptions, fetchFile } from './fetch-file.ts'
import { createFiles } from './files.ts'
import { readIndexPath } from './index-path.ts'
import {
  blockFile,
  checkpointFile,
  entriesFile,
  indexFile,
  signaturesFile,
  TILE_WIDTH,
  tileFile,
  widthAt,
} from './layout.ts'
import { tileReader } from './tiles.ts'

const MAX_ENTRIES = 64
/** Files of one question that are fetched side by side. */
const MAX_BLOCKS = 16

/** `base` ends with a slash. Nothing is opened before the first question, and nothing has to be closed. */
export function staticSource(base: URL, limits: FetchOptions = {}): Source & AsyncDisposable {
  const files = createFiles(base, limits)
  /** Of the checkpoints last answered: which partial files there are follows from the size. */
  const sizes = new Map<PublisherId, number>()

  async function checkpoint(
    publisher: PublisherId,
    options: SourceOptions = {},
  ): Promise<Uint8Array> {
    const note = await fetchFile(base, checkpointFile(publisher), { ...limits, ...options })
    sizes.set(publisher, parseCheckpointUnverified(note, publisher).size)
    return note
  }

  async function entries(
    publisher: PublisherId,
    { start, end }: { readonly start: number; readonly end: number },
    options: SourceOptions = {},
  ): Promise<readonly SignedStatement[]> {
    if (!sizes.has(publisher)) await checkpoint(publisher, options)
    const size = sizes.get(publisher) ?? 0
    if (start >= Math.min(size, end)) throw beyond(base, size, start)
    const index = Math.floor(start / TILE_WIDTH)
    const part = { index, width: widthAt(size, { level: 0, index }) }
    const fileOf = { entries: entriesFile, signatures: signaturesFile }
    const [statements, signatures] = await Promise.all([
      files.readPart(
        { fileOf: (part) => fileOf.entries(publisher, part), decode: decodeEntries },
        part,
        options,
      ),
      files.readPart(
        { fileOf: (part) => fileOf.signatures(publisher, part), decode: decodeSignatures },
        part,
        options,
      ),
    ])
    const first = index * TILE_WIDTH
    return statements
      .map((statement, i) => ({ statement, bundles: signatures[i] ?? [] }))
      .slice(start - first, Math.min(end, start + MAX_ENTRIES) - first)
  }

  function hashes(
    publisher: PublisherId,
    size: number,
    options: SourceOptions | undefined,
  ): ReadHashes {
    return tileReader(size, (level, part) =>
      files.readPart(
        { fileOf: (part) => tileFile(publisher, level, part), decode: decodeTile },
        part,
        options ?? {},
      ),
    )
  }

  async function indexNode(publisher: PublisherId, cid: Cid, options: SourceOptions) {
    const file = indexFile(publisher, cid)
    const url = new URL(file.path, base).href
    try {
      return { url, bytes: await files.readNode(file, options) }
    } catch (cause) {
      if (!isRegistryError(cause, 'NOT_FOUND')) throw cause
      // Never "the log has grown": an export keeps the nodes of every checkpoint it wrote.
      throw new RegistryError(
        'PEER_MISBEHAVED',
        `The static log at ${base} is incomplete: ${url} is not there.`,
        {
          expected: 'every file that the checkpoint calls for',
          got: 'a gap',
          next: 'Ask another peer; if the server is yours, upload the folder again, the checkpoint last.',
          cause,
        },
      )
    }
  }

  async function block(cid: Cid, options: SourceOptions): Promise<Uint8Array | undefined> {
    try {
      return await fetchFile(base, blockFile(cid), { ...limits, ...options })
    } catch (error) {
      if (isRegistryError(error, 'NOT_FOUND')) return undefined
      throw error
    }
  }

  return {
    label: base.href,
    checkpoint,
    entries,
    inclusion: (publisher, at, options) => proveInclusion(at, hashes(publisher, at.size, options)),
    consistency: (publisher, sizes, options) =>
      proveConsistency(sizes, hashes(publisher, sizes.to, options)),
    indexPath: (publisher, query, options = {}) =>
      readIndexPath(query, {
        label: base.href,
        read: (cid) => indexNode(publisher, cid, options),
      }),
    blocks: async (cids, options = {}) => {
      const wanted = cids.slice(0, MAX_BLOCKS)
      return upToFailure(await Promise.allSettled(wanted.map((cid) => block(cid, options))))
    },
    // A folder of files has no list of them.
    claimants: async () => [],
    [Symbol.asyncDispose]: async () => {},
  }
}

/** What did come is kept although something after it did not: asked again, that fails first. */
function upToFailure<T>(answers: readonly PromiseSettledResult<T>[]): readonly T[] {
  const [first] = answers
  if (first?.status === 'rejected') throw first.reason
  const failed = answers.findIndex(({ status }) => status === 'rejected')
  const good = failed === -1 ? answers : answers.slice(0, failed)
  return good.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
}

function beyond(base: URL, size: number, start: number): RegistryError {
  return new RegistryError('NOT_FOUND', `The static log at ${base} is shorter than that.`, {
    expected: `a position below ${size}`,
    got: `position ${start}`,
    next: 'Ask another peer.',
  })
}
