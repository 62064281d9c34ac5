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
})
  .split('*')
  .map((part) => Buffer.from(part, 'latin1')) as [Buffer, Buffer, Buffer, Buffer]

/** `SHA256:` and 43 characters. */
const FINGERPRINT = 50
/** Where a payload is written to be compared: as bytes, which is one call; as text, each character is. */
const ROOM = Buffer.alloc(16 * 1024)

/** The signature, and the key among `keys` that the hint names; neither is proven yet. Undefined for any other text. */
export function readPlainBundle(
  bundle: Uint8Array,
  statement: Uint8Array,
  keys: readonly PublicKey[],
): { readonly key: PublicKey; readonly signature: Uint8Array } | undefined {
  const payload = Math.ceil(statement.length / 3) * 4
  if (bundle.length > LIMITS.bundleBytes || payload > ROOM.length) return undefined
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.length)
  const hintAt = BEFORE_HINT.length
  const hint = bytes.toString('latin1', hintAt, hintAt + FINGERPRINT)
  const key = keys.find((one) => keyFingerprint(one) === hint)
  if (key === undefined) return undefined
  const payloadAt = hintAt + FINGERPRINT + BEFORE_PAYLOAD.length
  const signatureAt = payloadAt + payload + BEFORE_SIGNATURE.length
  const end = bytes.length - END.length
  if (end < signatureAt) return undefined
  ROOM.write(toBase64(statement), 'latin1')
  const isPlain =
    isAt(bytes, 0, BEFORE_HINT) &&
    isAt(bytes, hintAt + FINGERPRINT, BEFORE_PAYLOAD) &&
    isAt(bytes, payloadAt, ROOM, payload) &&
    isAt(bytes, payloadAt + payload, BEFORE_SIGNATURE) &&
    isAt(bytes, end, END)
  if (!isPlain) return undefined
  const signature = fromBase64(bytes.toString('latin1', signatureAt, end))
  if (signature === undefined || signature.length === 0) return undefined
  return { key, signature }
}

function isAt(bytes: Buffer, at: number, part: Buffer, length = part.length): boolean {
  return bytes.compare(part, 0, length, at, at + length) === 0
}
