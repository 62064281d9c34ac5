// Who signed an attestation: its bundle in, the signer or a coded error out. Pure: no I/O, no clock. A key may be carried beside the bundle; that
// it fits says who signed, and nothing about whether anybody should care: only find-met.ts, by what a policy names, makes a signer count (T23).

import type { Cid } from '../../cid/index.ts'
import {
  fromBase64,
  isJsonObject,
  parseJson,
  RegistryError,
  sha256Hex,
  utf8,
} from '../../lib/index.ts'
import { assertLimit, LIMITS } from '../../spec/index.ts'
import { type BundleClaims, hasCertificate, parseBundle } from '../bundle.ts'
import type { Identity } from '../identity/index.ts'
import { preAuthEncoding } from '../pae.ts'
import {
  assertStatementKey,
  keyFingerprint,
  type PublicKey,
  parsePublicKey,
  verifySignature,
} from '../public-key.ts'
import type { VerifiedSigner } from '../verify-statement.ts'
import { type Attestation, parseAttestation } from './statement.ts'

declare const verified: unique symbol

/** As it is kept and sent. The statement is the bundle’s payload, so that neither is ever without the other (T4). */
export interface CarriedAttestation {
  readonly bundle: Uint8Array
  /** SubjectPublicKeyInfo of the key that is said to have signed, where a key did: bundles only have its fingerprint. */
  readonly spki?: string | undefined
}

/** An attestation whose signer is known. Made here only. */
export interface VerifiedAttestation extends Attestation {
  readonly [verified]: 'attestation'
  readonly signer: VerifiedSigner
  readonly carried: CarriedAttestation
}

/** Whose certificate signed this statement, by the trusted root that speaks for its issuer. Throws what sigstore/ throws. */
export type Identify = (signed: {
  readonly statement: Uint8Array
  readonly bundle: Uint8Array
}) => Identity

export interface Asked {
  readonly subject: Cid
  /** Keys that are known from elsewhere. */
  readonly keys?: readonly PublicKey[]
  readonly identify: Identify
}

/**
 * Throws LIMIT_EXCEEDED, BUNDLE_INVALID, STATEMENT_INVALID or JSON_* for a bad form, SUBJECT_MISMATCH for one about something else, KEY_INVALID,
 * SIGNATURE_INVALID, SIGNER_UNAUTHORIZED where no key is known that could have signed, and what `identify` throws.
 */
export function verifyAttestation(
  carried: CarriedAttestation,
  { subject, keys = [], identify }: Asked,
): VerifiedAttestation {
  const { bundle, spki } = carried
  assertLimit('attestationBundleBytes', bundle.length)
  if (hasCertificate(bundle)) {
    const attestation = about(subject, parseAttestation(payloadUnverified(bundle)))
    const identity = identify({ statement: attestation.bytes, bundle })
    return seal(attestation, { kind: 'keyless', identity }, { bundle })
  }
  const claims = parseBundle(bundle, LIMITS.attestationBundleBytes)
  const attestation = about(subject, parseAttestation(claims.payload))
  const carriedKeys = spki === undefined ? [] : [parsePublicKey({ type: 'ecdsa-p256', spki })]
  const key = findKey(claims, [...carriedKeys, ...keys])
  return seal(attestation, { kind: 'key', key }, { bundle, spki: key.spki })
}

/** The same for the same signer, however the bundle is spelt: bundles are malleable, and one signer counts once and is kept once. */
export function attesterId(signer: VerifiedSigner): string {
  if (signer.kind === 'key') return `key-${sha256Hex(Buffer.from(signer.key.spki, 'base64'))}`
  return `id-${sha256Hex(utf8(JSON.stringify([signer.identity.issuer, signer.identity.san])))}`
}

/** A statement about other bytes is none about these, whoever signed it (T22). */
function about(subject: Cid, attestation: Attestation): Attestation {
  const { subjects } = attestation
  if (subjects.includes(subject)) return attestation
  throw new RegistryError('SUBJECT_MISMATCH', 'This attestation is about something else.', {
    expected: subject,
    got: subjects.length === 1 ? String(subjects[0]) : `${subjects.length} other subjects`,
    next: 'Use it with the block that it names.',
  })
}

function findKey(
  { payload, signature, hint }: BundleClaims,
  keys: readonly PublicKey[],
): PublicKey {
  keys.forEach(assertStatementKey)
  const data = preAuthEncoding(payload)
  // The hint only says where to look first.
  const hinted = keys.filter((key) => keyFingerprint(key) === hint)
  const others = keys.filter((key) => !hinted.includes(key))
  const key = [...hinted, ...others].find((one) => verifySignature(one, data, signature))
  if (key !== undefined) return key
  if (hinted.length > 0) {
    throw new RegistryError('SIGNATURE_INVALID', 'The signature does not fit the attestation.', {
      expected: `a signature by ${hint}`,
      got: 'one that does not verify',
      next: 'Do not use it. Ask whoever made it to sign again.',
    })
  }
  throw new RegistryError('SIGNER_UNAUTHORIZED', 'No key is known that signed this attestation.', {
    expected: keys.map(keyFingerprint).join(' or ') || 'the key that signed it',
    got: hint.slice(0, 80) || 'a signature by nobody knows whom',
    next: 'Give the signer’s public key: `--key FILE`, a PEM file.',
  })
}

/** The statement that a bundle says it signs. Throws BUNDLE_INVALID, or the JSON_* code that says more. */
export function payloadUnverified(bundle: Uint8Array): Uint8Array {
  const json = parseJson(bundle, { maxBytes: LIMITS.attestationBundleBytes })
  const envelope = isJsonObject(json) ? json.dsseEnvelope : undefined
  const payload = isJsonObject(envelope) ? envelope.payload : undefined
  const statement = typeof payload === 'string' ? fromBase64(payload) : undefined
  if (statement !== undefined) return statement
  throw new RegistryError('BUNDLE_INVALID', 'This bundle holds no in-toto statement.', {
    path: '/dsseEnvelope/payload',
    expected: 'a DSSE envelope with a payload in base64',
    got: envelope === undefined ? 'no DSSE envelope' : 'another payload',
    next: 'A signature over a file is no attestation. Sign a statement: `registry attest`.',
  })
}

function seal(
  attestation: Attestation,
  signer: VerifiedSigner,
  carried: CarriedAttestation,
): VerifiedAttestation {
  return Object.freeze({ ...attestation, signer, carried }) as VerifiedAttestation
}
