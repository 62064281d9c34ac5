// The form of a keyed Sigstore bundle v0.3 with a DSSE envelope: bytes in, claims out. It checks no signature.
// Stricter than the Sigstore libraries, which skip unknown fields, read any base64 and try several kinds of content:
// what is not named here is refused, so nobody can carry unsigned text through us (T28).

import {
  canonicalBytes,
  fromBase64,
  isJsonObject,
  isRegistryError,
  type Json,
  type JsonObject,
  joinPointer,
  parseJson,
  RegistryError,
  toBase64,
} from '../lib/index.ts'
import { LIMITS } from '../spec/index.ts'

export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

/** What a bundle says; nothing of it is proven yet. */
export interface BundleClaims {
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  /** Names a key, perhaps. Anyone can rewrite it; it never makes a key trusted (T23). */
  readonly hint: string
}

/** Which way to read it; nothing is believed because of the answer. Payloads are base64, so they cannot hold these quotes. */
export function hasCertificate(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return text.includes('"certificate"') || text.includes('"x509CertificateChain"')
}

/** Throws BUNDLE_INVALID, or LIMIT_EXCEEDED for more than `maxBytes`. */
export function parseBundle(
  bytes: Uint8Array,
  maxBytes: number = LIMITS.bundleBytes,
): BundleClaims {
  const bundle = fields(readJson(bytes, maxBytes), '', [
    'mediaType',
    'verificationMaterial',
    'dsseEnvelope',
  ])
  if (bundle.mediaType !== BUNDLE_MEDIA_TYPE) {
    throw refusal('/mediaType', BUNDLE_MEDIA_TYPE, bundle.mediaType)
  }
  const hint = parseMaterial(bundle.verificationMaterial)
  return { hint, ...parseEnvelope(bundle.dsseEnvelope) }
}

/** The same signature in the one form without anything that is anyone’s to change but its own spelling: no hint, RFC 8785. */
export function bareBundle(bytes: Uint8Array): Uint8Array {
  const { payload, signature } = parseBundle(bytes)
  return canonicalBytes({
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: '' } },
    dsseEnvelope: {
      payload: toBase64(payload),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: toBase64(signature) }],
    },
  })
}

function readJson(bytes: Uint8Array, maxBytes: number): Json {
  try {
    return parseJson(bytes, { maxBytes })
  } catch (cause) {
    if (isRegistryError(cause, 'LIMIT_EXCEEDED')) throw cause
    throw new RegistryError('BUNDLE_INVALID', 'This signature bundle is not strict JSON.', {
      next: NEXT,
      cause,
      ...(isRegistryError(cause) ? { got: cause.message } : {}),
    })
  }
}

function parseMaterial(value: Json | undefined): string {
  const path = '/verificationMaterial'
  const material = fields(value, path, ['publicKey'], ['tlogEntries', 'timestampVerificationData'])
  // Evidence that is carried and not checked would look like evidence that was checked.
  assertEmpty(material.tlogEntries, `${path}/tlogEntries`)
  const timestampsPath = `${path}/timestampVerificationData`
  if (material.timestampVerificationData !== undefined) {
    const data = fields(
      material.timestampVerificationData,
      timestampsPath,
      [],
      ['rfc3161Timestamps'],
    )
    assertEmpty(data.rfc3161Timestamps, `${timestampsPath}/rfc3161Timestamps`)
  }
  const { hint } = fields(material.publicKey, `${path}/publicKey`, ['hint'])
  if (typeof hint !== 'string') throw refusal(`${path}/publicKey/hint`, 'text', hint)
  return hint
}

function parseEnvelope(value: Json | undefined): Omit<BundleClaims, 'hint'> {
  const path = '/dsseEnvelope'
  const envelope = fields(value, path, ['payload', 'payloadType', 'signatures'])
  // The type is inside the signed bytes: under another one the same payload would mean something else.
  if (envelope.payloadType !== PAYLOAD_TYPE) {
    throw refusal(`${path}/payloadType`, PAYLOAD_TYPE, envelope.payloadType)
  }
  const signatures = envelope.signatures
  if (!Array.isArray(signatures) || signatures.length !== 1) {
    const got = Array.isArray(signatures) ? `${signatures.length} signatures` : signatures
    throw refusal(`${path}/signatures`, 'exactly one signature', got)
  }
  // `keyid` is DSSE's hint. Other clients write it; we read the bundle's own hint instead.
  const signature = fields(signatures[0], `${path}/signatures/0`, ['sig'], ['keyid'])
  if (signature.keyid !== undefined && typeof signature.keyid !== 'string') {
    throw refusal(`${path}/signatures/0/keyid`, 'text', signature.keyid)
  }
  return {
    payload: base64(envelope.payload, `${path}/payload`),
    signature: base64(signature.sig, `${path}/signatures/0/sig`),
  }
}

function base64(value: Json | undefined, path: string): Uint8Array {
  const bytes = typeof value === 'string' && value !== '' ? fromBase64(value) : undefined
  if (bytes === undefined) throw refusal(path, 'padded standard base64 of at least a byte', value)
  return bytes
}

function fields(
  value: Json | undefined,
  path: string,
  required: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  if (!isJsonObject(value)) throw refusal(path, 'an object', value)
  for (const name of Object.keys(value)) {
    if (!required.includes(name) && !optional.includes(name)) {
      throw refusal(joinPointer(path, name), `only ${[...required, ...optional].join(', ')}`, name)
    }
  }
  for (const name of required) {
    if (!Object.hasOwn(value, name)) throw refusal(path, `the field ${name}`, 'none')
  }
  return value
}

function assertEmpty(value: Json | undefined, path: string): void {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return
  throw refusal(path, 'no entries in a bundle signed with a plain key', value)
}

const NEXT = 'Fetch the bundle again from another source, or ask its publisher to sign again.'

function refusal(path: string, expected: string, got: Json | undefined): RegistryError {
  const text = typeof got === 'string' ? got : (JSON.stringify(got) ?? 'nothing')
  return new RegistryError(
    'BUNDLE_INVALID',
    'This signature bundle is not a keyed Sigstore bundle v0.3 with one DSSE signature.',
    { path, expected, got: text.slice(0, 80), next: NEXT },
  )
}
