// A fork proof: a block by which strangers see, from its bytes alone, that a publisher signed two histories of one log (T5). Two
// nodes that saw the same two heads make the same bytes: the notes carry the log key's one signature, and stand in a fixed order. Where the
// log key was rotated, each head comes with the key entries of its own history; there are none for a head by the genesis's log key.

import { type Cid, cidOf } from '../../cid/index.ts'
import {
  canonicalBytes,
  equalBytes,
  type Json,
  parseCanonical,
  RegistryError,
  toBase64,
  toHex,
  utf8,
} from '../../lib/index.ts'
import { LIMITS, type PublisherId, parsePublisherId } from '../../spec/index.ts'
import type { Block } from '../../store/index.ts'
import type { PublicKey, Verifier } from '../../trust/index.ts'
import { closedObject, constantAt, describe } from '../entries/fields.ts'
import { type GenesisStatement, parseStatement } from '../entries/statement.ts'
import { type Checkpoint, originOf, verifyCheckpoint } from '../tree/checkpoint.ts'
import type { Hash } from '../tree/merkle.ts'
import { parseNote } from '../tree/note.ts'
import { bytesAt, bytesListAt, refuse } from './fork-fields.ts'
import {
  findChain,
  type KeyChain,
  lastKey,
  logKeysIn,
  parseChain,
  writeChain,
} from './key-chain.ts'
import { rootsIn } from './two-roots.ts'

/** What contradicts itself: two signed notes, and for two sizes the proof of what the larger tree had at the smaller size. */
export interface Contradiction {
  readonly publisher: PublisherId
  /** The statement whose hash is the publisher id; it names the log key. */
  readonly genesis: Uint8Array
  readonly notes: readonly [Uint8Array, Uint8Array]
  /** The key entries of any history of this log that is known: both heads must be by the genesis's log key or by one of theirs. */
  readonly chains?: readonly KeyChain[] | undefined
  /** As `rootsIn` reads it. Left out for two heads of one size. */
  readonly proof?: readonly Hash[] | undefined
}

export interface ForkedHead {
  readonly size: number
  /** 64 hex digits. */
  readonly root: string
}

export interface VerifiedFork {
  readonly cid: Cid
  readonly publisher: PublisherId
  readonly origin: string
  /** The smaller one first; of two of one size, the smaller root. */
  readonly heads: readonly [ForkedHead, ForkedHead]
}

const KIND = 'fork/v1'
/** Of a log that was never rotated: a genesis in base64, two notes with one signature each, and at most 107 hashes. */
const MAX_PLAIN = 2 * LIMITS.statementBytes
/** With some dozens of key entries. A log that was rotated more often forks unproven. */
const MAX_FORK = LIMITS.releaseBytes

/** The block, for what has been seen; throws what `verifyForkProof` throws when it does not prove a fork. */
export function makeForkProof(
  { publisher, genesis: bytes, notes, chains: known = [], proof }: Contradiction,
  verifier: Verifier,
): Block {
  const genesis = parseGenesis(bytes, publisher)
  const heads = notes
    .map((note) => {
      const found = findChain(note, genesis, { known, verifier })
      const { chain, logKey } = found ?? { chain: [], logKey: genesis.roles.log.keys[0] }
      return { ...bare(note, { publisher, logKey }), chain }
    })
    .sort((a, b) => compareHeads(a.checkpoint, b.checkpoint))
  const isRotated = heads.some(({ chain }) => chain.length > 0)
  const block = canonicalBytes({
    kind: KIND,
    publisher,
    genesis: toBase64(bytes),
    heads: heads.map(({ note }) => toBase64(note)),
    ...(isRotated ? { keys: heads.map(({ chain }) => writeChain(chain)) } : {}),
    ...(proof === undefined ? {} : { proof: proof.map(toBase64) }),
  })
  return { cid: verifyForkProof(block, verifier).cid, bytes: block }
}

/**
 * Nothing but the bytes is needed: the genesis hashes to the publisher id and names the root keys, which name the log keys. Throws
 * DOCUMENT_INVALID and the JSON_* and STATEMENT_* codes, SUBJECT_MISMATCH, CHECKPOINT_INVALID, SIGNATURE_INVALID, PROOF_INVALID; for key
 * entries also SIGNER_UNAUTHORIZED, UNSIGNED and BUNDLE_INVALID.
 */
export function verifyForkProof(bytes: Uint8Array, verifier: Verifier): VerifiedFork {
  const parsed = parseForkProof(bytes)
  const { publisher, proof } = parsed
  const genesis = parseGenesis(parsed.genesis, publisher)
  const [a, b] = parsed.notes.map((note, i) => {
    const keys = logKeysIn(genesis, parsed.chains[i] ?? [], verifier)
    const { key: logKey, seq } = lastKey(keys, `/keys/${i}`)
    const checkpoint = verifyCheckpoint(note, { publisher, logKey })
    // Before its own entry a key was nobody's: no reader would have believed such a head.
    if (checkpoint.size > seq) return checkpoint
    throw refuse(`a head of more than ${seq} entries`, `${checkpoint.size} entries`, `/heads/${i}`)
  })
  if (a === undefined || b === undefined) throw refuse('two heads', 'fewer', '/heads')
  if (compareHeads(a, b) >= 0) throw refuse('the smaller head first', 'another order', '/heads')
  assertContradiction(a, b, proof)
  const heads = [toForkedHead(a), toForkedHead(b)] as const
  return Object.freeze({ cid: cidOf(bytes), publisher, origin: originOf(publisher), heads })
}

/** Form only. */
function parseForkProof(
  bytes: Uint8Array,
): Contradiction & { readonly chains: readonly KeyChain[] } {
  const value = parseCanonical(bytes, { maxBytes: MAX_FORK })
  const required = ['kind', 'publisher', 'genesis', 'heads']
  const fields = closedObject(value, { path: '', refuse }, required, ['keys', 'proof'])
  constantAt(fields.kind, KIND, '/kind', refuse)
  if (fields.keys === undefined && bytes.length > MAX_PLAIN) {
    throw refuse(`at most ${MAX_PLAIN} bytes`, `${bytes.length} bytes`, '')
  }
  const [a, b, ...more] = bytesListAt(fields.heads, '/heads')
  if (a === undefined || b === undefined || more.length > 0) {
    throw refuse('two heads', describe(fields.heads), '/heads')
  }
  // A further signature, by whomever, would make another block of the same two heads.
  for (const [i, note] of [a, b].entries()) {
    const { signatures } = parseNote(note)
    if (signatures.length !== 1)
      throw refuse('one signature', `${signatures.length}`, `/heads/${i}`)
  }
  return {
    publisher: parsePublisherId(fields.publisher),
    genesis: bytesAt(fields.genesis, '/genesis'),
    notes: [a, b],
    chains: fields.keys === undefined ? [] : parseChains(fields.keys),
    proof: fields.proof === undefined ? undefined : bytesListAt(fields.proof, '/proof'),
  }
}

/** One for each head; left out when neither needs one, so that there is one form. */
function parseChains(value: Json): readonly KeyChain[] {
  const items: readonly Json[] = Array.isArray(value) ? value : []
  const chains = items.map((item, i) => parseChain(item, `/keys/${i}`))
  if (chains.length === 2 && chains.some((chain) => chain.length > 0)) return chains
  throw refuse('the key entries for each of the two heads', describe(value), '/keys')
}

function assertContradiction(a: Checkpoint, b: Checkpoint, proof: readonly Hash[] | undefined) {
  if (a.size === b.size) {
    // The order of the heads has shown that the roots differ.
    if (proof !== undefined) throw refuse('no proof for two heads of one size', 'one', '/proof')
    return
  }
  if (proof === undefined) throw refuse('a proof for two heads of two sizes', 'none', '/proof')
  const odd = proof.findIndex((hash) => hash.length !== 32)
  if (odd !== -1) throw refuse('32 bytes', `${proof[odd]?.length} bytes`, `/proof/${odd}`)
  const { fromRoot, toRoot } = rootsIn(proof, { from: a.size, to: b.size })
  if (!equalBytes(toRoot, b.root)) throw unproven(b.root, toRoot)
  if (equalBytes(fromRoot, a.root)) {
    throw new RegistryError('PROOF_INVALID', 'These two heads belong to one history.', {
      expected: `another root than ${toHex(a.root)} at ${a.size} entries`,
      got: 'the same root',
      next: 'There is nothing to do: the larger log goes on from the smaller one.',
    })
  }
}

function unproven(expected: Hash, got: Hash): RegistryError {
  return new RegistryError('PROOF_INVALID', 'The proof is not about the larger of the two heads.', {
    expected: `root ${toHex(expected)}`,
    got: `root ${toHex(got)}`,
    next: 'Do not act on it. Ask whoever gave it to you for the exact file.',
  })
}

/** Throws SUBJECT_MISMATCH for the genesis of another publisher. */
function parseGenesis(bytes: Uint8Array, publisher: PublisherId): GenesisStatement {
  const statement = parseStatement(bytes)
  if (statement.kind === 'genesis' && statement.publisher === publisher) return statement
  throw new RegistryError('SUBJECT_MISMATCH', 'This is not the genesis of that publisher.', {
    expected: publisher,
    got: statement.kind === 'genesis' ? statement.publisher : `a ${statement.kind} entry`,
    next: 'Do not act on it. Ask whoever gave it to you for the exact file.',
  })
}

/** The note with the log key’s signature alone: those of witnesses differ from peer to peer. */
function bare(
  note: Uint8Array,
  by: { readonly publisher: PublisherId; readonly logKey: PublicKey },
): { readonly note: Uint8Array; readonly checkpoint: Checkpoint } {
  const checkpoint = verifyCheckpoint(note, by)
  const { text, signatures } = parseNote(note)
  const origin = originOf(by.publisher)
  for (const { name, keyHash, signature } of signatures) {
    if (name !== origin) continue
    const line = toBase64(Buffer.concat([keyHash, signature]))
    const alone = utf8(`${text}\n\u2014 ${name} ${line}\n`)
    try {
      return { note: alone, checkpoint: verifyCheckpoint(alone, by) }
    } catch (error) {
      // Another key under the same name: C2SP lets it stand beside the one that counts.
      if (!(error instanceof RegistryError)) throw error
    }
  }
  return { note, checkpoint }
}

function compareHeads(a: Checkpoint, b: Checkpoint): number {
  return a.size === b.size ? Buffer.compare(a.root, b.root) : a.size - b.size
}

function toForkedHead({ size, root }: Checkpoint): ForkedHead {
  return Object.freeze({ size, root: toHex(root) })
}
