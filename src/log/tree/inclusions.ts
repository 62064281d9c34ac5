// Inclusion proofs of many leaves of one tree. Where a proof meets what an earlier one has shown of the tree, it is compared with that instead
// of being hashed up to the root again. It only ever says yes; every refusal, and its words, are proofs.ts's.

import { copyBytes, equalBytes } from '../../lib/index.ts'
import { type Hash, nodeHash } from './merkle.ts'
import { verifyInclusion } from './proofs.ts'

interface Included {
  readonly index: number
  readonly leaf: Hash
  readonly proof: readonly Hash[]
}

/** Subtrees of one tree that are kept: then it begins anew. */
const SHOWN_LIMIT = 4_096
/** Larger trees have positions that are no exact numbers here. */
const SIZE_LIMIT = 2 ** 40
const LEVELS = 64
const HASH_BYTES = 32

/** As `verifyInclusion` of this tree, for many leaves. */
export function openInclusions(tree: {
  readonly size: number
  readonly root: Hash
}): (entry: Included) => void {
  const shown = new Map<number, Hash>()
  return (entry) => {
    const path: (readonly [place: number, hash: Hash])[] = []
    if (tree.size > SIZE_LIMIT || !meets(tree.size, entry, { shown, path })) {
      verifyInclusion({ ...tree, ...entry })
    }
    // By now every hash on the way is that of its subtree: two that differ would have led to two roots.
    if (shown.size > SHOWN_LIMIT) shown.clear()
    for (const [place, hash] of path) shown.set(place, copyBytes(hash))
  }
}

/**
 * Whether the way up from the leaf meets a subtree that was shown, with the hash that was shown, and every sibling above it is the one shown too.
 * Collects the subtrees below; where nothing is met, all of them.
 */
function meets(
  size: number,
  { index, leaf, proof }: Included,
  {
    shown,
    path,
  }: { readonly shown: ReadonlyMap<number, Hash>; readonly path: (readonly [number, Hash])[] },
): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false
  let [at, last, level, hash, isMet] = [index, size - 1, 0, leaf, false]
  for (const sibling of proof) {
    if (sibling.length !== HASH_BYTES) return false
    // Up the right edge, past the levels at which the last node has no sibling.
    while (at === last && at % 2 === 0 && at !== 0) {
      ;[at, last, level] = [at / 2, last / 2, level + 1]
    }
    if (last === 0) return false
    const beside = at % 2 === 1 ? at - 1 : at + 1
    const known = isMet ? undefined : shown.get(placeOf(level, at))
    if (known !== undefined) {
      if (!equalBytes(known, hash)) return false
      isMet = true
    }
    if (isMet) {
      const other = shown.get(placeOf(level, beside))
      if (other === undefined || !equalBytes(other, sibling)) return false
    } else {
      path.push([placeOf(level, at), hash], [placeOf(level, beside), sibling])
      hash = at % 2 === 1 ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    }
    ;[at, last, level] = [Math.floor(at / 2), Math.floor(last / 2), level + 1]
  }
  return isMet && last === 0
}

function placeOf(level: number, at: number): number {
  return at * LEVELS + level
}
