// Merkle trees as in RFC 6962 section 2.1 and RFC 9162 section 2.1.3–2.1.4. Pure: hashes are read through a function.
// Only complete subtrees are ever stored; the ragged right edge is folded from them. A tree of size 0 has no proofs here
// (docs/protocol.md, "The log"): a log begins with its genesis, and a proof about nothing would prove anything.

import { sha256 } from '../../lib/index.ts'
import { assertCount, assertGrowth, assertIndex, invalid } from './sizes.ts'

/** 32 bytes. */
export type Hash = Uint8Array

/** A complete subtree: `index`th of 2^level leaves. Level 0 holds the leaf hashes. */
export interface TreePosition {
  readonly level: number
  readonly index: number
}

export interface TreeHash extends TreePosition {
  readonly hash: Hash
}

/** Answers every wanted hash, in order. */
export type ReadHashes = (wanted: readonly TreePosition[]) => Promise<readonly Hash[]>

/** Leaves start ≤ i < end; start is a multiple of the largest power of two that fits, so it splits from the left. */
export interface Range {
  readonly start: number
  readonly end: number
}

const LEAF = 0
const NODE = 1
/** What is hashed is put together here, unless it is longer. */
const ROOM = Buffer.alloc(16 * 1024)

// The two prefixes differ, or a node could be passed off as a leaf (RFC 6962 section 2.1, second preimages).
export function leafHash(data: Uint8Array): Hash {
  return hashOf(LEAF, data)
}

export function nodeHash(left: Hash, right: Hash): Hash {
  return hashOf(NODE, left, right)
}

function hashOf(prefix: number, first: Uint8Array, second?: Uint8Array): Hash {
  const length = 1 + first.length + (second?.length ?? 0)
  const bytes = length <= ROOM.length ? ROOM : Buffer.alloc(length)
  bytes[0] = prefix
  bytes.set(first, 1)
  if (second !== undefined) bytes.set(second, 1 + first.length)
  return sha256(bytes.subarray(0, length))
}

/** The hashes that `leaves` add to a tree of `size`, and the root of the grown tree. Reads once. */
export async function appendLeaves(
  size: number,
  leaves: readonly Hash[],
  read: ReadHashes,
): Promise<{ readonly hashes: readonly TreeHash[]; readonly root: Hash }> {
  assertCount(size, 0)
  assertCount(size + leaves.length, 1)
  const edge = subtreesOf({ start: 0, end: size })
  const known = edge.length === 0 ? [] : await read(edge)
  const tree = openEdge(edge.map((at, i) => ({ ...at, hash: hashAt(known, i) })))
  const hashes = leaves.flatMap((hash, i) => tree.add(size + i, hash))
  return { hashes, root: tree.root() }
}

/** The complete subtrees at the right edge of a tree, the largest first: all that a growing tree needs of what it has. */
export interface TreeEdge {
  /** Every subtree that leaf number `index`, the next one, completes. */
  add(index: number, leaf: Hash): readonly TreeHash[]
  /** Throws for a tree without leaves. */
  root(): Hash
}

export function openEdge(subtrees: readonly TreeHash[] = []): TreeEdge {
  const stack = [...subtrees]
  return {
    add(index, leaf) {
      let node: TreeHash = { level: 0, index, hash: leaf }
      const added = [node]
      for (let left = stack.at(-1); left?.level === node.level; left = stack.at(-1)) {
        stack.pop()
        const hash = nodeHash(left.hash, node.hash)
        node = { level: node.level + 1, index: left.index / 2, hash }
        added.push(node)
      }
      stack.push(node)
      return added
    },
    root: () => foldRight(stack.map(({ hash }) => hash)),
  }
}

export async function rootAt(size: number, read: ReadHashes): Promise<Hash> {
  assertCount(size, 1)
  return foldRight(await read(subtreesOf({ start: 0, end: size })))
}

/** RFC 9162 section 2.1.3.1, nearest sibling first. */
export async function proveInclusion(
  { index, size }: { readonly index: number; readonly size: number },
  read: ReadHashes,
): Promise<readonly Hash[]> {
  assertCount(size, 1)
  assertIndex(index, size)
  const path: Range[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + split(end - start)
    path.unshift(index < middle ? { start: middle, end } : { start, end: middle })
    if (index < middle) end = middle
    else start = middle
  }
  return readRanges(path, read)
}

/** RFC 9162 section 2.1.4.1. */
export async function proveConsistency(
  { from, to }: { readonly from: number; readonly to: number },
  read: ReadHashes,
): Promise<readonly Hash[]> {
  assertCount(from, 1)
  assertGrowth(from, to)
  const path: Range[] = []
  let [start, end] = [0, to]
  while (from !== end) {
    const middle = start + split(end - start)
    path.unshift(from <= middle ? { start: middle, end } : { start, end: middle })
    if (from <= middle) end = middle
    else start = middle
  }
  // The subtree where the old tree ends, unless it is the whole old tree, whose root the verifier has.
  if (start !== 0) path.unshift({ start, end })
  return readRanges(path, read)
}

/** The largest power of two smaller than `count`. */
function split(count: number): number {
  let k = 1
  while (k * 2 < count) k *= 2
  return k
}

/** The complete subtrees that make up a range, from the left. */
export function subtreesOf({ start, end }: Range): readonly TreePosition[] {
  const found: TreePosition[] = []
  for (let at = start; at < end; ) {
    let level = 0
    while (2 ** (level + 1) <= end - at) level++
    found.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return found
}

async function readRanges(ranges: readonly Range[], read: ReadHashes): Promise<readonly Hash[]> {
  const parts = ranges.map(subtreesOf)
  const wanted = parts.flat()
  const hashes = wanted.length === 0 ? [] : await read(wanted)
  let at = 0
  return parts.map((part) => {
    const start = at
    at += part.length
    return foldRight(hashes.slice(start, at))
  })
}

function foldRight(hashes: readonly Hash[]): Hash {
  return hashes
    .slice(0, -1)
    .reduceRight((right, left) => nodeHash(left, right), hashAt(hashes, hashes.length - 1))
}

function hashAt(hashes: readonly Hash[], i: number): Hash {
  const hash = hashes[i]
  if (hash === undefined) throw invalid('A hash of the tree is missing.', 'one more hash', 'none')
  return hash
}
