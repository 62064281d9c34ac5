// CIDv1(raw, sha2-256) in lower-case base32, and nothing else. A CID is its string: it sorts, compares and prints as is.
// Other shapes (v0, other codecs, other or truncated hashes, identity, other bases) are refused: one object, one name.

import { encodeBase32, RegistryError, BASE32_VALUES as VALUES, writeSha256 } from '../lib/index.ts'

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

/** The 32-byte sha-256 digest inside a CID. Throws CID_INVALID for anything else. */
export function digestOf(cid: Cid): Uint8Array {
  // Small arrays of their own cost a microsecond when somebody first takes a part of them; a slice of the pool does not.
  const digest = Buffer.allocUnsafe(32)
  if (!writeDigest(cid, digest, 0)) parseCid(cid)
  return digest
}

const letters = Buffer.alloc(LENGTH)

/**
 * The digest inside a CID, into `bytes` from `at` on; false for anything that `isCid` refuses, and then what is there means nothing. Form
 * and digest in one look cost a third of one after the other, and a start takes them of every tool.
 */
export function writeDigest(text: unknown, bytes: Uint8Array, at: number): boolean {
  if (typeof text !== 'string' || text.length !== LENGTH || !text.startsWith('bafkrei'))
    return false
  // Not Latin-1, which drops half of a wide character and may leave a letter. One that does not fit at the end is not written at all.
  if (letters.write(text, 'utf8') !== LENGTH) return false
  const first = VALUES[letters[7] as number] as number
  const second = VALUES[letters[8] as number] as number
  const last = VALUES[letters[57] as number] as number
  const rest = VALUES[letters[58] as number] as number
  bytes[at] = (first << 5) | second
  bytes[at + 31] = (last << 3) | (rest >> 2)
  let seen = second | last | rest
  for (let group = 0; group < 6; group++)
    seen |= writeFive(9 + group * 8, bytes, at + 1 + group * 5)
  // The first of these holds two bits of the prefix, the last one two that belong to nothing.
  return first < 8 && (rest & 3) === 0 && seen < 32
}

/** Eight letters are five bytes. Answers their values in one, which is more than 31 where one of them is none. */
function writeFive(from: number, bytes: Uint8Array, to: number): number {
  const a = VALUES[letters[from] as number] as number
  const b = VALUES[letters[from + 1] as number] as number
  const c = VALUES[letters[from + 2] as number] as number
  const d = VALUES[letters[from + 3] as number] as number
  const e = VALUES[letters[from + 4] as number] as number
  const f = VALUES[letters[from + 5] as number] as number
  const g = VALUES[letters[from + 6] as number] as number
  const h = VALUES[letters[from + 7] as number] as number
  bytes[to] = (a << 3) | (b >> 2)
  bytes[to + 1] = (b << 6) | (c << 1) | (d >> 4)
  bytes[to + 2] = (d << 4) | (e >> 1)
  bytes[to + 3] = (e << 7) | (f << 2) | (g >> 3)
  bytes[to + 4] = (g << 5) | h
  return a | b | c | d | e | f | g | h
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
