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

/** The signature, and the key among `keys` that the hint names; neither is proven yet. Undefined for any other text. */
export function readPlainBundle(
  bundle: Uint8Array,
  statement: Uint8Array,
  keys: readonly PublicKey[],
): { readonly key: PublicKey; readonly signature: Uint8Array } | undefined {
  if (bundle.length > LIMITS.bundleBytes) return undefined
  const text = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.length).toString('latin1')
  const key = keys.find((one) => text.startsWith(keyFingerprint(one), BEFORE_HINT.length))
  if (key === undefined || !text.endsWith(END)) return undefined
  const before = `${BEFORE_HINT}${keyFingerprint(key)}${BEFORE_PAYLOAD}${toBase64(statement)}${BEFORE_SIGNATURE}`
  const signature = fromBase64(text.slice(before.length, -END.length))
  if (signature === undefined || signature.length === 0 || !text.startsWith(before))
    return undefined
  return { key, signature }
}
