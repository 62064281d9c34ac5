// The library’s view of a DSSE envelope by any key of the registry: its own hashes all of them with SHA-256. What is signed, and what a
// hashedrekord records, is the pre-authentication encoding: client-spec.md, 4.4 and 4.5.

import { createHash, type KeyObject, verify } from 'node:crypto'
import type { Bundle } from '@sigstore/bundle'
import { equalBytes } from '../../../lib/index.ts'
import { loadSigstore, type SignatureContent } from '../library.ts'
import { hashOfKey } from './algorithm.ts'
import { HASHES, type Hash } from './artifact.ts'

type Envelope = Extract<Bundle['content'], { $case: 'dsseEnvelope' }>['dsseEnvelope']

export interface EnvelopeContent {
  readonly signature: SignatureContent
  /** What the signature was made with, once it was verified; before that, and for Ed25519, no hash at all. */
  readonly hash: string
}

export function toEnvelopeContent(envelope: Envelope): EnvelopeContent {
  const encoded = loadSigstore().core.dsse.preAuthEncoding(envelope.payloadType, envelope.payload)
  const signature = envelope.signatures[0]?.sig ?? Buffer.alloc(0)
  const digest = (hash: Hash, bytes: Uint8Array): Buffer => createHash(hash).update(bytes).digest()
  let verifiedBy = 'none'
  return {
    get hash() {
      return verifiedBy
    },
    signature: {
      signature,
      compareSignature: (other) => equalBytes(signature, other),
      compareDigest: (other) => equalBytes(digest('sha256', envelope.payload), other),
      compareSignedDigest: (other) =>
        HASHES.some((hash) => equalBytes(digest(hash, encoded), other)),
      verifySignature: (key) => {
        const found = hashesOf(key).find((hash) => isSigned(encoded, key, signature, hash))
        verifiedBy = found ?? 'none'
        return found !== undefined
      },
    },
  }
}

/** That of the registry; and SHA-256, with which older clients signed by whatever key. */
function hashesOf(key: KeyObject): readonly (Hash | 'none')[] {
  const hash = hashOfKey(key)
  return hash === undefined ? ['none'] : [...new Set<Hash>([hash, 'sha256'])]
}

function isSigned(
  bytes: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
  hash: Hash | 'none',
): boolean {
  try {
    return verify(hash === 'none' ? null : hash, bytes, key, signature)
  } catch {
    return false
  }
}
