// Checking Merkle proofs, as RFC 9162 sections 2.1.3.2 and 2.1.4.2 do. Pure. Size 0 is refused (docs/protocol.md, "The log").

import { equalBytes, type RegistryError, toHex } from '../../lib/index.ts'
import { type Hash, nodeHash, subtreesOf } from './merkle.ts'
import { assertCount, assertGrowth, assertIndex, invalid } from './sizes.ts'

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
    assertRoot('Two logs of one size differ.', fromRoot, toRoot)
    return
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
