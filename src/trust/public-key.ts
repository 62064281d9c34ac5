// Public keys as they stand in statements and key files: a type and the DER SubjectPublicKeyInfo (RFC 5480, RFC 8410).
// One spelling a key, so that comparing text compares keys, and thresholds count keys and not spellings (T15).

import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import {
  createMemo,
  dropOldest,
  equalBytes,
  fromBase64,
  fromHex,
  RegistryError,
  sha256,
  toBase64,
} from '../lib/index.ts'
import { isStrongEd25519Point } from './ed25519-point.ts'

export type KeyType = 'ecdsa-p256' | 'ed25519'

export interface PublicKey {
  readonly type: KeyType
  /** Base64 of the DER SubjectPublicKeyInfo. */
  readonly spki: string
}

/** Everything in front of the point, in its only DER form: a comparison of bytes replaces an ASN.1 parser. */
const FORM_OF: Readonly<Record<KeyType, { readonly prefix: Uint8Array; readonly length: number }>> =
  {
    // id-ecPublicKey with the named curve prime256v1, then an uncompressed point.
    'ecdsa-p256': {
      prefix: fromHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004'),
      length: 91,
    },
    ed25519: { prefix: fromHex('302a300506032b6570032100'), length: 44 },
  }

/** Importing a key costs as much as a signature check, so imports are kept; bounded, since peers choose the keys we see. */
const IMPORTED_LIMIT = 1024
const imported = new Map<string, { readonly type: KeyType; readonly object: KeyObject }>()
const fingerprints = createMemo<string>(IMPORTED_LIMIT)

/** Throws KEY_INVALID for anything but a key that is safe to trust signatures of. */
export function parsePublicKey(value: unknown): PublicKey {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusal('an object with type and spki', describe(value))
  }
  const fields: Readonly<Record<string, unknown>> = { ...value }
  const { type, spki } = fields
  if (Object.keys(fields).length !== 2 || type === undefined || spki === undefined) {
    throw refusal('exactly the fields type and spki', Object.keys(fields).join(', ') || 'none')
  }
  if (type !== 'ecdsa-p256' && type !== 'ed25519') {
    throw refusal('the type ecdsa-p256 or ed25519', describe(type))
  }
  if (typeof spki !== 'string') throw refusal('base64 text as spki', describe(spki))
  const key: PublicKey = Object.freeze({ type, spki })
  toKeyObject(key)
  return key
}

/** The public half of `key`, which may be secret. Throws KEY_INVALID for other algorithms and curves. */
export function publicKeyOf(key: KeyObject): PublicKey {
  const publicHalf = key.type === 'private' ? createPublicKey(key) : key
  const type = typeOf(publicHalf)
  return parsePublicKey({
    type,
    spki: toBase64(publicHalf.export({ format: 'der', type: 'spki' })),
  })
}

/** Memoised. Throws KEY_INVALID. */
export function toKeyObject(key: PublicKey): KeyObject {
  const { type, spki } = key
  const known = imported.get(spki)
  // An SPKI is of one type: what claims another is refused where it is imported.
  if (known?.type === type) return known.object
  const object = importSpki(key)
  imported.set(spki, { type, object })
  dropOldest(imported, IMPORTED_LIMIT)
  return object
}

/** `SHA256:` and the unpadded base64 of the hash of the SPKI: what people compare, in the form ssh taught them. */
export function keyFingerprint({ spki }: PublicKey): string {
  return fingerprints.get(spki, () => {
    const digest = sha256(Buffer.from(spki, 'base64'))
    return `SHA256:${toBase64(digest).replace(/=+$/, '')}`
  })
}

/** Statements are signed with P-256, which every Sigstore client can check with a plain key. Throws KEY_INVALID. */
export function assertStatementKey(key: PublicKey): void {
  if (key.type === 'ecdsa-p256') return
  throw new RegistryError('KEY_INVALID', 'Statements are signed with P-256 keys only.', {
    expected: 'ecdsa-p256',
    got: key.type,
    next: 'Use the signing key; an Ed25519 key signs checkpoints.',
  })
}

export function equalKeys(a: PublicKey, b: PublicKey): boolean {
  return a.type === b.type && a.spki === b.spki
}

/** True only for a good signature: malformed ones are false too. Throws KEY_INVALID for a bad key. */
export function verifySignature(key: PublicKey, data: Uint8Array, signature: Uint8Array): boolean {
  const object = toKeyObject(key)
  try {
    return verify(key.type === 'ed25519' ? null : 'sha256', data, object, signature)
  } catch {
    return false
  }
}

function importSpki({ type, spki }: PublicKey): KeyObject {
  const der = fromBase64(spki)
  if (der === undefined) throw refusal('padded standard base64 as spki', 'another spelling')
  const form = FORM_OF[type]
  const prefix = der.subarray(0, form.prefix.length)
  if (der.length !== form.length || !equalBytes(prefix, form.prefix)) {
    throw refusal(`the ${form.length} bytes of DER of an ${type} key`, describeDer(der))
  }
  // T27: under such keys verifiers disagree, and some signatures fit any message.
  if (type === 'ed25519' && !isStrongEd25519Point(der.subarray(form.prefix.length))) {
    throw refusal('an Ed25519 point in canonical form and of large order', 'another point')
  }
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
  } catch (cause) {
    throw refusal('a point on the curve', 'a point off it', cause)
  }
}

function typeOf(key: KeyObject): KeyType {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519'
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (key.asymmetricKeyType === 'ec' && curve === 'prime256v1') return 'ecdsa-p256'
  const got = [key.asymmetricKeyType ?? 'a secret key', curve].filter((word) => word !== undefined)
  throw refusal('a P-256 or Ed25519 key', got.join(' '))
}

function refusal(expected: string, got: string, cause?: unknown): RegistryError {
  return new RegistryError('KEY_INVALID', 'This is not a public key that can be trusted.', {
    expected,
    got,
    next: 'Ask for the key again, as `registry key export` prints it.',
    ...(cause === undefined ? {} : { cause }),
  })
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value
}

function describeDer(der: Uint8Array): string {
  return `${der.length} bytes that begin with ${Buffer.from(der.subarray(0, 12)).toString('hex')}`
}
