// Replaying a log: what its entries, in order, amount to. Pure: every node and every verifier shares this one function.

import type { Cid } from '../../cid/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import {
  matchesRule,
  type PublicKey,
  type VerifiedSigner,
  type Verifier,
} from '../../trust/index.ts'
import type { Role, Roles } from '../entries/roles.ts'
import type { GenesisStatement, Statement } from '../entries/statement.ts'
import {
  type Alternatives,
  type Authority,
  alternativesFor,
  authorityAfter,
  genesisAuthority,
  rolesAt,
} from './authority.ts'
import { NO_NOTICES, type Notices, noticesAfter } from './notices.ts'
import { notAllowed, outOfOrder } from './refusals.ts'

export interface LogState {
  readonly publisher: PublisherId
  /** Entries so far. */
  readonly size: number
  /** The newest statement. */
  readonly head: Cid
  /** Root of the index map. */
  readonly index: Cid
  /** Who may write the next entry. */
  readonly roles: Roles
  readonly authority: Authority
  readonly notices: Notices
}

/**
 * The state after one more entry. Throws SEQUENCE_INVALID unless it names this log (replay, T8), comes right after the last
 * entry (gaps and fast-forward, T3) and builds on that very statement; SIGNER_UNAUTHORIZED or LIFECYCLE_INVALID for what the state does not
 * allow. Who signed it is `verifyAuthority`'s, what becomes of the names is history.ts's.
 */
export function applyEntry(state: LogState | undefined, statement: Statement): LogState {
  const { publisher, seq, cid: head, index } = statement
  if (state === undefined) {
    if (statement.kind !== 'genesis')
      throw outOfOrder('a genesis', `a ${statement.kind} with seq ${seq}`)
    return genesisState(statement)
  }
  if (statement.kind === 'genesis')
    throw outOfOrder(`an entry with seq ${state.size}`, 'another genesis')
  if (publisher !== state.publisher) throw outOfOrder(`publisher ${state.publisher}`, publisher)
  if (seq !== state.size) throw outOfOrder(`seq ${state.size}`, `seq ${seq}`)
  if (statement.prev !== state.head)
    throw outOfOrder(`prev ${state.head}`, `prev ${statement.prev}`)
  const authority = authorityAfter(state.authority, statement, seq)
  const notices = noticesAfter(state.notices, statement, seq)
  const roles = authority === state.authority ? state.roles : rolesAt(authority, seq + 1)
  return Object.freeze({ publisher, size: seq + 1, head, index, roles, authority, notices })
}

function genesisState(statement: GenesisStatement): LogState {
  const { publisher, cid: head, index, roles } = statement
  const authority = genesisAuthority(statement)
  return Object.freeze({
    publisher,
    size: 1,
    head,
    index,
    roles,
    authority,
    notices: NO_NOTICES,
  })
}

/** The roles of which one alternative must have signed: for a genesis the root it names, else what the log says as of that position. */
export function authorityFor(
  state: Pick<LogState, 'authority'> | undefined,
  statement: Statement,
): Alternatives {
  if (statement.kind === 'genesis') return [[statement.roles.root]]
  if (state !== undefined) return alternativesFor(state.authority, statement, statement.seq)
  throw outOfOrder('a genesis', `a ${statement.kind} with seq ${statement.seq}`)
}

export interface SignedBytes {
  readonly statement: Uint8Array
  readonly bundles: readonly Uint8Array[]
}

/**
 * Who signed, against who may: the distinct signers. Throws what `verifyStatement` throws; SIGNER_UNAUTHORIZED when no alternative has the signatures of all its
 * roles. One signature counts for every role its key is in; one key counts once for each (T15).
 */
export function verifyAuthority(
  verifier: Verifier,
  signed: SignedBytes,
  alternatives: Alternatives,
): readonly VerifiedSigner[] {
  const { signers } = verifier.verifyStatement({ ...signed, ...claimOf(alternatives) })
  assertMet(signers, alternatives)
  return signers
}

/** The same, on another thread. */
export async function verifyAuthorityOnThread(
  verifier: Verifier,
  signed: SignedBytes,
  alternatives: Alternatives,
): Promise<readonly VerifiedSigner[]> {
  const { signers } = await verifier.verifyOnThread({ ...signed, ...claimOf(alternatives) })
  assertMet(signers, alternatives)
  return signers
}

/** One role says itself how many must sign; among several, any of their signers may. */
function claimOf(alternatives: Alternatives): Role {
  const [[only] = []] = alternatives
  const roles = alternatives.flat()
  if (only !== undefined && roles.length === 1) return only
  const identities = roles.flatMap((role) => role.identities ?? [])
  return { keys: distinct(roles), identities, threshold: 1 }
}

function assertMet(signers: readonly VerifiedSigner[], alternatives: Alternatives): void {
  if (alternatives.some((roles) => roles.every((role) => isMet(role, signers)))) return
  throw notAllowed('Too few of those who must sign this statement have signed it.', {
    expected: alternatives.map(describeRoles).join(', or '),
    got: `${signers.length} of them`,
    next: 'Do not use it. The publisher has to collect the missing signatures.',
  })
}

/** Whether these signers meet the threshold of a role. One signer counts once, and so does one rule (T15). */
export function isMet(
  { threshold, keys, identities = [] }: Role,
  signers: readonly VerifiedSigner[],
): boolean {
  const hasSigned = ({ spki }: PublicKey): boolean =>
    signers.some((signer) => signer.kind === 'key' && signer.key.spki === spki)
  const met = new Set<number>()
  for (const signer of signers) {
    if (signer.kind !== 'keyless') continue
    const rule = identities.findIndex((one, i) => !met.has(i) && matchesRule(one, signer.identity))
    if (rule >= 0) met.add(rule)
  }
  return keys.filter(hasSigned).length + met.size >= threshold
}

function describeRoles(roles: readonly Role[]): string {
  return roles.map(describeRole).join(' and ')
}

function describeRole({ threshold, keys, identities = [] }: Role): string {
  if (identities.length === 0) return `${threshold} of ${keys.length} keys`
  return `${threshold} of ${keys.length + identities.length} signers`
}

function distinct(roles: readonly Role[]): Role['keys'] {
  const keys = new Map(roles.flatMap((role) => role.keys).map((key) => [key.spki, key]))
  return [...keys.values()]
}
