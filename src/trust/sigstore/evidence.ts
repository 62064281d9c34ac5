// The claims of a bundle, proven against one trusted root: chain, certificate transparency, log entries, times, signature. The library does
// the cryptography, without its policy (an unanchored regular expression); what it never looks at is checked after it. No clock, no I/O:
// the same bundle, signed bytes, root and options give the same answer for good.

import type { KeyObject } from 'node:crypto'
import type { Bundle } from '@sigstore/bundle'
import type { X509Certificate } from '@sigstore/core'
import type { SignedEntity } from '@sigstore/verify'
import { RegistryError } from '../../lib/index.ts'
import type { Identity } from '../identity/index.ts'
import { readIdentity } from './certificate.ts'
import { withOwnLines } from './checkpoint.ts'
import { explain } from './explain.ts'
import { readElement, SEQUENCE } from './form/der.ts'
import { type Form, refuseForm } from './form/fields.ts'
import { assertTimestamp } from './form/timestamp-form.ts'
import { loadSigstore, type SignatureContent, type TrustMaterial } from './library.ts'
import { assertEntryOf, type LoggedSigner } from './log-entry.ts'
import { missing, unauthorized } from './refusal.ts'
import { materialOf, type RootOptions, type SigstoreRoot } from './root/root.ts'

/** When a log or an authority saw the signature. */
export interface VerifiedTime {
  readonly by: 'log' | 'timestamp'
  /** RFC 3339, in UTC. */
  readonly at: string
}

export interface VerifiedEvidence {
  readonly identity: Identity
  readonly times: readonly VerifiedTime[]
}

/** A bundle of good form. */
export interface Signed {
  readonly bundle: Bundle
  readonly form: Form
  /** What checks the signature, where that is over a file; an envelope brings what it signs. */
  readonly signature?: SignatureContent
  /** What the signed bytes were hashed with. Where only the signature tells, it is asked after that was verified. */
  readonly hash: string
}

/** Throws SIGNER_UNAUTHORIZED, EVIDENCE_MISSING, ROOT_UNKNOWN, CERTIFICATE_, TIMESTAMP_, LOG_ENTRY_ or SIGNATURE_INVALID, BUNDLE_INVALID. */
export function verifyCertified(signed: Signed, root: SigstoreRoot): VerifiedEvidence {
  const material = materialOf(root)
  const der = certificateOf(signed.bundle)
  const entity = toEntity(signed, material)
  if (entity.key.$case !== 'certificate') throw unauthorized('a certificate', 'a key')
  const { certificate } = entity.key
  assertNoRoot(signed.bundle)
  assertEvidence(entity, root.options)
  proveBy(entity, material, root.options)
  const identity = readIdentity(certificate, signed.form)
  const times = readTimes(entity)
  assertEntries(signed, { kind: 'CERTIFICATE', der }, times, material)
  return { identity, times }
}

/** The same for a key that the caller knows. A key has no period of its own, so a time is not asked for; one that is there must hold. */
export function verifyManaged(
  signed: Signed,
  root: SigstoreRoot,
  publicKey: KeyObject,
): Omit<VerifiedEvidence, 'identity'> {
  const options = { ...root.options, scts: 0, timestamps: 0 }
  const material: TrustMaterial = {
    ...materialOf(root),
    publicKey: () => ({ publicKey, validFor: () => true }),
  }
  const entity = toEntity(signed, material)
  if (entity.key.$case !== 'public-key') throw unauthorized('a key', 'a certificate')
  assertEvidence(entity, options)
  proveBy(entity, material, options)
  const times = readTimes(entity)
  const der = publicKey.export({ format: 'der', type: 'spki' })
  assertEntries(signed, { kind: 'PUBLIC KEY', der }, times, material)
  return { times }
}

function toEntity({ bundle, signature }: Signed, { tlogs }: TrustMaterial): SignedEntity {
  const { verificationMaterial: evidence } = bundle
  for (const { signedTimestamp } of evidence.timestampVerificationData?.rfc3161Timestamps ?? []) {
    assertTimestamp(signedTimestamp, '/verificationMaterial/timestampVerificationData')
  }
  const tlogEntries = [...evidence.tlogEntries].map((entry) => withOwnLines(entry, tlogs))
  try {
    const entity = loadSigstore().verify.toSignedEntity({
      ...bundle,
      verificationMaterial: { ...evidence, tlogEntries },
    })
    return signature === undefined ? entity : { ...entity, signature }
  } catch {
    throw refuseForm('/verificationMaterial', 'a certificate and timestamps in DER', 'other bytes')
  }
}

/** The library reads to the end of the first element: what follows would be carried unseen. */
function assertOneElement(der: Uint8Array, path: string): void {
  if (readElement(der, SEQUENCE) === undefined)
    throw refuseForm(path, 'one element of DER', 'other bytes')
}

function certificateOf({ verificationMaterial: { content } }: Bundle): Uint8Array {
  if (content.$case === 'publicKey') {
    throw unauthorized('a certificate that names who signed', 'a signature by a key')
  }
  const raw =
    content.$case === 'certificate'
      ? content.certificate.rawBytes
      : content.x509CertificateChain.certificates[0]?.rawBytes
  if (raw === undefined) throw refuseForm('/verificationMaterial', 'a certificate', 'none')
  assertOneElement(raw, '/verificationMaterial')
  return raw
}

/** Roots come from the trusted root and from nowhere else: a bundle that brings one wants it believed (T23). */
function assertNoRoot({ verificationMaterial: { content } }: Bundle): void {
  if (content.$case !== 'x509CertificateChain') return
  const path = '/verificationMaterial/x509CertificateChain/certificates'
  const [, ...others] = content.x509CertificateChain.certificates
  for (const { rawBytes } of others) {
    assertOneElement(rawBytes, path)
    if (isSelfIssued(rawBytes)) {
      throw refuseForm(
        path,
        'the signer’s certificate and authorities between',
        'a root certificate',
      )
    }
  }
}

function isSelfIssued(der: Uint8Array): boolean {
  try {
    const certificate: X509Certificate = loadSigstore().core.X509Certificate.parse(Buffer.from(der))
    return certificate.subject.equals(certificate.issuer)
  } catch {
    return true
  }
}

function assertEvidence(entity: SignedEntity, { logs, timestamps }: RootOptions): void {
  const logged = new Set(entity.tlogEntries.map(({ logId }) => logId.keyId.toString('hex')))
  if (logged.size < logs) throw missing('log entry', logs, logged.size)
  // A time without the log’s promise is a number that nobody signed.
  const times = entity.timestamps.filter(
    (time) => time.$case === 'timestamp-authority' || time.tlogEntry.inclusionPromise !== undefined,
  )
  if (times.length < timestamps) throw missing('trusted time', timestamps, times.length)
}

function proveBy(entity: SignedEntity, material: TrustMaterial, options: RootOptions): void {
  const { Verifier } = loadSigstore().verify
  try {
    new Verifier(material, {
      tlogThreshold: options.logs,
      ctlogThreshold: options.scts,
      timestampThreshold: options.timestamps,
    }).verify(entity)
  } catch (cause) {
    // Whatever the library throws, and for whatever reason, is a rejection.
    throw explain(entity, material, cause)
  }
}

function assertEntries(
  { bundle, hash }: Signed,
  signer: LoggedSigner,
  times: readonly VerifiedTime[],
  material: TrustMaterial,
): void {
  for (const entry of bundle.verificationMaterial.tlogEntries) {
    assertEntryOf(entry, signer, { content: bundle.content.$case, hash })
    if (entry.inclusionPromise !== undefined || times.length === 0) continue
    // Where the log itself gives no time, the library never asks whether its key was valid then.
    const logs = material.tlogs.filter(({ logID }) => logID.equals(entry.logId.keyId))
    const isValid = logs.some(({ validFor }) =>
      times.some(({ at }) => validFor.start <= new Date(at) && new Date(at) <= validFor.end),
    )
    if (isValid) continue
    throw new RegistryError(
      'LOG_ENTRY_INVALID',
      'The log’s key was not valid when this was signed.',
      {
        expected: logs
          .map(({ validFor }) => `a time from ${validFor.start.toISOString()}`)
          .join(' or '),
        got: times.map(({ at }) => at).join(', '),
        next: 'Do not use it. If the trusted root is old, refresh it.',
      },
    )
  }
}

/** After the proof: each of these was checked. */
function readTimes({ timestamps }: SignedEntity): readonly VerifiedTime[] {
  const times: VerifiedTime[] = []
  for (const time of timestamps) {
    if (time.$case === 'timestamp-authority') {
      times.push({ by: 'timestamp', at: time.timestamp.signingTime.toISOString() })
    } else if (time.tlogEntry.inclusionPromise !== undefined) {
      const at = new Date(Number(time.tlogEntry.integratedTime) * 1000).toISOString()
      times.push({ by: 'log', at })
    }
  }
  return times
}
