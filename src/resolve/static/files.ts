// Reading the numbered files of a static log: each at most once in a while, and a full one where the partial one is gone.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import type { SourceOptions } from '../source.ts'
import { type FetchOptions, fetchFile } from './fetch-file.ts'
import { type Part, type StaticFile, TILE_WIDTH } from './layout.ts'

/** One pull asks a few files several times; a file has at most 16 MiB. */
const KEPT = 8

export interface PartKind<T> {
  readonly fileOf: (part: Part) => StaticFile
  /** Throws MESSAGE_INVALID for bytes that do not hold `width` items. */
  readonly decode: (bytes: Uint8Array, width: number) => readonly T[]
}

export interface Files {
  readPart<T>(kind: PartKind<T>, part: Part, options: SourceOptions): Promise<readonly T[]>
}

export function createFiles(base: URL, limits: FetchOptions): Files {
  const kept = new Map<string, Promise<readonly unknown[]>>()

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
      const known = kept.get(path) as Promise<readonly T[]> | undefined
      const reading = known ?? fetchEither(kind, part, options)
      kept.delete(path)
      kept.set(path, reading)
      for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest)
      // A failure is not an answer: the next question asks again.
      reading.catch(() => kept.get(path) === reading && kept.delete(path))
      return reading
    },
  }
}
