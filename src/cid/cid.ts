// CIDv1(raw, sha2-256) in lower-case base32, and nothing else. A CID is its string: it sorts, compares and prints as is.
// Other shapes (v0, other codecs, other or truncated hashes, identity, other bases) are refused: one object, one name.

import { decodeBase32, encodeBase32, RegistryError, writeSha256 } from '../lib/index.ts'

export type Cid = string & { readonly __brand: 'Cid' }

/** version 1, codec raw (0x55), hash sha2-256 (0x12), 32 bytes (0x20) */
const PREFIX = [0x01, 0x55, 0x12, 0x20] as const
/** The bytes of the CID that is being written: each entry of a log needs six, and an array for each would be work to throw away. */
const ROOM = Buffer.from([...PREFIX, ...new Uint8Array(32)])
const LENGTH = 59

/** The CID of these exact bytes. */
export function cidOf(bytes: Uint8Array): Cid {
  writeSha256(bytes, ROOM, PREFIX.length)
  return encodeBase32(ROOM, 'b') as Cid
}

/** The CID that names a sha-256 digest of 32 bytes. */
export function cidFromDigest(digest: Uint8Array): Cid {
  if (digest.length !== 32) {
    throw new RegistryError('CID_INVALID', 'A digest of another length cannot become a CID.', {
      expected: '32 bytes',
      got: `${digest.length} bytes`,
    })
  }
  ROOM.set(digest, PREFIX.length)
  return encodeBase32(ROOM, 'b') as Cid
}

/** The 32-byte sha-256 digest inside a CID. */
export function digestOf(cid: Cid): Uint8Array {
  return decodeBase32(cid.slice(1)).subarray(PREFIX.length)
}

/**
 * The whole of a CID in one look: after `bafkrei` the next letter holds two bits of the prefix, and the last letter two bits that
 * belong to nothing and must be zero, so that every CID has one spelling.
 */
const FORM = /^bafkrei[a-h][a-z2-7]{50}[aeimquy4]$/

/** Throws CID_INVALID unless `text` is a CID of the only accepted shape, in its only spelling. */
export function parseCid(text: unknown): Cid {
  if (isCid(text)) return text
  const problem = describeProblem(text)
  throw new RegistryError('CID_INVALID', `This is not a CID this registry uses: ${problem}.`, {
    expected: 'CIDv1, raw, sha2-256, lower-case base32 (bafkrei…, 59 characters)',
    got: typeof text === 'string' ? JSON.stringify(text.slice(0, 80)) : typeof text,
    next: 'Copy the CID again from `registry show` or from the publisher.',
  })
}

export function isCid(text: unknown): text is Cid {
  return typeof text === 'string' && FORM.test(text)
}

function describeProblem(text: unknown): string {
  if (typeof text !== 'string') return 'it is not a string'
  if (text.length !== LENGTH) return `it has ${text.length} characters`
  if (!/^[a-z2-7]*$/.test(text)) return 'it is not lower-case base32'
  if (!/^bafkrei[a-h]/.test(text)) return 'its version, codec or hash function differs'
  return 'its last character has bits that are not part of the hash'
}
