// Why the library refused: it says what failed, and we say which of two very different things that means. “This root does not know that
// log” is a question about the root; “the signature is wrong” is an answer about the bundle. Only after a refusal: nothing here accepts.

import type { SignedEntity } from '@sigstore/verify'
import { type ErrorCode, isRegistryError, RegistryError, toHex } from '../../lib/index.ts'
import type { TrustMaterial } from './library.ts'

export function explain(
  entity: SignedEntity,
  material: TrustMaterial,
  cause: unknown,
): RegistryError {
  if (isRegistryError(cause)) return cause
  return findUnknown(entity, material, cause) ?? new RegistryError(...toRefusal(cause))
}

function findUnknown(
  entity: SignedEntity,
  material: TrustMaterial,
  cause: unknown,
): RegistryError | undefined {
  try {
    const stranger = findStranger(entity, material)
    if (stranger === undefined) return undefined
    const { what, id } = stranger
    return new RegistryError('ROOT_UNKNOWN', `The trusted root does not know ${what}.`, {
      expected: `${what} that the trusted root names`,
      got: id.slice(0, 200),
      next: 'The signature may be good or not. If this instance is to be trusted, name its trusted root; if the root is old, refresh it.',
      cause,
    })
  } catch {
    // A bundle so broken that it does not say whose it is.
    return undefined
  }
}

interface Stranger {
  readonly what: string
  readonly id: string
}

function findStranger(entity: SignedEntity, material: TrustMaterial): Stranger | undefined {
  for (const { logId } of entity.tlogEntries) {
    if (!material.tlogs.some(({ logID }) => logID.equals(logId.keyId))) {
      return { what: 'the log', id: toHex(logId.keyId) }
    }
  }
  for (const time of entity.timestamps) {
    if (time.$case !== 'timestamp-authority') continue
    const { signerIssuer, signerSerialNumber } = time.timestamp
    const isKnown = material.timestampAuthorities.some(
      ({ certChain: [leaf] }) =>
        leaf?.issuer.equals(signerIssuer) && leaf.serialNumber.equals(signerSerialNumber),
    )
    if (!isKnown) return { what: 'the timestamp authority', id: toHex(signerSerialNumber) }
  }
  if (entity.key.$case !== 'certificate') return undefined
  const { certificate } = entity.key
  const authorities = material.certificateAuthorities.flatMap(({ certChain }) => certChain)
  if (!authorities.some(({ subject }) => subject.equals(certificate.issuer))) {
    return { what: 'the certificate authority', id: toHex(certificate.issuer) }
  }
  for (const { logID } of certificate.extSCT?.signedCertificateTimestamps ?? []) {
    if (!material.ctlogs.some((log) => log.logID.equals(logID))) {
      return { what: 'the certificate transparency log', id: toHex(logID) }
    }
  }
  return undefined
}

const MEANINGS: readonly (readonly [prefix: string, code: ErrorCode, message: string])[] = [
  ['CERTIFICATE', 'CERTIFICATE_INVALID', 'The certificate was not valid for this signature.'],
  ['TIMESTAMP', 'TIMESTAMP_INVALID', 'A timestamp in the bundle does not hold.'],
  ['TLOG', 'LOG_ENTRY_INVALID', 'A log entry in the bundle does not hold.'],
]

function toRefusal(cause: unknown): ConstructorParameters<typeof RegistryError> {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const [, ours, message] = MEANINGS.find(([prefix]) => code.startsWith(prefix)) ?? [
    '',
    'SIGNATURE_INVALID' as const,
    'The signature does not fit what it is said to sign.',
  ]
  return [
    ours,
    message,
    {
      expected: 'evidence that verifies against the trusted root',
      got: reasonOf(cause),
      next: 'Do not use it. Ask for the bundle again; if it comes back the same, tell whoever signed.',
      cause,
    },
  ]
}

/** The library’s own words, where it chose them; anything else it stumbled over is its own business. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'evidence that does not'
  const inner = cause.cause instanceof Error ? `: ${cause.cause.message}` : ''
  return 'code' in cause ? `${cause.message}${inner}`.slice(0, 200) : 'evidence of a broken form'
}
