// The form of a Sigstore bundle, v0.1 to v0.3: bytes in, the library’s own types out. It checks no signature. The libraries skip
// unknown fields, read any base64 and take the first of several kinds of content; nothing they would guess at gets through here.
// https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto

import type { Bundle, TransparencyLogEntry } from '@sigstore/bundle'
import { isRegistryError, type Json, parseJson, RegistryError } from '../../../lib/index.ts'
import { BUNDLE_MEDIA_TYPE } from '../../bundle.ts'
import { readContent } from './content-form.ts'
import {
  type At,
  at,
  bytesAt,
  countAt,
  type Form,
  listAt,
  malformed,
  objectAt,
  refuseForm,
  textAt,
} from './fields.ts'

const OLD_MEDIA_TYPES: Readonly<Record<string, Version>> = {
  'application/vnd.dev.sigstore.bundle+json;version=0.1': 0.1,
  'application/vnd.dev.sigstore.bundle+json;version=0.2': 0.2,
  'application/vnd.dev.sigstore.bundle+json;version=0.3': 0.3,
}

type Version = 0.1 | 0.2 | 0.3
type Material = Bundle['verificationMaterial']

const CONTENTS = ['dsseEnvelope', 'messageSignature'] as const
const SIGNERS = ['certificate', 'x509CertificateChain', 'publicKey'] as const

/** As many logs, or authorities, as anybody asks; each costs milliseconds. */
const EVIDENCE_LIMIT = 8

/** Throws BUNDLE_INVALID, or LIMIT_EXCEEDED for more than `limit` bytes. */
export function readBundle(bytes: Uint8Array, form: Form, limit: number): Bundle {
  const top: At = { form, path: '' }
  const bundle = objectAt(
    readJson(bytes, limit),
    top,
    ['mediaType', 'verificationMaterial'],
    CONTENTS,
  )
  const mediaType = textAt(bundle.mediaType, '/mediaType')
  const version = versionOf(mediaType, form)
  return {
    mediaType,
    verificationMaterial: readMaterial(
      bundle.verificationMaterial,
      version,
      at(top, 'verificationMaterial'),
    ),
    content: readContent(bundle, onlyOne(bundle, CONTENTS, top), top),
  }
}

function readJson(bytes: Uint8Array, maxBytes: number): Json {
  try {
    return parseJson(bytes, { maxBytes })
  } catch (cause) {
    if (isRegistryError(cause, 'LIMIT_EXCEEDED')) {
      const next = 'Do not use it. No bundle of this kind needs to be so large.'
      throw new RegistryError(cause.code, cause.message, { ...cause.details, next, cause })
    }
    throw new RegistryError('BUNDLE_INVALID', 'This Sigstore bundle is not strict JSON.', {
      expected: 'UTF-8 JSON in which no key comes twice',
      got: cause instanceof Error ? cause.message : String(cause),
      next: 'Do not use it. Ask for the bundle again, as the signing tool wrote it.',
      cause,
    })
  }
}

function versionOf(mediaType: string, form: Form): Version {
  if (mediaType === BUNDLE_MEDIA_TYPE) return 0.3
  const old = Object.hasOwn(OLD_MEDIA_TYPES, mediaType) ? OLD_MEDIA_TYPES[mediaType] : undefined
  if (form === 'any' && old !== undefined) return old
  const expected = form === 'any' ? 'a bundle of version 0.1, 0.2 or 0.3' : BUNDLE_MEDIA_TYPE
  throw malformed('/mediaType', expected, mediaType)
}

/** Of several kinds, verifiers would choose differently: the one that is checked must be the one that is there. */
function onlyOne<T extends string>(
  fields: { readonly [key: string]: Json },
  names: readonly T[],
  { path }: At,
): T {
  const [found, ...others] = names.filter((name) => fields[name] !== undefined)
  if (found !== undefined && others.length === 0) return found
  const got = found === undefined ? 'none' : [found, ...others].join(' and ')
  throw refuseForm(path, `exactly one of ${names.join(', ')}`, got)
}

function readMaterial(value: Json | undefined, version: Version, place: At): Material {
  const material = objectAt(
    value,
    place,
    [],
    [...SIGNERS, 'tlogEntries', 'timestampVerificationData'],
  )
  const signer = onlyOne(material, SIGNERS, place)
  const entries = listAt(material.tlogEntries, `${place.path}/tlogEntries`, EVIDENCE_LIMIT)
  return {
    content: readSigner(material[signer], signer, version, at(place, signer)),
    tlogEntries: entries.map((entry, index) =>
      readEntry(entry, version, at(place, 'tlogEntries', index)),
    ),
    timestampVerificationData: readTimestamps(
      material.timestampVerificationData,
      at(place, 'timestampVerificationData'),
    ),
  }
}

function readSigner(
  value: Json | undefined,
  kind: (typeof SIGNERS)[number],
  version: Version,
  place: At,
): Material['content'] {
  if (kind === 'publicKey') {
    const { hint } = objectAt(value, place, [], ['hint'])
    return {
      $case: kind,
      publicKey: { hint: hint === undefined ? '' : textAt(hint, `${place.path}/hint`) },
    }
  }
  if (kind === 'certificate') return { $case: kind, certificate: readCertificate(value, place) }
  if (version === 0.3) throw malformed(place.path, 'a single certificate since v0.3', value)
  const chain = objectAt(value, place, ['certificates'])
  const list = listAt(chain.certificates, `${place.path}/certificates`, EVIDENCE_LIMIT)
  if (list.length === 0) throw malformed(`${place.path}/certificates`, 'a certificate', list)
  const certificates = list.map((item, index) =>
    readCertificate(item, at(place, 'certificates', index)),
  )
  return { $case: kind, x509CertificateChain: { certificates } }
}

function readCertificate(value: Json | undefined, place: At): { rawBytes: Buffer } {
  const { rawBytes } = objectAt(value, place, ['rawBytes'])
  return { rawBytes: bytesAt(rawBytes, `${place.path}/rawBytes`) }
}

function readTimestamps(value: Json | undefined, place: At): Material['timestampVerificationData'] {
  if (value === undefined) return undefined
  const { rfc3161Timestamps } = objectAt(value, place, [], ['rfc3161Timestamps'])
  const list = listAt(rfc3161Timestamps, `${place.path}/rfc3161Timestamps`, EVIDENCE_LIMIT)
  return {
    rfc3161Timestamps: list.map((item, index) => {
      const inner = at(place, 'rfc3161Timestamps', index)
      const { signedTimestamp } = objectAt(item, inner, ['signedTimestamp'])
      return { signedTimestamp: bytesAt(signedTimestamp, `${inner.path}/signedTimestamp`) }
    }),
  }
}

function readEntry(value: Json, version: Version, place: At): TransparencyLogEntry {
  const entry = objectAt(
    value,
    place,
    ['logId', 'kindVersion', 'canonicalizedBody'],
    ['logIndex', 'integratedTime', 'inclusionPromise', 'inclusionProof'],
  )
  const { keyId } = objectAt(entry.logId, at(place, 'logId'), ['keyId'])
  const { kind, version: kindVersion } = objectAt(entry.kindVersion, at(place, 'kindVersion'), [
    'kind',
    'version',
  ])
  // v0.1 is from before proofs were returned by the log; since v0.2 a promise alone is not enough.
  const needed = version === 0.1 ? 'inclusionPromise' : 'inclusionProof'
  if (entry[needed] === undefined) throw refuseForm(place.path, `the field ${needed}`, 'none')
  return {
    logIndex: countAt(entry.logIndex, at(place, 'logIndex')),
    logId: { keyId: bytesAt(keyId, `${place.path}/logId/keyId`) },
    kindVersion: {
      kind: textAt(kind, `${place.path}/kindVersion/kind`),
      version: textAt(kindVersion, `${place.path}/kindVersion/version`),
    },
    integratedTime: countAt(entry.integratedTime, at(place, 'integratedTime')),
    inclusionPromise: readPromise(entry.inclusionPromise, at(place, 'inclusionPromise')),
    inclusionProof: readProof(entry.inclusionProof, version, at(place, 'inclusionProof')),
    canonicalizedBody: bytesAt(entry.canonicalizedBody, `${place.path}/canonicalizedBody`),
  }
}

function readPromise(value: Json | undefined, place: At): TransparencyLogEntry['inclusionPromise'] {
  if (value === undefined) return undefined
  const { signedEntryTimestamp } = objectAt(value, place, ['signedEntryTimestamp'])
  return {
    signedEntryTimestamp: bytesAt(signedEntryTimestamp, `${place.path}/signedEntryTimestamp`),
  }
}

function readProof(
  value: Json | undefined,
  version: Version,
  place: At,
): TransparencyLogEntry['inclusionProof'] {
  if (value === undefined) return undefined
  const names = ['logIndex', 'rootHash', 'treeSize', 'hashes', 'checkpoint']
  const proof = objectAt(value, place, [], names)
  if (proof.checkpoint === undefined) {
    // The first logs signed no tree for their proofs, so those prove nothing: v0.1 rests on the promise, which it must have.
    if (version === 0.1) return undefined
    throw refuseForm(place.path, 'the field checkpoint', 'none')
  }
  const { envelope } = objectAt(proof.checkpoint, at(place, 'checkpoint'), ['envelope'])
  const rootHash = proof.rootHash
  return {
    logIndex: countAt(proof.logIndex, at(place, 'logIndex')),
    // Copies of what the checkpoint says: nobody signs them, so they are compared with it (checkpoint.ts).
    rootHash:
      rootHash === undefined ? Buffer.alloc(0) : bytesAt(rootHash, `${place.path}/rootHash`),
    treeSize: countAt(proof.treeSize, at(place, 'treeSize')),
    // A tree of 2^63 leaves is 63 levels high.
    hashes: listAt(proof.hashes, `${place.path}/hashes`, 63).map((hash, index) =>
      bytesAt(hash, at(place, 'hashes', index).path),
    ),
    checkpoint: { envelope: readNote(envelope, `${place.path}/checkpoint/envelope`) },
  }
}

/** C2SP signed-note: text, an empty line, and one signature a line. The library passes over any other text after the empty line (T28). */
const NOTE_LENGTH = 16 * 1024
const NOTE = /^(?:[^\n]+\n)+\n(?:\u2014 [^\s+]+ [A-Za-z0-9+/]+={0,2}\n)+$/

function readNote(value: Json | undefined, path: string): string {
  const note = textAt(value, path)
  if (note.length > NOTE_LENGTH || !NOTE.test(note)) {
    throw malformed(path, 'a signed note and nothing after it', note)
  }
  return note
}
