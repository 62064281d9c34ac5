// Merkle trees as in RFC 6962 section 2.1 and RFC 9162 section 2.1.3–2.1.4. Pure: hashes are read through a function.
// Only complete subtrees are ever stored; the ragged right edge is folded from them. A tree of size 0 has no proofs here
// (docs/protocol.md, "The log"): a log begins with its genesis, and a proof about nothing would prove anything.

import { concatBytes, equalBytes, RegistryError, sha256, toHex } from '../lib/index.ts'

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
interface Range {
  readonly start: number
  readonly end: number
}

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

// The two prefixes differ, or a node could be passed off as a leaf (RFC 6962 section 2.1, second preimages).
export function leafHash(data: Uint8Array): Hash {
  return sha256(concatBytes(LEAF, data))
}

export function nodeHash(left: Hash, right: Hash): Hash {
  return sha256(concatBytes(NODE, left, right))
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
  const stack: TreeHash[] = edge.map((at, i) => ({ ...at, hash: hashAt(known, i) }))
  const hashes: TreeHash[] = []
  leaves.forEach((hash, i) => {
    let node: TreeHash = { level: 0, index: size + i, hash }
    hashes.push(node)
    for (let left = stack.at(-1); left?.level === node.level; left = stack.at(-1)) {
      stack.pop()
      const hash = nodeHash(left.hash, node.hash)
      node = { level: node.level + 1, index: left.index / 2, hash }
      hashes.push(node)
    }
    stack.push(node)
  })
  return { hashes, root: foldRight(stack.map((node) => node.hash)) }
}

export async function rootAt(size: number, read: ReadHashes): Promise<Hash> {
  assertCount(size, 1)
  return foldRight(await read(subtreesOf({ start: 0, end: size })))
}

/** RFC 9162 section 2.1.3.1, nearest sibling first. */
export function proveInclusion(
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
export function proveConsistency(
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

/** RFC 9162 section 2.1.3.2. Throws PROOF_INVALID. */
export function verifyInclusion({
  index,
  size,
  leaf,
  proof,
  root,
}: {
  readonly index: number
  readonly size: number
  readonly leaf: Hash
  readonly proof: readonly Hash[]
  readonly root: Hash
}): void {
  assertCount(size, 1)
  assertIndex(index, size)
  assertHashes([leaf, ...proof])
  let [at, last, hash] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (last === 0) throw wrongLength('inclusion', proof.length)
    const isRight = at % 2 === 1
    hash = isRight || at === last ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    if (!isRight && at === last) [at, last] = skipToRight(at, last)
    ;[at, last] = [half(at), half(last)]
  }
  if (last !== 0) throw wrongLength('inclusion', proof.length)
  assertRoot('This entry is not in the log that was signed.', root, hash)
}

/** RFC 9162 section 2.1.4.2. Throws PROOF_INVALID. */
export function verifyConsistency({
  from,
  to,
  fromRoot,
  toRoot,
  proof,
}: {
  readonly from: number
  readonly to: number
  readonly fromRoot: Hash
  readonly toRoot: Hash
  readonly proof: readonly Hash[]
}): void {
  assertCount(from, 1)
  assertGrowth(from, to)
  if (from === to) {
    if (proof.length > 0) throw wrongLength('consistency', proof.length)
    return assertRoot('Two logs of one size differ.', fromRoot, toRoot)
  }
  const isWhole = subtreesOf({ start: 0, end: from }).length === 1
  const [first, ...rest] = isWhole ? [fromRoot, ...proof] : proof
  if (first === undefined || proof.length === 0) throw wrongLength('consistency', proof.length)
  assertHashes([first, ...rest])
  let [at, last] = [from - 1, to - 1]
  while (at % 2 === 1) [at, last] = [half(at), half(last)]
  let [older, newer] = [first, first]
  for (const sibling of rest) {
    if (last === 0) throw wrongLength('consistency', proof.length)
    if (at % 2 === 1 || at === last) {
      older = nodeHash(sibling, older)
      newer = nodeHash(sibling, newer)
      if (at % 2 === 0) [at, last] = skipToRight(at, last)
    } else newer = nodeHash(newer, sibling)
    ;[at, last] = [half(at), half(last)]
  }
  if (last !== 0) throw wrongLength('consistency', proof.length)
  assertRoot('The older log is not a beginning of the newer one.', fromRoot, older)
  assertRoot('The newer log does not follow from the older one.', toRoot, newer)
}

/** Up the right edge, past the levels at which the last node has no sibling. */
function skipToRight(at: number, last: number): [number, number] {
  while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)]
  return [at, last]
}

// Not `>> 1`: sizes may pass 2^31.
function half(n: number): number {
  return Math.floor(n / 2)
}

/** The largest power of two smaller than `count`. */
function split(count: number): number {
  let k = 1
  while (k * 2 < count) k *= 2
  return k
}

function subtreesOf({ start, end }: Range): readonly TreePosition[] {
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
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), hashAt(hashes, hashes.length - 1))
}

function hashAt(hashes: readonly Hash[], i: number): Hash {
  const hash = hashes[i]
  if (hash === undefined) throw invalid('A hash of the tree is missing.', 'one more hash', 'none')
  return hash
}

function assertCount(size: number, least: number): void {
  if (Number.isSafeInteger(size) && size >= least) return
  throw invalid('A log of this size has no proofs.', `a whole number from ${least} to 2^53 - 1`, size)
}

function assertIndex(index: number, size: number): void {
  if (Number.isSafeInteger(index) && index >= 0 && index < size) return
  throw invalid('This position is not in the log.', `a position from 0 to ${size - 1}`, index)
}

function assertGrowth(from: number, to: number): void {
  if (Number.isSafeInteger(to) && from <= to) return
  throw invalid('A log cannot shrink.', `a size of at least ${from}`, to)
}

function assertHashes(hashes: readonly Hash[]): void {
  const odd = hashes.find((hash) => hash.length !== 32)
  if (odd === undefined) return
  throw invalid('A hash in this proof has another length.', '32 bytes', `${odd.length} bytes`)
}

function assertRoot(message: string, expected: Hash, got: Hash): void {
  if (equalBytes(expected, got)) return
  throw invalid(message, `root ${toHex(expected)}`, `root ${toHex(got)}`)
}

function wrongLength(what: 'inclusion' | 'consistency', got: number): RegistryError {
  const message = `This ${what} proof is too long or too short.`
  return invalid(message, 'as many hashes as the two sizes or the position ask for', got)
}

function invalid(message: string, expected: string, got: string | number): RegistryError {
  const next = 'Ask another peer; if the answer is the same, tell the publisher.'
  return new RegistryError('PROOF_INVALID', message, { expected, got, next })
}
