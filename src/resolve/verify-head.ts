// The trust decision about a log’s newest state: evidence in, a proven head or a coded error out. Pure: no I/O, no clock.

import { concatBytes, createMemo, sha256Hex, utf8 } from '../lib/index.ts'
import {
  type Authority,
  type AuthorityBlock,
  authorityFor,
  type Checkpoint,
  leafHash,
  NO_NOTICES,
  openAuthority,
  openInclusions,
  parseAuthorityBlock,
  parseStatement,
  RESERVED,
  rolesAt,
  type Statement,
  type StatementOf,
  verifyAuthority,
  verifyAuthorityOnThread,
  verifyCheckpoint,
  verifyInclusion,
} from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { VerifiedSigner, Verifier } from '../trust/index.ts'
import type { HeadEvidence } from './evidence.ts'
import { isAuthorityBlock, verifyValue } from './index-value.ts'
import { mismatch } from './mismatch.ts'
import type { SignedStatement } from './source.ts'
import type { VerifiedHead } from './verified.ts'

/**
 * The keys come from the genesis whose hash is the expected publisher id, never from the bundles: an attacker can always attach a
 * key that fits (T23).
 */
export function verifyHead(verifier: Verifier, evidence: HeadEvidence): VerifiedHead {
  // The same bytes always give the same verdict, so a head is proven once however many of its releases are asked for.
  const known = heads.get(verifier) ?? createMemo<VerifiedHead>(64)
  heads.set(verifier, known)
  return known.get(digestOfEvidence(evidence), () => proveHead(verifier, evidence))
}

function proveHead(verifier: Verifier, evidence: HeadEvidence): VerifiedHead {
  const { publisher } = evidence
  const genesis = verifyGenesis(verifier, evidence.genesis, publisher)
  const { index } = parseStatement(evidence.head.statement)
  const bytes = verifyValue(index, RESERVED, evidence.authorityPath, isAuthorityBlock)
  const block = bytes === undefined ? undefined : parseAuthorityBlock(bytes)
  const authority = verifyAuthorities(verifier, genesis, evidence.keys, block)
  const notices = block?.notices ?? NO_NOTICES
  const roles = rolesAt(authority, Number.POSITIVE_INFINITY)
  const [logKey] = roles.log.keys
  const checkpoint = verifyCheckpoint(evidence.checkpoint, { publisher, logKey })
  const log = { publisher, roles, authority, notices, checkpoint }
  assertNewest(evidence.head, evidence.headProof, { ...checkpoint, publisher })
  const logged = { entry: evidence.head, proof: evidence.headProof }
  const { statement: newest, signers: newestSigners } = proveLogged(verifier, log, logged)
  return Object.freeze({ ...log, newest, newestSigners }) as VerifiedHead
}

/** The last entry of the tree that a checkpoint claims, whoever signed either. Throws SEQUENCE_INVALID, PROOF_INVALID, MALFORMED codes. */
export function assertNewest(
  { statement: bytes }: SignedStatement,
  proof: readonly Uint8Array[],
  {
    publisher,
    size,
    root,
  }: Pick<Checkpoint, 'size' | 'root'> & { readonly publisher: PublisherId },
): Statement {
  const statement = parseStatement(bytes)
  assertPublisher(statement, publisher)
  if (statement.seq !== size - 1) {
    throw mismatch(
      'SEQUENCE_INVALID',
      'The entry offered as newest is not the last one of the log.',
      { expected: `seq ${size - 1}`, got: `seq ${statement.seq}` },
    )
  }
  verifyInclusion({ index: size - 1, size, leaf: leafHash(bytes), proof, root })
  return statement
}

/** The genesis that hashes to the expected publisher id, signed by its own root role. */
function verifyGenesis(
  verifier: Verifier,
  entry: SignedStatement,
  publisher: PublisherId,
): StatementOf<'genesis'> {
  const genesis = parseStatement(entry.statement)
  if (genesis.kind !== 'genesis' || genesis.publisher !== publisher) {
    throw mismatch('SUBJECT_MISMATCH', 'This log begins with another publisher’s genesis.', {
      expected: publisher,
      got: genesis.publisher,
    })
  }
  verifyAuthority(verifier, entry, authorityFor(undefined, genesis))
  return genesis
}

export interface LoggedEntry {
  readonly entry: SignedStatement
  readonly proof: readonly Uint8Array[]
}

/** A statement that is in a log, and who signed it. */
export interface Logged {
  readonly statement: Statement
  readonly signers: readonly VerifiedSigner[]
}

type Log = Pick<VerifiedHead, 'publisher' | 'authority' | 'checkpoint'>

/** A statement of this publisher, signed by who may, and in the log at the position it claims. */
export function verifyLogged(verifier: Verifier, log: Log, logged: LoggedEntry): Statement {
  return proveLogged(verifier, log, logged).statement
}

export function proveLogged(verifier: Verifier, log: Log, { entry, proof }: LoggedEntry): Logged {
  const statement = parseOwn(log, entry)
  const signers = verifyAuthority(verifier, entry, authorityFor(log, statement))
  assertIncluded(log, { statement, proof })
  return { statement, signers }
}

/** The same, with the arithmetic on another thread: for many entries at once. */
export async function proveLoggedOnThread(
  verifier: Verifier,
  log: Log,
  { entry, proof }: LoggedEntry,
): Promise<Logged> {
  const statement = parseOwn(log, entry)
  const signing = verifyAuthorityOnThread(verifier, entry, authorityFor(log, statement))
  // Looked at meanwhile; who signed is told first.
  const included = (async () => assertIncluded(log, { statement, proof }))()
  included.catch(() => undefined)
  const signers = await signing
  await included
  return { statement, signers }
}

function parseOwn({ publisher }: Log, entry: SignedStatement): Statement {
  const statement = parseStatement(entry.statement)
  assertPublisher(statement, publisher)
  return statement
}

/** Of the tree of each checkpoint what was shown of it. */
const trees = new WeakMap<Checkpoint, ReturnType<typeof openInclusions>>()

function assertIncluded(
  { checkpoint }: Log,
  {
    statement: { seq, bytes },
    proof,
  }: { readonly statement: Statement } & Pick<LoggedEntry, 'proof'>,
): void {
  const assertInTree = trees.get(checkpoint) ?? openInclusions(checkpoint)
  trees.set(checkpoint, assertInTree)
  assertInTree({ index: seq, leaf: leafHash(bytes), proof })
}

/** Replay of another publisher's entry (T8). */
function assertPublisher(statement: Statement, publisher: PublisherId): void {
  assertSame(publisher, statement.publisher)
}

export function assertSame(expected: PublisherId, got: PublisherId): void {
  if (got === expected) return
  throw mismatch('SUBJECT_MISMATCH', 'This entry was signed for another publisher’s log.', {
    expected,
    got,
  })
}

/**
 * Who may speak, from the genesis on: each key entry by old and new root keys, as the entries before it left them (a root key that was
 * revoked may not rotate itself back). Key entries carry their own proof: no log key is needed to believe them.
 */
function verifyAuthorities(
  verifier: Verifier,
  genesis: StatementOf<'genesis'>,
  entries: readonly SignedStatement[],
  block: AuthorityBlock | undefined,
): Authority {
  const signed = entries.map((entry) => ({ entry, statement: parseStatement(entry.statement) }))
  for (const { statement } of signed) assertPublisher(statement, genesis.publisher)
  const authority = openAuthority(
    genesis,
    signed.map(({ statement }) => statement),
    block,
  )
  for (const { entry, statement } of signed) {
    verifyAuthority(verifier, entry, authorityFor({ authority }, statement))
  }
  return authority
}

/** Of each verifier its own: what one is told to trust, another is not. */
const heads = new WeakMap<Verifier, ReturnType<typeof createMemo<VerifiedHead>>>()

/** Of every byte that the verdict depends on, each part with its length, so that no two evidences look alike. */
function digestOfEvidence({
  publisher,
  checkpoint,
  genesis,
  head,
  headProof,
  authorityPath,
  keys,
}: HeadEvidence): string {
  const entries = [genesis, head, ...keys]
  const signed = entries.flatMap(({ statement, bundles }) => [statement, ...bundles])
  const parts = [utf8(publisher), checkpoint, ...signed, ...headProof, ...authorityPath]
  const counts = entries.map(({ bundles }) => bundles.length)
  const lengths = [...counts, headProof.length, ...parts.map((part) => part.length)]
  return sha256Hex(concatBytes(utf8(`${lengths.join(' ')}\n`), ...parts))
}
