// Who signed a statement: bundles and the signers that may in, the distinct signers or a coded error out. Pure: no I/O, no clock.
// Keys are checked here; certificates by sigstore/, against the trusted root that speaks for their issuer.

import { equalBytes, RegistryError } from '../lib/index.ts'
import { assertLimit } from '../spec/index.ts'
import { type BundleClaims, hasCertificate, parseBundle } from './bundle.ts'
import type { Identity, IdentityRule } from './identity/index.ts'
import { type SignedBytes, type SigstoreRoots, verifyKeylessSigner } from './keyless-signer.ts'
import { preAuthEncoding } from './pae.ts'
import { findPlainSigners } from './plain-signers.ts'
import {
  assertStatementKey,
  keyFingerprint,
  type PublicKey,
  verifySignature,
} from './public-key.ts'
import type { StoredVerdicts } from './stored-verdicts.ts'

export interface SignedClaim {
  readonly statement: Uint8Array
  readonly bundles: readonly Uint8Array[]
  /** The keys and the keyless signers that may sign this statement, and how many distinct ones must have. */
  readonly keys: readonly PublicKey[]
  readonly identities?: readonly IdentityRule[]
  readonly threshold: number
}

export type VerifiedSigner =
  | { readonly kind: 'key'; readonly key: PublicKey }
  | { readonly kind: 'keyless'; readonly identity: Identity }

export interface VerifiedSignatures {
  /** Each once, however often it signed. */
  readonly signers: readonly VerifiedSigner[]
}

export interface Verifier {
  /**
   * Throws UNSIGNED without a bundle, BUNDLE_INVALID or LIMIT_EXCEEDED for a bad form, SUBJECT_MISMATCH for a bundle over other bytes,
   * SIGNATURE_INVALID, SIGNER_UNAUTHORIZED for a signer who is not among those asked for or for too few of them,
   * KEY_INVALID for a key that is not P-256, and what `verifyKeylessSigner` throws.
   */
  verifyStatement(claim: SignedClaim): VerifiedSignatures
  /** The same verdict, with the arithmetic on another thread: for many statements at once. Calls may overlap. */
  verifyOnThread(claim: SignedClaim): Promise<VerifiedSignatures>
  /** Whose certificate signed, for a signer whom nobody has named yet: an identity that counts for nothing by itself. */
  identify(signed: SignedBytes): Identity
  /** Takes what was found before of these keyless signatures from the store, so that it is not worked out again. */
  recall(signed: readonly SignedStatement[]): Promise<void>
  /** Keeps what was found out since. Who is accepted is never kept. */
  remember(): Promise<void>
}

interface SignedStatement {
  readonly statement: Uint8Array
  readonly bundles: readonly Uint8Array[]
}

/** A role has one bundle a signer; many more than any role has is somebody making us work. */
const BUNDLES_LIMIT = 32

export function createVerifier(
  roots: SigstoreRoots,
  verdicts?: Pick<StoredVerdicts, 'recall' | 'save'>,
): Verifier {
  return {
    verifyStatement: (claim) => verifyStatement(claim, roots),
    // Whatever is not plainly right takes the one path that says why.
    verifyOnThread: async (claim) => {
      assertAsked(claim)
      return (await findPlainSigners(claim)) ?? verifyStatement(claim, roots)
    },
    identify: (signed) => roots.identifyAny(signed).identity,
    recall: async (signed) => {
      const keys = signed.flatMap(({ statement, bundles }) =>
        bundles.filter(hasCertificate).flatMap((bundle) => roots.keysOf({ statement, bundle })),
      )
      if (keys.length > 0) await verdicts?.recall(keys)
    },
    remember: async () => verdicts?.save(),
  }
}

function verifyStatement(claim: SignedClaim, roots: SigstoreRoots): VerifiedSignatures {
  assertAsked(claim)
  const { bundles, threshold } = claim
  if (bundles.length === 0) {
    throw new RegistryError('UNSIGNED', 'This statement comes without a signature.', {
      expected: `${threshold} signature${threshold === 1 ? '' : 's'}`,
      got: 'none',
      next: 'Do not use it. Ask another peer for the signature.',
    })
  }
  // One signer signing twice is one signer (T15): a set of signers, not a count of bundles.
  const signers = new Map<string, VerifiedSigner>()
  for (const bytes of bundles) {
    const signer = hasCertificate(bytes)
      ? verifyCertified(bytes, claim, roots)
      : verifyKeyed(parseBundle(bytes), claim)
    signers.set(signerId(signer), signer)
  }
  if (signers.size >= threshold) return { signers: [...signers.values()] }
  throw new RegistryError(
    'SIGNER_UNAUTHORIZED',
    'Too few of those who must sign this statement have signed it.',
    {
      expected: `${threshold} distinct signers`,
      got: `${signers.size}`,
      next: 'Do not use it. The publisher has to collect the missing signatures.',
    },
  )
}

/** Equal for the same signer: a key, or an issuer’s word about one subject. */
function signerId(signer: VerifiedSigner): string {
  if (signer.kind === 'key') return signer.key.spki
  return `${signer.identity.issuer} ${signer.identity.san}`
}

/** What is asked must be able to fail: a threshold of 0 is met by anything. */
function assertAsked({ statement, bundles, keys, threshold }: SignedClaim): void {
  assertLimit('statementBytes', statement.length)
  if (!Number.isSafeInteger(threshold) || threshold < 1) {
    throw new RegistryError('SIGNER_UNAUTHORIZED', 'This threshold asks for no signature.', {
      expected: 'a whole number of at least 1',
      got: String(threshold),
      next: 'Correct the threshold of the role.',
    })
  }
  keys.forEach(assertStatementKey)
  if (bundles.length > BUNDLES_LIMIT) {
    throw new RegistryError('LIMIT_EXCEEDED', 'This statement has too many signature bundles.', {
      expected: `at most ${BUNDLES_LIMIT} bundles`,
      got: `${bundles.length} bundles`,
      next: 'Ask another peer.',
    })
  }
}

function verifyKeyed(claims: BundleClaims, { statement, keys }: SignedClaim): VerifiedSigner {
  assertPayload(statement, claims)
  // The hint only says where to look first.
  const hinted = keys.filter((key) => keyFingerprint(key) === claims.hint)
  const others = keys.filter((key) => !hinted.includes(key))
  const data = preAuthEncoding(statement)
  const signer = [...hinted, ...others].find((key) => verifySignature(key, data, claims.signature))
  if (signer !== undefined) return { kind: 'key', key: signer }
  if (hinted.length > 0) {
    throw new RegistryError('SIGNATURE_INVALID', 'The signature does not fit the statement.', {
      expected: `a signature by ${claims.hint}`,
      got: 'one that does not verify',
      next: 'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
    })
  }
  throw new RegistryError(
    'SIGNER_UNAUTHORIZED',
    'The statement was not signed by a key that may sign it.',
    {
      expected: keys.map(keyFingerprint).join(' or ') || 'a key',
      got: claims.hint.slice(0, 80),
      next: 'Do not use it. Only the keys in the publisher’s log count, whatever comes with a bundle.',
    },
  )
}

function verifyCertified(
  bundle: Uint8Array,
  { statement, identities = [] }: SignedClaim,
  roots: SigstoreRoots,
): VerifiedSigner {
  return {
    kind: 'keyless',
    identity: verifyKeylessSigner({ statement, bundle }, identities, roots),
  }
}

/** A good signature over something else proves nothing about these bytes (T22). */
function assertPayload(statement: Uint8Array, { payload }: BundleClaims): void {
  if (equalBytes(payload, statement)) return
  throw new RegistryError('SUBJECT_MISMATCH', 'The signature bundle is for another statement.', {
    expected: 'a payload equal to the statement',
    got: `${payload.length} other bytes`,
    next: 'Do not use it. Ask another peer.',
  })
}
