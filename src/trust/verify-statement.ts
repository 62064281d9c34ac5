// Who signed a statement: bundles and the keys that may sign in, the distinct signers or a coded error out. Pure: no I/O, no clock.
// @sigstore/verify checks the signature; it looks neither at the payload’s meaning nor at who was expected, so that is done here.

import type { SignedEntity } from '@sigstore/verify'
import { equalBytes, RegistryError } from '../lib/index.ts'
import { assertLimit } from '../spec/index.ts'
import { BUNDLE_MEDIA_TYPE, type BundleClaims, PAYLOAD_TYPE, parseBundle } from './bundle.ts'
import { findPlainSigners } from './plain-signers.ts'
import { assertStatementKey, keyFingerprint, type PublicKey, toKeyObject } from './public-key.ts'

export interface SignedClaim {
  readonly statement: Uint8Array
  readonly bundles: readonly Uint8Array[]
  /** The keys that may sign this statement, and how many distinct ones must have. */
  readonly keys: readonly PublicKey[]
  readonly threshold: number
}

export interface VerifiedSignatures {
  readonly signers: readonly PublicKey[]
}

export interface Verifier {
  /**
   * Throws UNSIGNED without a bundle, BUNDLE_INVALID or LIMIT_EXCEEDED for a bad form, SUBJECT_MISMATCH for a bundle over other bytes,
   * SIGNATURE_INVALID, SIGNER_UNAUTHORIZED for a signer who is not among the keys or for too few of them,
   * KEY_INVALID for a key that is not P-256.
   */
  verifyStatement(claim: SignedClaim): VerifiedSignatures
  /** The same verdict, with the arithmetic on another thread: for many statements at once. Calls may overlap. */
  verifyOnThread(claim: SignedClaim): Promise<VerifiedSignatures>
}

/** A role has one bundle a key; many more than any role has keys is somebody making us work. */
const BUNDLES_LIMIT = 32

type Library = typeof import('@sigstore/verify')

let loaded: Promise<Verifier> | undefined

/** Loading the library takes longer than hundreds of verifications: done once, and only where something is verified. */
export function loadVerifier(): Promise<Verifier> {
  loaded ??= import('@sigstore/verify').then((library) => ({
    verifyStatement: (claim) => verifyStatement(library, claim),
    // Whatever is not plainly right takes the one path that says why.
    verifyOnThread: async (claim) => {
      assertAsked(claim)
      return (await findPlainSigners(claim)) ?? verifyStatement(library, claim)
    },
  }))
  return loaded
}

function verifyStatement(library: Library, claim: SignedClaim): VerifiedSignatures {
  assertAsked(claim)
  const { statement, bundles, keys, threshold } = claim
  if (bundles.length === 0) {
    throw new RegistryError('UNSIGNED', 'This statement comes without a signature.', {
      expected: `${threshold} signature${threshold === 1 ? '' : 's'}`,
      got: 'none',
      next: 'Do not use it. Ask another peer for the signature.',
    })
  }
  // One key signing twice is one signer (T15): a set of key bytes, not a count of bundles.
  const signers = new Map<string, PublicKey>()
  for (const bytes of bundles) {
    const claims = parseBundle(bytes)
    assertPayload(statement, claims)
    const signer = findSigner(library, claims, keys)
    signers.set(signer.spki, signer)
  }
  if (signers.size >= threshold && signers.size > 0) return { signers: [...signers.values()] }
  throw new RegistryError(
    'SIGNER_UNAUTHORIZED',
    'Too few of the keys that must sign this statement have signed it.',
    {
      expected: `${threshold} distinct keys`,
      got: `${signers.size}`,
      next: 'Do not use it. The publisher has to collect the missing signatures.',
    },
  )
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

/** A good signature over something else proves nothing about these bytes (T22). */
function assertPayload(statement: Uint8Array, { payload }: BundleClaims): void {
  if (equalBytes(payload, statement)) return
  throw new RegistryError('SUBJECT_MISMATCH', 'The signature bundle is for another statement.', {
    expected: 'a payload equal to the statement',
    got: `${payload.length} other bytes`,
    next: 'Do not use it. Ask another peer.',
  })
}

function findSigner(library: Library, claims: BundleClaims, keys: readonly PublicKey[]): PublicKey {
  // The hint only says where to look first.
  const hinted = keys.filter((key) => keyFingerprint(key) === claims.hint)
  const others = keys.filter((key) => !hinted.includes(key))
  const entity = toEntity(library, claims)
  const signer = [...hinted, ...others].find((key) => isSignedBy(library, entity, key))
  if (signer !== undefined) return signer
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

/** The library’s own view of the bundle, made from what was strictly parsed and from nothing else. */
function toEntity(library: Library, { payload, signature, hint }: BundleClaims): SignedEntity {
  return library.toSignedEntity({
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: {
      content: { $case: 'publicKey', publicKey: { hint } },
      tlogEntries: [],
      timestampVerificationData: undefined,
    },
    content: {
      $case: 'dsseEnvelope',
      dsseEnvelope: {
        payload: Buffer.from(payload),
        payloadType: PAYLOAD_TYPE,
        signatures: [{ sig: Buffer.from(signature), keyid: '' }],
      },
    },
  })
}

const verifiers = new WeakMap<object, InstanceType<Library['Verifier']>>()

function isSignedBy(library: Library, entity: SignedEntity, key: PublicKey): boolean {
  try {
    verifierFor(library, key).verify(entity)
    return true
  } catch {
    // Whatever the library throws, and for whatever reason, is a rejection.
    return false
  }
}

/** Trust material of exactly one key. Logs and timestamps are asked of keyless bundles only; here there are none to trust. */
function verifierFor(library: Library, key: PublicKey): InstanceType<Library['Verifier']> {
  const publicKey = toKeyObject(key)
  const known = verifiers.get(publicKey)
  if (known !== undefined) return known
  const verifier = new library.Verifier(
    {
      certificateAuthorities: [],
      timestampAuthorities: [],
      tlogs: [],
      ctlogs: [],
      publicKey: () => ({ publicKey, validFor: () => true }),
    },
    { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 },
  )
  verifiers.set(publicKey, verifier)
  return verifier
}
