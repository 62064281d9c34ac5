// Proofs that share what they show of one tree say the same as each proof alone: of honest proofs in any order, and of every forged one after
// honest ones have been accepted.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  appendLeaves,
  type Hash,
  leafHash,
  openInclusions,
  proveInclusion,
  type ReadHashes,
  verifyInclusion,
} from '../../src/log/index.ts'

const MAX_SIZE = 40

interface Tree {
  readonly size: number
  readonly root: Hash
  readonly leaves: readonly Hash[]
  readonly proofs: readonly (readonly Hash[])[]
}

async function treeOf(size: number): Promise<Tree> {
  const leaves = Array.from({ length: size }, (_, i) => leafHash(Buffer.from(`entry ${i}`)))
  const { hashes, root } = await appendLeaves(0, leaves, async () => [])
  const known = new Map(hashes.map(({ level, index, hash }) => [`${level}/${index}`, hash]))
  const read: ReadHashes = async (wanted) =>
    wanted.map(({ level, index }) => known.get(`${level}/${index}`) ?? Buffer.alloc(0))
  const proofs = await Promise.all(leaves.map((_, index) => proveInclusion({ index, size }, read)))
  return { size, root, leaves, proofs }
}

const TREES = await Promise.all(Array.from({ length: MAX_SIZE }, (_, i) => treeOf(i + 1)))

type Entry = Parameters<ReturnType<typeof openInclusions>>[0]

function said(act: () => void): string {
  try {
    act()
    return 'included'
  } catch (error) {
    return String(error)
  }
}

const anyTree = fc.constantFrom(...TREES)

test('every leaf of every tree, in any order', () => {
  const order = fc.array(fc.nat(MAX_SIZE - 1), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(anyTree, order, ({ size, root, leaves, proofs }, picks) => {
      const assertIn = openInclusions({ size, root })
      for (const pick of picks) {
        const index = pick % size
        assertIn({ index, leaf: leaves[index] as Hash, proof: proofs[index] as readonly Hash[] })
      }
    }),
  )
})

describe('after honest proofs', () => {
  const forgeries: Readonly<Record<string, (entry: Entry, n: number, tree: Tree) => Entry>> = {
    'another leaf': (entry) => ({ ...entry, leaf: leafHash(Buffer.from('forged')) }),
    'the leaf of another position': (entry, n, { leaves, size }) => ({
      ...entry,
      leaf: leaves[n % size] as Hash,
    }),
    'another position': (entry, n, { size }) => ({ ...entry, index: n % (size + 2) }),
    'a position that is none': (entry, n) => ({
      ...entry,
      index: [-1, 0.5, Number.NaN][n % 3] ?? 0,
    }),
    'one hash of the proof': (entry, n) => {
      const proof = entry.proof.map((hash) => Buffer.from(hash))
      const hash = proof[n % Math.max(1, proof.length)]
      if (hash !== undefined) hash[n % 32] = (hash[n % 32] ?? 0) ^ 1
      return { ...entry, proof }
    },
    'one hash fewer': (entry, n) => ({ ...entry, proof: without(entry.proof, n) }),
    'one hash more': (entry, n) => ({
      ...entry,
      proof: entry.proof.toSpliced(n % (entry.proof.length + 1), 0, leafHash(Buffer.from('more'))),
    }),
    'a hash that is shorter': (entry, n) => ({
      ...entry,
      proof: entry.proof.map((hash, i) => (i === n % entry.proof.length ? hash.subarray(1) : hash)),
    }),
    'the root as a proof': (entry, _, { root }) => ({ ...entry, leaf: root, proof: [] }),
    'the proof of another leaf': (entry, n, { proofs, size }) => ({
      ...entry,
      proof: proofs[n % size] as readonly Hash[],
    }),
  }

  test.for(Object.keys(forgeries))('%s: the verdict and the words of the proof alone', (kind) => {
    const forge = forgeries[kind] as (typeof forgeries)[string]
    const picks = fc.array(fc.nat(MAX_SIZE - 1), { maxLength: MAX_SIZE })
    fc.assert(
      fc.property(anyTree, picks, fc.nat(), fc.nat(), (tree, honest, pick, n) => {
        const { size, root, leaves, proofs } = tree
        const entryAt = (index: number): Entry => ({
          index,
          leaf: leaves[index] as Hash,
          proof: proofs[index] as readonly Hash[],
        })
        const assertIn = openInclusions({ size, root })
        for (const index of honest) assertIn(entryAt(index % size))
        const forged = forge(entryAt(pick % size), n, tree)
        const alone = said(() => verifyInclusion({ ...forged, size, root }))
        expect(said(() => assertIn(forged))).toBe(alone)
        // And what was refused has taught nothing.
        expect(said(() => assertIn(forged))).toBe(alone)
        for (let index = 0; index < size; index++) assertIn(entryAt(index))
      }),
    )
  })
})

test('under the root of another tree nothing is shown', () => {
  const [one, other] = [TREES[20] as Tree, TREES[21] as Tree]
  const assertIn = openInclusions({ size: one.size, root: other.root })
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < one.size; index++) {
      const leaf = one.leaves[index] as Hash
      const proof = one.proofs[index] as readonly Hash[]
      expect(said(() => assertIn({ index, leaf, proof }))).toMatch(/not in the log/)
    }
  }
})

function without<T>(list: readonly T[], n: number): readonly T[] {
  return list.filter((_, i) => i !== n % Math.max(1, list.length))
}
