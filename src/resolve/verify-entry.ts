// The trust decision about one name of a proven log: its path and its entry in, a proven offer or entry or a coded error out. Pure.

import { findVersion, parseHistory } from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Verifier } from '../trust/index.ts'
import type { Evidence } from './evidence.ts'
import { isHistory, verifyValue } from './index-value.ts'
import { mismatch } from './mismatch.ts'
import type { VerifiedEntry, VerifiedHead, VerifiedOffer, verified } from './verified.ts'
import {
  assertSame,
  type Logged,
  type LoggedEntry,
  proveLogged,
  proveLoggedOnThread,
  verifyHead,
} from './verify-head.ts'

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

export interface EntryEvidence extends LoggedEntry {
  readonly version: string
}

/**
 * The entry of the version asked for: signed by who may, in the log at the position that the index gives. Another version of the name,
 * however well proven, is not an answer: that would be a rollback of one name (T1).
 */
export function verifyEntry(
  verifier: Verifier,
  offer: VerifiedOffer,
  evidence: EntryEvidence,
): VerifiedEntry {
  const logged = newestOf(offer, evidence) ?? proveLogged(verifier, offer.head, evidence)
  return checkEntry(offer, evidence.version, logged)
}

/** The same, with the arithmetic on another thread: for many entries at once. */
export async function verifyEntryOnThread(
  verifier: Verifier,
  offer: VerifiedOffer,
  evidence: EntryEvidence,
): Promise<VerifiedEntry> {
  const known = newestOf(offer, evidence)
  const logged = known ?? (await proveLoggedOnThread(verifier, offer.head, evidence))
  return checkEntry(offer, evidence.version, logged)
}

/** The head’s own entry, which was proven with it. */
function newestOf({ head }: VerifiedOffer, { entry }: EntryEvidence): Logged | undefined {
  if (Buffer.compare(entry.statement, head.newest.bytes) !== 0) return undefined
  return { statement: head.newest, signers: head.newestSigners }
}

function checkEntry(
  { head, name, versions }: VerifiedOffer,
  version: string,
  { statement: entry, signers }: Logged,
): VerifiedEntry {
  if (entry.kind !== 'release' || entry.name !== name) {
    throw mismatch('SUBJECT_MISMATCH', 'This log entry is not a release of the name asked for.', {
      expected: `a release of ${name}`,
      got: entry.kind === 'release' ? `a release of ${entry.name}` : `a ${entry.kind} entry`,
    })
  }
  if (entry.version !== version) {
    throw mismatch('SUBJECT_MISMATCH', 'This log entry is not the version asked for.', {
      expected: version,
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
    signers,
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
