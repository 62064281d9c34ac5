// Who signed a statement by certificate: bundle, statement and trusted root in, the proven identity or a coded error out. Pure and
// synchronous: no I/O, no clock. Whether this identity is wanted is asked by whoever calls, and again at every use.

import { equalBytes, RegistryError, sha256Hex } from '../../lib/index.ts'
import { LIMITS } from '../../spec/index.ts'
import type { Identity } from '../identity/index.ts'
import { type VerifiedTime, verifyCertified } from './evidence.ts'
import { readBundle } from './form/bundle-form.ts'
import { refuseForm } from './form/fields.ts'
import { unauthorized } from './refusal.ts'
import type { SigstoreRoot } from './root/root.ts'

export interface KeylessClaim {
  readonly bundle: Uint8Array
  /** What the bundle must be about, byte for byte. */
  readonly statement: Uint8Array
  readonly root: SigstoreRoot
  /** What a bundle of a log’s entry may have, unless said. */
  readonly maxBytes?: number
}

export interface KeylessSignature {
  readonly identity: Identity
  /** At least one. */
  readonly times: readonly VerifiedTime[]
  readonly rootDigest: string
}

/**
 * Throws BUNDLE_INVALID or LIMIT_EXCEEDED for a bad form, SUBJECT_MISMATCH for a bundle over other bytes, SIGNER_UNAUTHORIZED for a
 * signature by a key or by an issuer that the root does not speak for, ROOT_UNKNOWN, EVIDENCE_MISSING, and CERTIFICATE_,
 * TIMESTAMP_, LOG_ENTRY_ or SIGNATURE_INVALID.
 */
export function verifyKeyless({
  bundle: bytes,
  statement,
  root,
  maxBytes = LIMITS.bundleBytes,
}: KeylessClaim): KeylessSignature {
  const bundle = readBundle(bytes, 'own', maxBytes)
  if (bundle.content.$case !== 'dsseEnvelope') {
    throw refuseForm('', 'a DSSE envelope', 'a signature over a file')
  }
  const { payload } = bundle.content.dsseEnvelope
  // A good signature over something else proves nothing about these bytes (T22).
  if (!equalBytes(payload, statement)) {
    throw new RegistryError('SUBJECT_MISMATCH', 'The signature bundle is for another statement.', {
      expected: 'a payload equal to the statement',
      got: `${payload.length} other bytes`,
      next: 'Do not use it. Ask another peer.',
    })
  }
  const { identity, times } = verifyCertified({ bundle, form: 'own', hash: 'sha256' }, root)
  // A private instance is believed about its own issuers only, whatever its certificates say.
  if (root.issuers !== undefined && !root.issuers.includes(identity.issuer)) {
    throw unauthorized(
      `an issuer that this root speaks for: ${root.issuers.join(', ')}`,
      identity.issuer,
    )
  }
  return { identity, times, rootDigest: root.digest }
}

/** Raised when these rules, or the library, come to judge otherwise: verdicts kept from before are then asked for again. */
const RULES = 'keyless/2'

/** Names everything that a verdict follows from: what `verifyKeyless` answered once under this key, it will always answer. */
export function verdictKey({
  bundle,
  statement,
  root,
}: Pick<KeylessClaim, 'bundle' | 'statement' | 'root'>): string {
  const { logs, scts, timestamps } = root.asked
  const settings = [logs ?? null, scts ?? null, timestamps ?? null, root.issuers ?? null]
  const parts = [
    RULES,
    sha256Hex(bundle),
    sha256Hex(statement),
    root.digest,
    JSON.stringify(settings),
  ]
  return sha256Hex(Buffer.from(parts.join(' ')))
}
