// The hashes of a log, read from tiles: what the functions that make proofs ask for. A tile holds every eighth level of the tree;
// the levels between are hashed together from it.

import { RegistryError } from '../../lib/index.ts'
import { type Hash, nodeHash, type ReadHashes } from '../../log/index.ts'
import { type Part, TILE_HEIGHT, TILE_WIDTH, widthAt } from './layout.ts'

export type ReadTile = (level: number, part: Part) => Promise<readonly Hash[]>

/** Hashes of complete subtrees of a tree of `size` entries. Nothing is checked but that they are there: proofs are, later. */
export function tileReader(size: number, read: ReadTile): ReadHashes {
  return (wanted) =>
    Promise.all(
      wanted.map(async ({ level, index }) => {
        const tileLevel = Math.floor(level / TILE_HEIGHT)
        const count = 2 ** (level % TILE_HEIGHT)
        const start = index * count
        const at = { level: tileLevel, index: Math.floor(start / TILE_WIDTH) }
        const width = widthAt(size, at)
        if (width === 0) throw absent(size)
        const hashes = await read(tileLevel, { index: at.index, width })
        const first = start % TILE_WIDTH
        return foldPairs(hashes.slice(first, first + count))
      }),
    )
}

function foldPairs(hashes: readonly Hash[]): Hash {
  const [left, right] = hashes
  if (left === undefined) throw absent(0)
  if (right === undefined) return left
  const middle = hashes.length / 2
  return nodeHash(foldPairs(hashes.slice(0, middle)), foldPairs(hashes.slice(middle)))
}

function absent(size: number): RegistryError {
  return new RegistryError('NOT_FOUND', 'This log is too short for that proof.', {
    expected: 'a position inside the log',
    got: `${size} entries`,
  })
}
