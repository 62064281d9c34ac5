// Signatures that others have made, as signers: each signs what it was made for, and nothing else. That they are good is found out by
// whoever verifies the entry; here they are only told apart.

import { equalBytes, fromBase64, isJsonObject, parseJson, RegistryError } from '../lib/index.ts'
import { LIMITS } from '../spec/index.ts'
import { hasCertificate, parseBundle } from './bundle.ts'
import { preAuthEncoding } from './pae.ts'
import { keyFingerprint, type PublicKey, verifySignature } from './public-key.ts'
import type { KeylessSigner, Signer } from './signer.ts'

export interface ReadySignatures {
  /** Undefined unless one of the signatures is this key’s. Signing throws SEQUENCE_INVALID for what the key has not signed. */
  signerFor(key: PublicKey): Signer | undefined
  /** As many as have signed any one statement without a key. */
  readonly keyless: readonly KeylessSigner[]
}

interface Signature {
  readonly data: Uint8Array
  readonly signature: Uint8Array
}

/** `bundles` are Sigstore bundles over statements, in any order. Throws BUNDLE_INVALID, LIMIT_EXCEEDED, JSON_*. */
export function readySignatures(bundles: readonly Uint8Array[]): ReadySignatures {
  const keyed = bundles.filter((bytes) => !hasCertificate(bytes)).map(readSignature)
  const certified = bundles
    .filter(hasCertificate)
    .map((bytes) => ({ bytes, payload: payloadOf(bytes) }))
  const over = (statement: Uint8Array): readonly Uint8Array[] =>
    certified.filter(({ payload }) => equalBytes(payload, statement)).map(({ bytes }) => bytes)
  const most = Math.max(0, ...certified.map(({ payload }) => over(payload).length))
  /** By SPKI: whoever signs many entries is asked for with each of them, and to know costs a check of every signature. */
  const known = new Map<string, Signer | undefined>()
  return {
    signerFor(key) {
      if (!known.has(key.spki)) known.set(key.spki, findSigner(keyed, key))
      return known.get(key.spki)
    },
    keyless: Array.from({ length: most }, (_, i) => ({
      kind: 'keyless',
      async sign(statement) {
        const bundle = over(statement)[i]
        if (bundle === undefined) throw signedOther('a keyless signer')
        return bundle
      },
    })),
  }
}

function findSigner(keyed: readonly Signature[], key: PublicKey): Signer | undefined {
  const own = keyed.filter(({ data, signature }) => verifySignature(key, data, signature))
  if (own.length === 0) return undefined
  return {
    key,
    async sign(data) {
      const found = own.find((one) => equalBytes(one.data, data))
      if (found === undefined) throw signedOther(keyFingerprint(key))
      return found.signature
    },
  }
}

function readSignature(bytes: Uint8Array): Signature {
  const { payload, signature } = parseBundle(bytes)
  return { data: preAuthEncoding(payload), signature }
}

/** What a bundle with a certificate is over, if it is what it says; who verifies it reads it strictly. */
function payloadOf(bytes: Uint8Array): Uint8Array {
  const bundle = parseJson(bytes, { maxBytes: LIMITS.bundleBytes })
  const envelope = isJsonObject(bundle) ? bundle.dsseEnvelope : undefined
  const payload = isJsonObject(envelope) ? envelope.payload : undefined
  return (typeof payload === 'string' ? fromBase64(payload) : undefined) ?? new Uint8Array()
}

function signedOther(who: string): RegistryError {
  return new RegistryError(
    'SEQUENCE_INVALID',
    'These signatures are for another entry, or for another state of the log.',
    {
      expected: `a signature by ${who} over exactly what this command says now`,
      got: 'one over something else',
      next: 'Say the same as in the request. If the log has grown since, make the request again with `--request` and have it signed anew.',
    },
  )
}
