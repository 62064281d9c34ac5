// The one text of a bundle that we write ourselves, taken apart without a parser: of a given statement and key, all but the signature
// is known beforehand. It only ever says yes; every other text, and its faults, are bundle.ts's.

import { fromBase64, toBase64 } from '../lib/index.ts'
import { LIMITS } from '../spec/index.ts'
import { BUNDLE_MEDIA_TYPE, PAYLOAD_TYPE } from './bundle.ts'
import { keyFingerprint, type PublicKey } from './public-key.ts'

const [BEFORE_HINT, BEFORE_PAYLOAD, BEFORE_SIGNATURE, END] = JSON.stringify({
  mediaType: BUNDLE_MEDIA_TYPE,
  verificationMaterial: { publicKey: { hint: '*' }, timestampVerificationData: {} },
  dsseEnvelope: {
    payload: '*',
    payloadType: PAYLOAD_TYPE,
    signatures: [{ sig: '*' }],
  },
}).split('*') as [string, string, string, string]

/** `SHA256:` and 43 characters. */
const FINGERPRINT = 50

/** The signature, and the key among `keys` that the hint names; neither is proven yet. Undefined for any other text. */
export function readPlainBundle(
  bundle: Uint8Array,
  statement: Uint8Array,
  keys: readonly PublicKey[],
): { readonly key: PublicKey; readonly signature: Uint8Array } | undefined {
  if (bundle.length > LIMITS.bundleBytes) return undefined
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.length)
  const text = (start: number, end: number): string => bytes.toString('latin1', start, end)
  const start = BEFORE_HINT.length
  const hint = text(start, start + FINGERPRINT)
  const key = keys.find((one) => keyFingerprint(one) === hint)
  if (key === undefined) return undefined
  // Compared as bytes, which is one call: as text, each character is.
  const before = Buffer.from(
    `${BEFORE_HINT}${hint}${BEFORE_PAYLOAD}${toBase64(statement)}${BEFORE_SIGNATURE}`,
    'latin1',
  )
  const end = bytes.length - END.length
  if (end < before.length || bytes.compare(before, 0, before.length, 0, before.length) !== 0)
    return undefined
  if (text(end, bytes.length) !== END) return undefined
  const signature = fromBase64(text(before.length, end))
  if (signature === undefined || signature.length === 0) return undefined
  return { key, signature }
}
