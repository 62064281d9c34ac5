// What a consumer has accepted of a log before, against what a source offers now: never less, never another history.

import {
  equalBytes,
  fromHex,
  isRegistryError,
  RegistryError,
  toBase64,
  toHex,
} from '../lib/index.ts'
import {
  type Checkpoint,
  type Hash,
  isWhole,
  leafHash,
  makeForkProof,
  nodeHash,
  rootsIn,
  type TwoRoots,
} from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Block, Floor } from '../store/index.ts'
import { loadVerifier } from '../trust/index.ts'
import type { SignedStatement, Source, SourceOptions } from './source.ts'

/** The floor, and the signed note that it was accepted on: without the note a fork is seen, but not proven to others. */
export interface AcceptedHead extends Floor {
  readonly note?: Uint8Array | undefined
  /** The key entries of the history it was accepted in. */
  readonly keys?: readonly SignedStatement[] | undefined
}

/** A head whose signature has verified, as it came. */
export interface OfferedHead {
  readonly checkpoint: Checkpoint
  readonly note: Uint8Array
  readonly genesis: Uint8Array
  /** The key entries after it. */
  readonly keys: readonly SignedStatement[]
}

/**
 * Rollback (T1): a smaller log than one accepted before. Fork (T5): another history than the one accepted before; the error's
 * evidence then holds `proof`, the fork proof in base64, if the accepted note is there to make it of.
 */
export async function assertFloor(
  source: Source,
  {
    publisher,
    floor,
  }: { readonly publisher: PublisherId; readonly floor: AcceptedHead | undefined },
  offered: OfferedHead,
  options: SourceOptions,
): Promise<void> {
  if (floor === undefined) return
  const { note, keys = [], ...accepted } = floor
  const { size, root } = accepted
  const got = { size: offered.checkpoint.size, root: toHex(offered.checkpoint.root) }
  if (got.size < size) {
    throw new RegistryError(
      'ROLLBACK',
      `${source.label} offers an older state of this log than one already accepted here.`,
      {
        expected: `at least ${size} entries`,
        got: `${got.size} entries`,
        next: 'Nothing was changed. Ask another peer; if all answer the same, the publisher has lost or withdrawn entries.',
        evidence: { accepted, offered: got },
      },
    )
  }
  const smaller = { size, root: fromHex(root) }
  const fork = await findFork(source, publisher, { smaller, larger: offered.checkpoint }, options)
  if (fork === undefined) return
  const block = await proofOf(publisher, { note, keys }, offered, fork.proof)
  const proven = block === undefined ? {} : { proof: toBase64(block.bytes) }
  throw new RegistryError(
    'FORKED',
    'This log shows another history than the one already accepted here.',
    {
      expected: `a log that extends ${size} entries with root ${root}`,
      got: `${got.size} entries with root ${got.root}`,
      next: 'Do not use this publisher’s tools until it has explained itself; keep both heads as proof.',
      evidence: { accepted, offered: got, ...proven },
    },
  )
}

type Head = Pick<Checkpoint, 'size' | 'root'>

/** Whoever holds the larger log. */
export type Prover = Pick<Source, 'label' | 'consistency' | 'entries' | 'inclusion'>

/**
 * Undefined when the larger log goes on from the smaller one, both verified before. Else what `makeForkProof` needs besides the notes.
 * Throws PROOF_INVALID when the source, who must hold the larger log, shows neither: that is its own lie, not the publisher's.
 */
export async function findFork(
  source: Prover,
  publisher: PublisherId,
  { smaller, larger }: { readonly smaller: Head; readonly larger: Head },
  options: SourceOptions,
): Promise<{ readonly proof: readonly Hash[] | undefined } | undefined> {
  const sizes = { from: smaller.size, to: larger.size }
  if (sizes.from === sizes.to) {
    return equalBytes(smaller.root, larger.root) ? undefined : { proof: undefined }
  }
  const short = await source.consistency(publisher, sizes, options)
  const proof = isWhole(sizes.from) ? [smaller.root, ...short] : short
  const roots = rootsIn(assertHashes(proof), sizes)
  if (equalBytes(roots.toRoot, larger.root)) {
    return equalBytes(roots.fromRoot, smaller.root) ? undefined : { proof }
  }
  if (isWhole(sizes.from))
    return await findWholeFork(source, publisher, { smaller, larger }, options)
  throw unproven(source, larger, roots)
}

/**
 * A consistency proof leaves out an older root that is one complete subtree: the reader has it. Here the reader has another one, and
 * what the larger log had instead is folded from the path of its first entry, whose lowest siblings lie inside that subtree.
 */
async function findWholeFork(
  source: Prover,
  publisher: PublisherId,
  { smaller, larger }: { readonly smaller: Head; readonly larger: Head },
  options: SourceOptions,
): Promise<{ readonly proof: readonly Hash[] }> {
  const size = larger.size
  const [genesis] = await source.entries(publisher, { start: 0, end: 1 }, options)
  const path = await source.inclusion(publisher, { index: 0, size }, options)
  const inside = Math.log2(smaller.size)
  const leaf = genesis === undefined ? new Uint8Array() : leafHash(genesis.statement)
  const first = path.slice(0, inside).reduce((hash, sibling) => nodeHash(hash, sibling), leaf)
  const proof = assertHashes([first, ...path.slice(inside)])
  const roots = rootsIn(proof, { from: smaller.size, to: size })
  const isProven = equalBytes(roots.toRoot, larger.root)
  if (isProven && !equalBytes(roots.fromRoot, smaller.root)) return { proof }
  throw unproven(source, larger, roots)
}

/** Undefined when the accepted note is not kept here, or does not prove it: the fork is refused all the same. */
async function proofOf(
  publisher: PublisherId,
  accepted: Pick<AcceptedHead, 'note'> & Pick<OfferedHead, 'keys'>,
  { note, genesis, keys }: OfferedHead,
  proof: readonly Hash[] | undefined,
): Promise<Block | undefined> {
  if (accepted.note === undefined) return undefined
  const notes = [accepted.note, note] as const
  const chains = [accepted.keys, keys]
  try {
    return makeForkProof({ publisher, genesis, notes, chains, proof }, await loadVerifier())
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}

function assertHashes(proof: readonly Hash[]): readonly Hash[] {
  const odd = proof.find((hash) => hash.length !== 32)
  if (odd === undefined) return proof
  throw invalid('A hash in this proof has another length.', '32 bytes', `${odd.length} bytes`)
}

function unproven(source: Prover, larger: Head, { toRoot }: TwoRoots): RegistryError {
  const message = `${source.label} does not prove that its log goes on from an earlier one.`
  return invalid(message, `a proof about root ${toHex(larger.root)}`, `root ${toHex(toRoot)}`)
}

function invalid(message: string, expected: string, got: string): RegistryError {
  const next = 'Nothing was changed. Ask another peer.'
  return new RegistryError('PROOF_INVALID', message, { expected, got, next })
}
