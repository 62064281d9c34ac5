// Where the files of a static log lie, and which there are at a size: C2SP tlog-tiles (https://c2sp.org/tlog-tiles), and beside them
// what it has no place for (docs/protocol.md, "Static logs"). Shared by who writes the files and who reads them.

import type { Cid } from '../../cid/index.ts'
import { LIMITS, type PublisherId } from '../../spec/index.ts'

/** Hashes of a full tile, and entries of a full bundle. */
export const TILE_WIDTH = 256
export const HASH_BYTES = 32
/** Tree levels that one tile covers. */
export const TILE_HEIGHT = 8

/** The `index`th tile of a level, or bundle of entries, holding `width` of at most 256 items. */
export interface Part {
  readonly index: number
  readonly width: number
}

/** The most signature bytes of one bundle: 64 KiB an entry, which is six keyless signatures, or the largest one. */
const SIGNATURES_BYTES = TILE_WIDTH * LIMITS.bundleBytes

/** A path relative to the folder, and the most bytes that its file may have. */
export interface StaticFile {
  readonly path: string
  readonly limit: number
}

/** The only file that ever changes. */
export function checkpointFile(publisher: PublisherId): StaticFile {
  return { path: `${publisher}/checkpoint`, limit: LIMITS.statementBytes }
}

export function tileFile(publisher: PublisherId, level: number, part: Part): StaticFile {
  return { path: `${publisher}/tile/${level}/${numbered(part)}`, limit: TILE_WIDTH * HASH_BYTES }
}

export function entriesFile(publisher: PublisherId, part: Part): StaticFile {
  const limit = TILE_WIDTH * (2 + LIMITS.statementBytes)
  return { path: `${publisher}/tile/entries/${numbered(part)}`, limit }
}

export function signaturesFile(publisher: PublisherId, part: Part): StaticFile {
  return { path: `${publisher}/signatures/${numbered(part)}`, limit: SIGNATURES_BYTES }
}

/** A node of the index map, or what one of its leaves names. */
export function indexFile(publisher: PublisherId, cid: Cid): StaticFile {
  return { path: `${publisher}/index/${cid}`, limit: LIMITS.releaseBytes }
}

/** Shared by all publishers of the folder: equal tools are one file. */
export function blockFile(cid: Cid): StaticFile {
  return { path: `block/${cid}`, limit: LIMITS.releaseBytes }
}

/** How many hashes the tile has in a tree of `size` entries; 0 if there is no such tile. Entry bundles are as level 0. */
export function widthAt(size: number, { level, index }: { level: number; index: number }): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level)
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH))
}

/** All tiles of one level of a tree of `size` entries, full ones first. */
export function* partsOf(size: number, level: number): Iterable<Part> {
  for (let index = 0; ; index++) {
    const width = widthAt(size, { level, index })
    if (width === 0) return
    yield { index, width }
  }
}

/** 1234067 is `x001/x234/067`: no folder grows beyond a thousand names, and none has the name of a file. */
function numbered({ index, width }: Part): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? []
  const path = groups.map((group, i) => (i + 1 < groups.length ? `x${group}` : group)).join('/')
  return width === TILE_WIDTH ? path : `${path}.p/${width}`
}
