// Does a Sigstore bundle, made by whatever tool, say that this signer signed this artifact? Both forms: a signature over the file, and a DSSE
// envelope whose in-toto statement has the file among its subjects. Times, logs and authorities as for our own statements.

import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Bundle } from '@sigstore/bundle'
import { equalBytes, RegistryError, toHex } from '../../../lib/index.ts'
import type { Identity } from '../../identity/index.ts'
import {
  type Signed,
  type VerifiedEvidence,
  type VerifiedTime,
  verifyCertified,
  verifyManaged,
} from '../evidence.ts'
import { readBundle } from '../form/bundle-form.ts'
import type { SignatureContent } from '../library.ts'
import { unauthorized } from '../refusal.ts'
import type { SigstoreRoot } from '../root/root.ts'
import { hashOfKey } from './algorithm.ts'
import { type Artifact, HASHES, type Hash, openArtifact } from './artifact.ts'
import { toEnvelopeContent } from './envelope-content.ts'
import { type ForeignStatement, readStatement } from './subjects.ts'

/** Statements may carry whole bills of materials. */
const BUNDLE_BYTES = 16 * 1024 * 1024

export type ExpectedSigner =
  | { readonly kind: 'keyless'; readonly issuer: string; readonly san: string }
  | { readonly kind: 'key'; readonly pem: string }

export interface ArtifactClaim {
  readonly bundle: Uint8Array
  /** A path, or `sha256:` and 64 hexadecimal digits. */
  readonly artifact: string
  readonly signer: ExpectedSigner
  readonly root: SigstoreRoot
}

export interface ArtifactSignature {
  readonly content: 'message' | 'statement'
  /** Of a statement. */
  readonly predicateType?: string
  readonly sha256: string
  /** Of a keyless signature. */
  readonly identity?: Identity
  readonly times: readonly VerifiedTime[]
  readonly rootDigest: string
}

/** Throws what `verifyKeyless` throws, FILE_UNAVAILABLE, STATEMENT_INVALID, and KEY_INVALID for a key of an unknown kind. */
export async function verifyArtifact(
  claim: ArtifactClaim,
  options: { readonly signal?: AbortSignal } = {},
): Promise<ArtifactSignature> {
  const bundle = readBundle(claim.bundle, 'any', BUNDLE_BYTES)
  const statement =
    bundle.content.$case === 'dsseEnvelope'
      ? readStatement(bundle.content.dsseEnvelope.payload, BUNDLE_BYTES)
      : undefined
  const { signer } = claim
  const key = signer.kind === 'key' ? parseKey(signer.pem) : undefined
  const hash = hashOf(bundle, key)
  const artifact = await openArtifact(claim.artifact, hashesOf(hash, statement), options)
  if (statement !== undefined) assertSubject(statement, artifact)
  const signed = toSigned(bundle, artifact, hash)
  const evidence =
    signer.kind === 'keyless'
      ? verifyNamed(signed, claim.root, signer)
      : verifyManaged(signed, claim.root, key ?? parseKey(signer.pem))
  return {
    content: statement === undefined ? 'message' : 'statement',
    ...(statement === undefined ? {} : { predicateType: statement.predicateType }),
    sha256: toHex(artifact.digestBy('sha256')),
    ...evidence,
    rootDigest: claim.root.digest,
  }
}

function verifyNamed(
  signed: Signed,
  root: SigstoreRoot,
  expected: Extract<ExpectedSigner, { readonly kind: 'keyless' }>,
): VerifiedEvidence {
  const evidence = verifyCertified(signed, root)
  const { issuer, san } = evidence.identity
  // Exactly: a part of a name is another name.
  if (san !== expected.san) throw unauthorized(expected.san, san)
  if (issuer !== expected.issuer) throw unauthorized(`the issuer ${expected.issuer}`, issuer)
  return evidence
}

function parseKey(pem: string): KeyObject {
  try {
    // Node would also take a certificate, or the public half of a secret key that somebody passed by mistake.
    if (!/^\s*-----BEGIN PUBLIC KEY-----/.test(pem)) throw new Error('not PEM of a public key')
    return createPublicKey(pem)
  } catch (cause) {
    throw new RegistryError('KEY_INVALID', 'This is not a public key as PEM.', {
      expected: '-----BEGIN PUBLIC KEY-----',
      got: pem.startsWith('-----BEGIN PUBLIC KEY-----')
        ? 'a key that cannot be read'
        : 'other text',
      next: 'Ask the signer for the public key; the secret one stays with them.',
      cause,
    })
  }
}

/** What a signature over a file is made with: what the bundle says, or else what keys of this kind sign with. */
function hashOf({ content, verificationMaterial }: Bundle, key: KeyObject | undefined): Hash {
  if (content.$case === 'dsseEnvelope') return 'sha256'
  // sigstore_common.proto counts from 1.
  const said = HASHES[content.messageSignature.messageDigest.algorithm - 1]
  if (said !== undefined) return said
  const signer = key ?? keyIn(verificationMaterial.content)
  return (signer === undefined ? undefined : hashOfKey(signer)) ?? 'sha256'
}

/** undefined for what will be refused for its form. */
function keyIn(content: Bundle['verificationMaterial']['content']): KeyObject | undefined {
  if (content.$case === 'publicKey') return undefined
  const [certificate] =
    content.$case === 'certificate'
      ? [content.certificate]
      : content.x509CertificateChain.certificates
  try {
    return new X509Certificate(certificate?.rawBytes ?? '').publicKey
  } catch {
    return undefined
  }
}

function hashesOf(hash: Hash, statement: ForeignStatement | undefined): ReadonlySet<Hash> {
  if (statement === undefined) return new Set([hash])
  return new Set(HASHES.filter((one) => statement.subjects.some((subject) => subject[one])))
}

/** Every digest that is known here has to fit: a statement that names two artifacts in one subject is about neither. */
function assertSubject({ subjects }: ForeignStatement, { digests }: Artifact): void {
  const isNamed = subjects.some((subject) => {
    const asked = HASHES.filter(
      (hash) => subject[hash] !== undefined && digests[hash] !== undefined,
    )
    return (
      asked.length > 0 &&
      asked.every((hash) => subject[hash] === toHex(digests[hash] ?? new Uint8Array()))
    )
  })
  if (isNamed) return
  throw new RegistryError('SUBJECT_MISMATCH', 'The signed statement is about something else.', {
    expected: `a subject with sha256 ${toHex(digests.sha256 ?? new Uint8Array())}`,
    got: subjects.slice(0, 3).map(describe).join(', ') + (subjects.length > 3 ? ', …' : ''),
    next: 'Do not use it. Check that bundle and file belong together.',
  })
}

function describe(subject: ForeignStatement['subjects'][number]): string {
  const [hash] = HASHES.filter((name) => subject[name] !== undefined)
  return hash === undefined ? 'no digest known here' : `${hash} ${subject[hash]}`
}

function toSigned(bundle: Bundle, artifact: Artifact, hash: Hash): Signed {
  if (bundle.content.$case === 'dsseEnvelope') {
    const envelope = toEnvelopeContent(bundle.content.dsseEnvelope)
    return {
      bundle,
      form: 'any',
      signature: envelope.signature,
      get hash() {
        return envelope.hash
      },
    }
  }
  const { messageDigest, signature } = bundle.content.messageSignature
  const digest = artifact.digestBy(hash)
  // Anyone can write this digest, so it proves nothing; but a bundle that contradicts itself is not for this file.
  if (messageDigest.digest.length > 0 && !equalBytes(digest, messageDigest.digest)) {
    throw new RegistryError('SUBJECT_MISMATCH', 'The bundle is for another file.', {
      expected: `${hash} ${toHex(digest)}`,
      got: `${hash} ${toHex(messageDigest.digest)}`,
      next: 'Do not use it. Check that bundle and file belong together.',
    })
  }
  return { bundle, form: 'any', hash, signature: toContent(artifact, hash, signature) }
}

/** The library’s view of a signature over a file, without the file: it wants the bytes in memory. */
function toContent(artifact: Artifact, hash: Hash, signature: Buffer): SignatureContent {
  const digest = artifact.digestBy(hash)
  const compareDigest = (other: Buffer): boolean => equalBytes(digest, other)
  return {
    signature,
    compareSignature: (other) => equalBytes(signature, other),
    compareDigest,
    compareSignedDigest: compareDigest,
    verifySignature: (key) => {
      hashOfKey(key)
      return artifact.isSigned(hash, key, signature)
    },
  }
}
