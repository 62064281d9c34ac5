// Reading files of a static log that never change: each at most once in a while, and a full one where the partial one is gone.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import type { SourceOptions } from '../source.ts'
import { type FetchOptions, fetchFile } from './fetch-file.ts'
import { type Part, type StaticFile, TILE_WIDTH } from './layout.ts'

/** One pull asks for a few files several times; those of signatures have up to 16 MiB. */
const KEPT_PARTS = 8
/** The nodes near the root of an index lead to every key. */
const KEPT_NODES = 32

export interface PartKind<T> {
  readonly fileOf: (part: Part) => StaticFile
  /** Throws MESSAGE_INVALID for bytes that do not hold `width` items. */
  readonly decode: (bytes: Uint8Array, width: number) => readonly T[]
}

export interface Files {
  readPart<T>(kind: PartKind<T>, part: Part, options: SourceOptions): Promise<readonly T[]>
  /** A file named by its hash. */
  readNode(file: StaticFile, options: SourceOptions): Promise<Uint8Array>
}

export function createFiles(base: URL, limits: FetchOptions): Files {
  const parts = createKeeper<readonly unknown[]>(KEPT_PARTS)
  const nodes = createKeeper<Uint8Array>(KEPT_NODES)

  async function fetchPart<T>(
    { fileOf, decode }: PartKind<T>,
    part: Part,
    options: SourceOptions,
  ): Promise<readonly T[]> {
    const file = fileOf(part)
    const bytes = await fetchFile(base, file, { ...limits, ...options })
    try {
      return decode(bytes, part.width)
    } catch (cause) {
      if (!isRegistryError(cause, 'MESSAGE_INVALID')) throw cause
      const { expected, got } = cause.details
      throw new RegistryError(
        'PEER_MISBEHAVED',
        `The file at ${new URL(file.path, base)} is not one of a static log.`,
        {
          ...(expected === undefined ? {} : { expected }),
          ...(got === undefined ? {} : { got }),
          next: 'Nothing of it was kept. Ask another peer; if the server is yours, export the log again into a new folder.',
          cause,
        },
      )
    }
  }

  /** "Logs MAY delete any partial tile once the corresponding full tile is available" (tlog-tiles, "Partial Tiles"). */
  async function fetchEither<T>(
    kind: PartKind<T>,
    part: Part,
    options: SourceOptions,
  ): Promise<readonly T[]> {
    try {
      return await fetchPart(kind, part, options)
    } catch (error) {
      if (!isRegistryError(error, 'NOT_FOUND') || part.width === TILE_WIDTH) throw error
      const full = await fetchPart(kind, { ...part, width: TILE_WIDTH }, options).catch(() => {
        throw error
      })
      return full.slice(0, part.width)
    }
  }

  return {
    readPart<T>(kind: PartKind<T>, part: Part, options: SourceOptions): Promise<readonly T[]> {
      const { path } = kind.fileOf(part)
      return parts(path, () => fetchEither(kind, part, options)) as Promise<readonly T[]>
    },
    readNode: (file, options) =>
      nodes(file.path, () => fetchFile(base, file, { ...limits, ...options })),
  }
}

/** The newest `most` answers. A failure is not an answer: the next question asks again. */
function createKeeper<T>(most: number): (path: string, read: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>()
  return (path, read) => {
    const reading = kept.get(path) ?? read()
    kept.delete(path)
    kept.set(path, reading)
    for (const oldest of kept.keys()) if (kept.size > most) kept.delete(oldest)
    reading.catch(() => kept.get(path) === reading && kept.delete(path))
    return reading
  }
}
