// How an attestation is shown: its type, its signer, and of provenance the builder. Only what was signed, never what a bundle says beside it.

import type { RegistryError } from '../../lib/index.ts'
import type { ListedAttestation } from '../../registry/index.ts'
import { keyFingerprint, provenanceOf, type VerifiedAttestation } from '../../trust/index.ts'
import { safe } from '../terminal.ts'

type Signer = VerifiedAttestation['signer']

export function attestationJson(attestation: VerifiedAttestation): object {
  const { predicateType, statement, signer } = attestation
  const provenance = provenanceOf(attestation)
  return {
    predicateType,
    statement,
    signer: signerJson(signer),
    ...(provenance === undefined ? {} : { builder: provenance.builder }),
  }
}

/** `owners` is empty where nobody here knows the signer; then `unknown` says so. */
export function listedJson({
  attestation,
  from,
  since,
  owners,
  unknown,
}: ListedAttestation): object {
  return {
    verdict: unknown?.verdict ?? 'VERIFIED',
    ...attestationJson(attestation),
    owners,
    ...(from === undefined ? {} : { from }),
    since,
    ...(unknown === undefined ? {} : { error: errorJson(unknown) }),
  }
}

export function errorJson({ code, message, details }: RegistryError): object {
  const { expected, got, next } = details
  return { code, message, expected, got, next }
}

function signerJson(signer: Signer): object {
  if (signer.kind === 'key') return { kind: 'key', fingerprint: keyFingerprint(signer.key) }
  const { issuer, san, claims } = signer.identity
  return { kind: 'keyless', issuer, san, claims }
}

export function signerText(signer: Signer): string {
  if (signer.kind === 'key') return keyFingerprint(signer.key)
  return `${safe(signer.identity.san)} (${safe(signer.identity.issuer)})`
}

export function ownerText(owner: ListedAttestation['owners'][number]): string {
  return owner.kind === 'file'
    ? `key file ${owner.name}`
    : `${owner.role} key of ${owner.publisher}`
}
