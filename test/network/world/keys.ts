// Keys that are the same in every process, so that publishers have the same ids there and a seed means the same: for simulations only, and only
// while their logs are signed. Signatures differ from run to run, as ECDSA has it, but not in their length.

import crypto, { createECDH, createPrivateKey, type KeyObject } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { sha256, utf8 } from '../../../src/lib/index.ts'

const ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
/** Of the DER form: the usual one. */
const SIGNATURE_BYTES = 71

export async function withKnownKeys<T>(label: string, act: () => Promise<T>): Promise<T> {
  const { generateKeyPairSync, sign } = crypto
  let made = 0
  const generate = (type: string): { readonly privateKey: KeyObject } => {
    made += 1
    const secret = Buffer.from(sha256(utf8(`a key of a simulation: ${label} ${made}`)))
    return { privateKey: type === 'ed25519' ? ed25519(secret) : p256(secret) }
  }
  const signAlike = (algorithm: string | null, data: Uint8Array, key: KeyObject): Buffer => {
    for (;;) {
      const signature = sign(algorithm, data, key)
      if (key.asymmetricKeyType !== 'ec' || signature.length === SIGNATURE_BYTES) return signature
    }
  }
  Object.assign(crypto, { generateKeyPairSync: generate, sign: signAlike })
  syncBuiltinESMExports()
  try {
    return await act()
  } finally {
    Object.assign(crypto, { generateKeyPairSync, sign })
    syncBuiltinESMExports()
  }
}

function ed25519(secret: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([ED25519, secret]), format: 'der', type: 'pkcs8' })
}

function p256(secret: Buffer): KeyObject {
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(secret)
  const point = pair.getPublicKey()
  const text = (bytes: Buffer): string => bytes.toString('base64url')
  const [x, y] = [text(point.subarray(1, 33)), text(point.subarray(33))]
  return createPrivateKey({
    key: { kty: 'EC', crv: 'P-256', d: text(secret), x, y },
    format: 'jwk',
  })
}
