// Many stored proofs that rest on a few heads, as at the start of an agent: the same fields as evidence.ts reads, each head decoded once.

import { decodeJsonText } from '../lib/index.ts'
import {
  EVIDENCE_LIMIT,
  type Evidence,
  type HeadEvidence,
  parse,
  parseHead,
  record,
  releaseFields,
} from './evidence.ts'

/** A proof in two parts: of a head, and of one release by it. */
export interface EvidenceParts extends Pick<Evidence, 'entry' | 'entryProof' | 'indexPath'> {
  /** One and the same object for equal heads. */
  readonly of: HeadEvidence
}

/**
 * Reads many proofs that rest on a few heads: what two records say of a head alike is decoded once. What equal bytes are worth is for the
 * proof to show, so another spelling of them is not looked for here. Throws STORE_CORRUPT.
 */
export function createEvidenceReader(): (bytes: Uint8Array) => EvidenceParts {
  const known: Known[] = []
  return (value) =>
    parse(() => {
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
      for (const one of known) {
        const own = ownText(bytes, one)
        if (own !== undefined) return { of: one.of, ...releaseFields(JSON.parse(own)) }
      }
      const fields = record(JSON.parse(decodeJsonText(value, EVIDENCE_LIMIT)))
      const of = parseHead(fields)
      const parts = headParts(bytes)
      if (parts !== undefined && known.length < MANY_HEADS) known.push({ ...parts, of })
      return { of, ...releaseFields(fields) }
    })
}

/** More of them are not compared with each other. */
const MANY_HEADS = 16
const ENTRY = ',"entry":'
const GENESIS = ',"genesis":'
const INDEX_PATH = ',"indexPath":'
const KEYS = ',"keys":'

/** What stands around the release’s own fields in a canonical record. */
interface HeadParts {
  /** `entry` */
  readonly before: Buffer
  /** `entryProof` and `indexPath` */
  readonly between: Buffer
  readonly after: Buffer
}

interface Known extends HeadParts {
  readonly of: HeadEvidence
}

/** All values are base64 or shorter: none has a quote in it, and a key that is found is that key. */
function headParts(bytes: Buffer): HeadParts | undefined {
  const [entry, genesis, path] = [ENTRY, GENESIS, INDEX_PATH].map((key) => bytes.indexOf(key))
  const keys = bytes.lastIndexOf(KEYS)
  if (entry === undefined || genesis === undefined || path === undefined) return undefined
  if (entry < 0 || genesis < entry || path < genesis || keys < path) return undefined
  return {
    before: bytes.subarray(0, entry + ENTRY.length),
    between: bytes.subarray(genesis, path + INDEX_PATH.length),
    after: bytes.subarray(keys),
  }
}

/** The record without what it says of its head; undefined unless that is the same, byte for byte, as in the other one. */
function ownText(bytes: Buffer, { before, between, after }: HeadParts): string | undefined {
  const genesis = bytes.indexOf(GENESIS, before.length)
  const path = genesis + between.length
  const end = bytes.length - after.length
  if (genesis < 0 || path > end) return undefined
  if (!bytes.subarray(0, before.length).equals(before)) return undefined
  if (!bytes.subarray(genesis, path).equals(between)) return undefined
  if (!bytes.subarray(end).equals(after)) return undefined
  return `{"entry":${bytes.toString('latin1', before.length, genesis)},"indexPath":${bytes.toString('latin1', path, end)}}`
}
