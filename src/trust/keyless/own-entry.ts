// Whether a log entry is about what we just signed. A log, or somebody in front of it, may answer with another’s entry; a bundle with that in it
// would be refused by every strict verifier, so it must not be published.

import { createHash } from 'node:crypto'
import { isJsonObject, type Json, parseJson } from '../../lib/index.ts'

export interface Signed {
  readonly signature: Uint8Array
  /** DER. */
  readonly certificate: Uint8Array
  /** What the signature is over (DSSE’s PAE). */
  readonly signed: Uint8Array
}

/** hashedrekord 0.0.2 of Rekor v2. */
export function isOwnHashedRekord(body: Uint8Array, own: Signed): boolean {
  const spec = at(readJson(body), 'spec', 'hashedRekordV002')
  return (
    isBase64(at(spec, 'data', 'digest'), sha256(own.signed)) &&
    isBase64(at(spec, 'signature', 'content'), own.signature) &&
    isBase64(at(spec, 'signature', 'verifier', 'x509Certificate', 'rawBytes'), own.certificate)
  )
}

/** intoto 0.0.2 of Rekor v1: the signature in base64 twice, the certificate as PEM. */
export function isOwnIntoto(body: Uint8Array, own: Signed): boolean {
  const signatures = at(readJson(body), 'spec', 'content', 'envelope', 'signatures')
  const [only, ...others] = Array.isArray(signatures) ? (signatures as readonly Json[]) : []
  const [sig, key] = [at(only, 'sig'), at(only, 'publicKey')]
  if (others.length > 0 || typeof sig !== 'string' || typeof key !== 'string') return false
  const pem = Buffer.from(key, 'base64').toString('latin1')
  const der = pem.replace(/-----(BEGIN|END) CERTIFICATE-----/g, '').replace(/\s/g, '')
  const inner = Buffer.from(sig, 'base64').toString('latin1')
  return isBase64(inner, own.signature) && isBase64(der, own.certificate)
}

function readJson(body: Uint8Array): Json | undefined {
  try {
    return parseJson(body)
  } catch {
    return undefined
  }
}

function at(value: Json | undefined, ...names: readonly string[]): Json | undefined {
  return names.reduce<Json | undefined>(
    (inner, name) => (inner !== undefined && isJsonObject(inner) ? inner[name] : undefined),
    value,
  )
}

function isBase64(text: Json | undefined, bytes: Uint8Array): boolean {
  return text === Buffer.from(bytes).toString('base64')
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
