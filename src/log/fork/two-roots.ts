// What a consistency proof says of both trees, whatever the reader holds: RFC 9162 section 2.1.4 with `b` always false, so that the
// subtree at the end of the older tree is always sent along. Computing the older root, instead of comparing with a known one, is
// what turns a failed comparison into evidence.

import { type Hash, nodeHash } from '../tree/merkle.ts'
import { assertCount, assertGrowth, invalid } from '../tree/sizes.ts'

export interface TwoRoots {
  /** What the larger tree had as its root when it had `from` leaves. */
  readonly fromRoot: Hash
  readonly toRoot: Hash
}

/** Throws PROOF_INVALID for a proof of another length. Every hash of the proof goes into `toRoot`. */
export function rootsIn(
  proof: readonly Hash[],
  { from, to }: { readonly from: number; readonly to: number },
): TwoRoots {
  assertCount(from, 1)
  assertGrowth(from + 1, to)
  const sides = sidesOf(from, to)
  const [first, ...siblings] = proof
  if (first === undefined || siblings.length !== sides.length) {
    const message = 'This proof about two histories is too long or too short.'
    throw invalid(message, `${sides.length + 1} hashes`, `${proof.length} hashes`)
  }
  let [fromRoot, toRoot] = [first, first]
  for (const [i, sibling] of siblings.entries()) {
    if (sides[i] === 'left') fromRoot = nodeHash(sibling, fromRoot)
    toRoot = sides[i] === 'left' ? nodeHash(sibling, toRoot) : nodeHash(toRoot, sibling)
  }
  return { fromRoot, toRoot }
}

/** On which side of the growing subtree each further hash lies, from the leaves up; those on the right came after `from`. */
function sidesOf(from: number, to: number): readonly ('left' | 'right')[] {
  const sides: ('left' | 'right')[] = []
  let [start, end] = [0, to]
  while (from !== end) {
    let half = 1
    while (half * 2 < end - start) half *= 2
    const isRight = from <= start + half
    sides.push(isRight ? 'right' : 'left')
    if (isRight) end = start + half
    else start += half
  }
  return sides.reverse()
}

/** Whether a tree of `size` leaves is one complete subtree, which RFC 9162 leaves out of a consistency proof. */
export function isWhole(size: number): boolean {
  return Number.isInteger(Math.log2(size))
}
