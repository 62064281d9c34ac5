// The trust decision: evidence and bytes in, a verified release or a coded error out. Pure: no I/O, no clock.
// These two functions are the only makers of VerifiedEntry and VerifiedRelease.

import { type Cid, cidOf } from '../cid/index.ts'
import { RegistryError } from '../lib/index.ts'
import {
  authorityFor,
  type Checkpoint,
  leafHash,
  parseHistory,
  parseStatement,
  type ReleaseStatement,
  type Roles,
  type Statement,
  verifyCheckpoint,
  verifyInclusion,
  verifyName,
} from '../log/index.ts'
import {
  type PublisherId,
  parseRelease,
  parseTool,
  type Release,
  surfaceDigest,
  type Tool,
} from '../spec/index.ts'
import type { Verifier } from '../trust/index.ts'
import type { Evidence } from './evidence.ts'
import type { SignedStatement } from './source.ts'

declare const verified: unique symbol

/** A log entry proven to be the publisher's release of this name and version, as of a checkpoint. */
export interface VerifiedEntry {
  readonly [verified]: true
  readonly publisher: PublisherId
  readonly name: string
  readonly version: string
  readonly release: Cid
  readonly statement: Cid
  readonly position: number
  readonly checkpoint: Checkpoint
  /** Every version the publisher offers under this name as of the checkpoint. */
  readonly versions: readonly string[]
}

export interface VerifiedTool {
  readonly [verified]: true
  readonly name: string
  readonly cid: Cid
  /** `sha256-…` of what a model sees. */
  readonly surface: string
  readonly tool: Tool
}

export interface VerifiedRelease {
  readonly [verified]: true
  readonly entry: VerifiedEntry
  readonly cid: Cid
  readonly release: Release
  readonly tools: readonly VerifiedTool[]
}

export interface ExpectedRelease {
  readonly publisher: PublisherId
  readonly name: string
}

/**
 * Throws MALFORMED, MISMATCH, UNSIGNED or POLICY codes; the first failure wins. The keys come from the genesis whose hash is
 * the expected publisher id, never from the bundles (an attacker can always attach a key that fits).
 */
export function verifyEvidence(
  verifier: Verifier,
  evidence: Evidence,
  expected: ExpectedRelease,
): VerifiedEntry {
  const genesis = verifyGenesis(verifier, evidence.genesis, expected.publisher)
  const roles = genesis.roles
  const [logKey] = roles.log.keys
  const checkpoint = verifyCheckpoint(evidence.checkpoint, {
    publisher: expected.publisher,
    logKey,
  })
  const log = { roles, checkpoint, publisher: expected.publisher }
  const head = verifyHead(verifier, { ...log, head: evidence.head, headProof: evidence.headProof })
  const entry =
    evidence.entry === evidence.head
      ? head
      : verifyLogged(verifier, { ...log, entry: evidence.entry, proof: evidence.entryProof })
  assertReleaseOf(entry, expected)
  const versions = versionsOf(evidence, head.index, expected.name)
  const listed = versions[entry.version]
  if (listed === undefined || listed.release !== entry.subject || listed.seq !== entry.seq) {
    throw mismatch('PROOF_INVALID', 'The log’s index does not list this release.', {
      expected: listed === undefined ? `no version ${entry.version}` : listed.release,
      got: entry.subject,
    })
  }
  return Object.freeze({
    publisher: expected.publisher,
    name: entry.name,
    version: entry.version,
    release: entry.subject,
    statement: entry.cid,
    position: entry.seq,
    checkpoint,
    versions: Object.freeze(Object.keys(versions)),
  }) as VerifiedEntry
}

/** Throws HASH_MISMATCH, MISMATCH or MALFORMED codes, NOT_FOUND for a tool whose bytes are missing. */
export function verifyRelease(
  entry: VerifiedEntry,
  bytes: { readonly release: Uint8Array; readonly tools: ReadonlyMap<Cid, Uint8Array> },
): VerifiedRelease {
  assertCid(entry.release, bytes.release, 'release')
  const release = parseRelease(bytes.release)
  if (release.name !== entry.name || release.version !== entry.version) {
    throw mismatch(
      'SUBJECT_MISMATCH',
      'The release names itself differently from the log entry that signs it.',
      {
        expected: `${entry.name}@${entry.version}`,
        got: `${release.name}@${release.version}`,
      },
    )
  }
  const tools = Object.entries(release.tools).map(([name, cid]) =>
    verifyTool(name, cid as Cid, bytes.tools.get(cid as Cid)),
  )
  const verifiedRelease = { entry, cid: entry.release, release, tools }
  return deepFreeze(verifiedRelease) as Omit<VerifiedRelease, typeof verified> as VerifiedRelease
}

function verifyTool(name: string, cid: Cid, bytes: Uint8Array | undefined): VerifiedTool {
  if (bytes === undefined) {
    throw new RegistryError('NOT_FOUND', `The bytes of the tool ${name} are not here.`, {
      expected: cid,
      got: 'nothing',
      next: 'Pull the release again.',
    })
  }
  assertCid(cid, bytes, `tool ${name}`)
  const tool = parseTool(bytes)
  if (tool.name !== name) {
    throw mismatch('SUBJECT_MISMATCH', 'The release lists this tool under another name.', {
      expected: name,
      got: tool.name,
    })
  }
  return { name, cid, surface: surfaceDigest(tool), tool } as VerifiedTool
}

/** The genesis that hashes to the expected publisher id, signed by its own root role. */
export function verifyGenesis(
  verifier: Verifier,
  entry: SignedStatement,
  publisher: PublisherId,
): Extract<Statement, { kind: 'genesis' }> {
  const genesis = parseStatement(entry.statement)
  if (genesis.kind !== 'genesis' || genesis.publisher !== publisher) {
    throw mismatch('SUBJECT_MISMATCH', 'This log begins with another publisher’s genesis.', {
      expected: publisher,
      got: genesis.publisher,
    })
  }
  verifier.verifyStatement({ ...entry, ...authorityFor(undefined, genesis) })
  return genesis
}

interface Log {
  readonly roles: Roles
  readonly checkpoint: Checkpoint
  readonly publisher: PublisherId
}

/** The last entry of the log that the checkpoint speaks of: its index root says what is offered now. */
export function verifyHead(
  verifier: Verifier,
  log: Log & { readonly head: SignedStatement; readonly headProof: readonly Uint8Array[] },
): Statement {
  const head = verifyLogged(verifier, { ...log, entry: log.head, proof: log.headProof })
  if (head.seq === log.checkpoint.size - 1) return head
  throw mismatch(
    'SEQUENCE_INVALID',
    'The entry offered as newest is not the last one of the log.',
    {
      expected: `seq ${log.checkpoint.size - 1}`,
      got: `seq ${head.seq}`,
    },
  )
}

/** A statement of this publisher, signed by who may, and in the log at the position it claims. */
function verifyLogged(
  verifier: Verifier,
  logged: Log & { readonly entry: SignedStatement; readonly proof: readonly Uint8Array[] },
): Statement {
  const { entry, proof, roles, checkpoint, publisher } = logged
  const statement = parseStatement(entry.statement)
  // Replay of another publisher's entry (T8).
  if (statement.publisher !== publisher) {
    throw mismatch('SUBJECT_MISMATCH', 'This entry was signed for another publisher’s log.', {
      expected: publisher,
      got: statement.publisher,
    })
  }
  verifier.verifyStatement({ ...entry, ...authorityFor({ roles }, statement) })
  verifyInclusion({
    index: statement.seq,
    size: checkpoint.size,
    leaf: leafHash(entry.statement),
    proof,
    root: checkpoint.root,
  })
  return statement
}

function assertReleaseOf(
  statement: Statement,
  expected: ExpectedRelease,
): asserts statement is ReleaseStatement {
  if (statement.kind !== 'release' || statement.name !== expected.name) {
    throw mismatch('SUBJECT_MISMATCH', 'This log entry is not a release of the name asked for.', {
      expected: `a release of ${expected.name}`,
      got:
        statement.kind === 'release'
          ? `a release of ${statement.name}`
          : `a ${statement.kind} entry`,
    })
  }
}

function versionsOf(
  evidence: Evidence,
  root: Cid,
  name: string,
): Readonly<Record<string, { readonly release: Cid; readonly seq: number }>> {
  const nodes = evidence.indexPath.slice(0, -1)
  const bytes = evidence.indexPath.at(-1) ?? new Uint8Array()
  const cid = verifyName({ root, name, nodes })
  if (cid === undefined) {
    throw mismatch('PROOF_INVALID', 'The log’s index proves that this name is not offered.', {
      expected: name,
      got: 'a proof of absence',
    })
  }
  assertCid(cid, bytes, `history of ${name}`)
  const history = parseHistory(bytes)
  if (history.name !== name) {
    throw mismatch('SUBJECT_MISMATCH', 'The index leads to the history of another name.', {
      expected: name,
      got: history.name,
    })
  }
  return history.versions
}

/** Throws HASH_MISMATCH unless these are exactly the bytes that the CID names. */
export function assertCid(cid: Cid, bytes: Uint8Array, what: string): void {
  const got = cidOf(bytes)
  if (got === cid) return
  throw mismatch('HASH_MISMATCH', `The bytes of the ${what} are not the ones that were signed.`, {
    expected: cid,
    got,
    next: 'Do not use them. Pull again from another peer, and tell the publisher.',
  })
}

function mismatch(
  code: 'HASH_MISMATCH' | 'SUBJECT_MISMATCH' | 'PROOF_INVALID' | 'SEQUENCE_INVALID',
  message: string,
  details: { readonly expected: string; readonly got: string; readonly next?: string },
): RegistryError {
  return new RegistryError(code, message, {
    next: 'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
    ...details,
  })
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
