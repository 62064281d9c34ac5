// The trust decision about a log: evidence in, a proven head, offer or entry or a coded error out. Pure: no I/O, no clock.

import { cidOf } from '../cid/index.ts'
import { concatBytes, createMemo, sha256Hex, utf8 } from '../lib/index.ts'
import {
  authorityFor,
  leafHash,
  parseHistory,
  parseStatement,
  type Statement,
  verifyCheckpoint,
  verifyInclusion,
  verifyName,
} from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Verifier } from '../trust/index.ts'
import type { Evidence } from './evidence.ts'
import { assertCid, mismatch } from './mismatch.ts'
import type { SignedStatement } from './source.ts'
import type { VerifiedEntry, VerifiedHead, VerifiedOffer, verified } from './verified.ts'

export type HeadEvidence = Pick<
  Evidence,
  'publisher' | 'checkpoint' | 'genesis' | 'head' | 'headProof'
>

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
  const { roles } = verifyGenesis(verifier, evidence.genesis, publisher)
  const [logKey] = roles.log.keys
  const checkpoint = verifyCheckpoint(evidence.checkpoint, { publisher, logKey })
  const log = { publisher, roles, checkpoint }
  const newest = verifyLogged(verifier, log, { entry: evidence.head, proof: evidence.headProof })
  if (newest.seq !== checkpoint.size - 1) {
    throw mismatch(
      'SEQUENCE_INVALID',
      'The entry offered as newest is not the last one of the log.',
      {
        expected: `seq ${checkpoint.size - 1}`,
        got: `seq ${newest.seq}`,
      },
    )
  }
  return Object.freeze({ ...log, newest }) as VerifiedHead
}

/** Undefined when the index proves that the name is not offered. `path` is what `Source.indexPath` answers. */
export function verifyOffer(
  head: VerifiedHead,
  name: string,
  path: readonly Uint8Array[],
): VerifiedOffer | undefined {
  const root = head.newest.index
  const last = path.at(-1)
  if (last === undefined || !isHistory(last)) {
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
      {
        expected: 'no history',
        got: cidOf(last),
      },
    )
  }
  assertCid(cid, last, `history of ${name}`)
  const history = parseHistory(last)
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
  const listed = Object.hasOwn(versions, entry.version) ? versions[entry.version] : undefined
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
    versions: Object.freeze(Object.keys(versions)),
  }) as VerifiedEntry
}

/** The genesis that hashes to the expected publisher id, signed by its own root role. */
function verifyGenesis(
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

/** A statement of this publisher, signed by who may, and in the log at the position it claims. */
function verifyLogged(
  verifier: Verifier,
  log: Pick<VerifiedHead, 'publisher' | 'roles' | 'checkpoint'>,
  { entry, proof }: { readonly entry: SignedStatement; readonly proof: readonly Uint8Array[] },
): Statement {
  const statement = parseStatement(entry.statement)
  // Replay of another publisher's entry (T8).
  if (statement.publisher !== log.publisher) {
    throw mismatch('SUBJECT_MISMATCH', 'This entry was signed for another publisher’s log.', {
      expected: log.publisher,
      got: statement.publisher,
    })
  }
  verifier.verifyStatement({ ...entry, ...authorityFor(log, statement) })
  const { size, root } = log.checkpoint
  verifyInclusion({ index: statement.seq, size, leaf: leafHash(entry.statement), proof, root })
  return statement
}

/** Only to tell the two ends of a path apart; what it is, is checked by its hash and its parser. */
function isHistory(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return text.includes('{"kind":"history/v1"')
}

const heads = createMemo<VerifiedHead>(256)

/** Of every byte that the verdict depends on, each part with its length, so that no two evidences look alike. */
function digestOfEvidence({
  publisher,
  checkpoint,
  genesis,
  head,
  headProof,
}: HeadEvidence): string {
  const signed = [genesis, head].flatMap(({ statement, bundles }) => [statement, ...bundles])
  const parts = [utf8(publisher), checkpoint, ...signed, ...headProof]
  const lengths = [genesis.bundles.length, head.bundles.length, ...parts.map((part) => part.length)]
  return sha256Hex(concatBytes(utf8(`${lengths.join(' ')}\n`), ...parts))
}
