// The trust decision about a log: evidence in, a proven head, offer or entry or a coded error out. Pure: no I/O, no clock.

import { type Cid, cidOf } from '../cid/index.ts'
import { concatBytes, createMemo, sha256Hex, utf8 } from '../lib/index.ts'
import {
  authorityFor,
  type Checkpoint,
  findVersion,
  leafHash,
  NO_NOTICES,
  openAuthority,
  parseAuthorityBlock,
  parseHistory,
  parseStatement,
  RESERVED,
  rolesAt,
  rotations,
  type Statement,
  type StatementOf,
  verifyAuthority,
  verifyCheckpoint,
  verifyInclusion,
  verifyName,
} from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Verifier } from '../trust/index.ts'
import type { Evidence, HeadEvidence } from './evidence.ts'
import { assertCid, mismatch } from './mismatch.ts'
import type { SignedStatement } from './source.ts'
import type { VerifiedEntry, VerifiedHead, VerifiedOffer, verified } from './verified.ts'

/** All steps at once, for evidence that was kept. Throws MALFORMED, MISMATCH, UNSIGNED or POLICY codes; the first failure wins. */
export function verifyEvidence(
  verifier: Verifier,
  evidence: Evidence,
  expected: { readonly publisher: PublisherId; readonly name: string; readonly version: string },
): VerifiedEntry {
  const head = verifyHead(verifier, { ...evidence, publisher: expected.publisher })
  const offer = verifyOffer(head, expected.name, evidence.indexPath)
  if (offer !== undefined) {
    const { entry, entryProof: proof } = evidence
    return verifyEntry(verifier, offer, { version: expected.version, entry, proof })
  }
  throw mismatch('PROOF_INVALID', 'The log’s index proves that this name is not offered.', {
    expected: expected.name,
    got: 'a proof of absence',
  })
}

/**
 * The keys come from the genesis whose hash is the expected publisher id, never from the bundles: an attacker can always attach a
 * key that fits (T23).
 */
export function verifyHead(verifier: Verifier, evidence: HeadEvidence): VerifiedHead {
  // The same bytes always give the same verdict, so a head is proven once however many of its releases are asked for.
  return heads.get(digestOfEvidence(evidence), () => proveHead(verifier, evidence))
}

function proveHead(verifier: Verifier, evidence: HeadEvidence): VerifiedHead {
  const { publisher } = evidence
  const genesis = verifyGenesis(verifier, evidence.genesis, publisher)
  const keyEntries = verifyRotations(verifier, genesis, evidence.keys)
  const { index } = parseStatement(evidence.head.statement)
  const bytes = verifyValue(index, RESERVED, evidence.authorityPath, isAuthorityBlock)
  const block = bytes === undefined ? undefined : parseAuthorityBlock(bytes)
  const authority = openAuthority(genesis, keyEntries, block)
  const notices = block?.notices ?? NO_NOTICES
  const roles = rolesAt(authority, Number.POSITIVE_INFINITY)
  const [logKey] = roles.log.keys
  const checkpoint = verifyCheckpoint(evidence.checkpoint, { publisher, logKey })
  const log = { publisher, roles, authority, notices, checkpoint }
  assertNewest(evidence.head, evidence.headProof, { ...checkpoint, publisher })
  const newest = verifyLogged(verifier, log, { entry: evidence.head, proof: evidence.headProof })
  return Object.freeze({ ...log, newest }) as VerifiedHead
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

/** Undefined when the index proves that the name is not offered. `path` is what `Source.indexPath` answers. */
export function verifyOffer(
  head: VerifiedHead,
  name: string,
  path: readonly Uint8Array[],
): VerifiedOffer | undefined {
  const bytes = verifyValue(head.newest.index, name, path, isHistory)
  if (bytes === undefined) return undefined
  const history = parseHistory(bytes)
  if (history.name !== name) {
    throw mismatch('SUBJECT_MISMATCH', 'The index leads to the history of another name.', {
      expected: name,
      got: history.name,
    })
  }
  const { versions } = history
  return Object.freeze({ head, name, versions }) as Omit<
    VerifiedOffer,
    typeof verified
  > as VerifiedOffer
}

/**
 * The entry of the version asked for: signed by who may, in the log at the position that the index gives. Another version of the name,
 * however well proven, is not an answer: that would be a rollback of one name (T1).
 */
export function verifyEntry(
  verifier: Verifier,
  { head, name, versions }: VerifiedOffer,
  evidence: {
    readonly version: string
    readonly entry: SignedStatement
    readonly proof: readonly Uint8Array[]
  },
): VerifiedEntry {
  const isNewest = Buffer.compare(evidence.entry.statement, head.newest.bytes) === 0
  const entry = isNewest ? head.newest : verifyLogged(verifier, head, evidence)
  if (entry.kind !== 'release' || entry.name !== name) {
    throw mismatch('SUBJECT_MISMATCH', 'This log entry is not a release of the name asked for.', {
      expected: `a release of ${name}`,
      got: entry.kind === 'release' ? `a release of ${entry.name}` : `a ${entry.kind} entry`,
    })
  }
  if (entry.version !== evidence.version) {
    throw mismatch('SUBJECT_MISMATCH', 'This log entry is not the version asked for.', {
      expected: evidence.version,
      got: entry.version,
    })
  }
  const listed = findVersion({ versions }, entry.version)
  if (listed === undefined || listed.release !== entry.subject || listed.seq !== entry.seq) {
    throw mismatch('PROOF_INVALID', 'The log’s index does not list this release.', {
      expected: listed === undefined ? `no version ${entry.version}` : listed.release,
      got: entry.subject,
    })
  }
  return Object.freeze({
    publisher: head.publisher,
    name,
    version: entry.version,
    release: entry.subject,
    statement: entry.cid,
    position: entry.seq,
    checkpoint: head.checkpoint,
    status: listed,
    notices: head.notices,
    versions: Object.freeze(Object.keys(versions)),
  }) as Omit<VerifiedEntry, typeof verified> as VerifiedEntry
}

/**
 * The entry, with what a newer head of the same log says by now; `offer` is what that head offers under the name, where it was asked.
 * Withdrawals are only ever added (T19), and an older head takes none back (T18).
 */
export function withNews(
  entry: VerifiedEntry,
  { head, offer }: { readonly head: VerifiedHead; readonly offer?: VerifiedOffer | undefined },
): VerifiedEntry {
  assertSame(entry.publisher, head.publisher)
  const listed = offer === undefined ? entry.status : findVersion(offer, entry.version)
  if (listed === undefined || (offer !== undefined && offer.name !== entry.name)) {
    throw mismatch('PROOF_INVALID', 'The newer state of this log does not list the release.', {
      expected: `${entry.name}@${entry.version}`,
      got: 'no such version',
    })
  }
  const { deprecated = listed.deprecated, yanked = listed.yanked } = entry.status
  const { revoked, tombstones } = entry.notices
  const notices = {
    ...head.notices,
    revoked: new Map([...head.notices.revoked, ...revoked]),
    tombstones: new Map([...head.notices.tombstones, ...tombstones]),
  }
  const status = {
    ...(deprecated === undefined ? {} : { deprecated }),
    ...(yanked === undefined ? {} : { yanked }),
  }
  return Object.freeze({ ...entry, status, notices }) as VerifiedEntry
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

/** A statement of this publisher, signed by who may, and in the log at the position it claims. */
function verifyLogged(
  verifier: Verifier,
  log: Pick<VerifiedHead, 'publisher' | 'authority' | 'checkpoint'>,
  { entry, proof }: { readonly entry: SignedStatement; readonly proof: readonly Uint8Array[] },
): Statement {
  const statement = parseStatement(entry.statement)
  assertPublisher(statement, log.publisher)
  verifyAuthority(verifier, entry, authorityFor(log, statement))
  const { size, root } = log.checkpoint
  verifyInclusion({ index: statement.seq, size, leaf: leafHash(entry.statement), proof, root })
  return statement
}

/** Replay of another publisher's entry (T8). */
function assertPublisher(statement: Statement, publisher: PublisherId): void {
  assertSame(publisher, statement.publisher)
}

function assertSame(expected: PublisherId, got: PublisherId): void {
  if (got === expected) return
  throw mismatch('SUBJECT_MISMATCH', 'This entry was signed for another publisher’s log.', {
    expected,
    got,
  })
}

/** Each key entry by old and new root keys, from the genesis on. Key entries carry their own proof: no log key is needed to believe them. */
function verifyRotations(
  verifier: Verifier,
  genesis: StatementOf<'genesis'>,
  entries: readonly SignedStatement[],
): readonly Statement[] {
  const verified: Statement[] = []
  for (const entry of entries) {
    const statement = parseStatement(entry.statement)
    assertPublisher(statement, genesis.publisher)
    const authority = rotations(genesis, verified)
    verifyAuthority(verifier, entry, authorityFor({ authority }, statement))
    verified.push(statement)
  }
  // Also what the last of them may say.
  rotations(genesis, verified)
  return verified
}

/**
 * What the map has under a key, by a path of its nodes and, if there is something, its bytes at the end; undefined when the path proves that
 * there is nothing. `isValue` only tells nodes and values apart; what the bytes are is checked by their hash and their parser.
 */
function verifyValue(
  root: Cid,
  name: string,
  path: readonly Uint8Array[],
  isValue: (bytes: Uint8Array) => boolean,
): Uint8Array | undefined {
  const last = path.at(-1)
  if (last === undefined || !isValue(last)) {
    const found = verifyName({ root, name, nodes: path })
    if (found === undefined) return undefined
    throw mismatch('PROOF_INVALID', 'The index names a history that was not sent along.', {
      expected: found,
      got: 'nothing',
    })
  }
  const cid = verifyName({ root, name, nodes: path.slice(0, -1) })
  if (cid === undefined) {
    throw mismatch(
      'PROOF_INVALID',
      'The index proves this name absent, and a history was sent along.',
      { expected: 'no history', got: cidOf(last) },
    )
  }
  assertCid(cid, last, `history of ${name}`)
  return last
}

/** Only to tell the two ends of a path apart. */
function isHistory(bytes: Uint8Array): boolean {
  return utf8Text(bytes).includes('{"kind":"history/v1"')
}

/** The same, for the log’s state. */
export function isAuthorityBlock(bytes: Uint8Array): boolean {
  return utf8Text(bytes).includes('"kind":"authority/v1"')
}

function utf8Text(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

const heads = createMemo<VerifiedHead>(256)

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
