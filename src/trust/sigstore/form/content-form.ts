// The signed half of a Sigstore bundle: a DSSE envelope, or a signature over a file. Form only.

import type { Bundle } from '@sigstore/bundle'
import type { Json } from '../../../lib/index.ts'
import { PAYLOAD_TYPE } from '../../bundle.ts'
import { type At, at, bytesAt, listAt, malformed, objectAt, refuseForm, textAt } from './fields.ts'

type Content = Bundle['content']

/** sigstore_common.proto, HashAlgorithm; the names that Node’s crypto has for them. */
const HASHES: Readonly<Record<string, { readonly algorithm: number; readonly bytes: number }>> = {
  SHA2_256: { algorithm: 1, bytes: 32 },
  SHA2_384: { algorithm: 2, bytes: 48 },
  SHA2_512: { algorithm: 3, bytes: 64 },
}

export function readContent(
  bundle: { readonly [key: string]: Json },
  kind: 'dsseEnvelope' | 'messageSignature',
  top: At,
): Content {
  const place = at(top, kind)
  return kind === 'dsseEnvelope'
    ? { $case: kind, dsseEnvelope: readEnvelope(bundle[kind], place) }
    : { $case: kind, messageSignature: readMessage(bundle[kind], place) }
}

type Envelope = Extract<Content, { $case: 'dsseEnvelope' }>['dsseEnvelope']
type Message = Extract<Content, { $case: 'messageSignature' }>['messageSignature']

function readEnvelope(value: Json | undefined, place: At): Envelope {
  const envelope = objectAt(value, place, ['payload', 'payloadType', 'signatures'])
  // The type is inside the signed bytes: under another one the same payload would mean something else (T25).
  if (envelope.payloadType !== PAYLOAD_TYPE) {
    throw malformed(`${place.path}/payloadType`, PAYLOAD_TYPE, envelope.payloadType)
  }
  const signatures = listAt(envelope.signatures, `${place.path}/signatures`, 1)
  if (signatures.length !== 1) {
    throw malformed(`${place.path}/signatures`, 'exactly one signature', signatures)
  }
  const inner = at(place, 'signatures', 0)
  const { sig, keyid } = objectAt(signatures[0], inner, ['sig'], ['keyid'])
  if (keyid !== undefined) textAt(keyid, `${inner.path}/keyid`)
  return {
    payload: bytesAt(envelope.payload, `${place.path}/payload`),
    payloadType: PAYLOAD_TYPE,
    // DSSE’s hint is anyone’s to write, so nothing may come to depend on it (T23).
    signatures: [{ sig: bytesAt(sig, `${inner.path}/sig`), keyid: '' }],
  }
}

function readMessage(value: Json | undefined, place: At): Message {
  const message = objectAt(value, place, ['signature'], ['messageDigest'])
  return {
    messageDigest: readDigest(message.messageDigest, at(place, 'messageDigest')),
    signature: bytesAt(message.signature, `${place.path}/signature`),
  }
}

/** It only helps to find the file, so it may be missing: sigstore_common.proto. Then it is of algorithm 0, and empty. */
function readDigest(value: Json | undefined, inner: At): Message['messageDigest'] {
  if (value === undefined) return { algorithm: 0, digest: Buffer.alloc(0) }
  const { algorithm, digest } = objectAt(value, inner, ['algorithm', 'digest'])
  const name = textAt(algorithm, `${inner.path}/algorithm`)
  const hash = Object.hasOwn(HASHES, name) ? HASHES[name] : undefined
  if (hash === undefined) {
    throw malformed(`${inner.path}/algorithm`, Object.keys(HASHES).join(', '), name)
  }
  const bytes = bytesAt(digest, `${inner.path}/digest`)
  if (bytes.length !== hash.bytes) {
    throw refuseForm(`${inner.path}/digest`, `${hash.bytes} bytes`, `${bytes.length} bytes`)
  }
  return { algorithm: hash.algorithm, digest: bytes }
}
