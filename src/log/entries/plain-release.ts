// The usual entry, a release, read at one look instead of parsed: every value in its text has one spelling, so a text of this form is
// canonical. It only ever says yes; every other text, and its faults, are statement.ts's.

import { type Cid, cidFromDigest } from '../../cid/index.ts'
import { dropOldest, fromHex } from '../../lib/index.ts'
import {
  isPublisherId,
  LIMITS,
  type PublisherId,
  parseName,
  parseVersion,
} from '../../spec/index.ts'

const CID = '(bafkrei[a-h][a-z2-7]{50}[aeimquy4])'
/** No value holds a character that JSON would escape; what else a name and a version must be is asked of their parsers. */
const FORM = new RegExp(
  `^\\{"_type":"https://in-toto\\.io/Statement/v1","predicate":\\{"index":"${CID}","name":"([a-z0-9._/-]+)","prev":"${CID}",` +
    `"publisher":"([a-z2-7]{53})","seq":([1-9][0-9]{0,14}),"version":"([0-9A-Za-z.-]+)"\\},` +
    `"predicateType":"https://toolmark\\.dev/release/v1",` +
    `"subject":\\[\\{"digest":\\{"sha256":"([0-9a-f]{64})"\\},"name":"${CID}"\\}\\]\\}$`,
)
type Found = [string, Cid, string, Cid, string, string, string, string, Cid]

export interface PlainRelease {
  readonly kind: 'release'
  readonly name: string
  readonly version: string
  readonly subject: Cid
  readonly publisher: PublisherId
  readonly seq: number
  readonly prev: Cid
  readonly index: Cid
}

/** Throws NAME_INVALID, VERSION_INVALID. */
export function readPlainRelease(bytes: Uint8Array): PlainRelease | undefined {
  if (bytes.length > LIMITS.statementBytes) return undefined
  const found = FORM.exec(textOf(bytes))
  if (found === null) return undefined
  const [, index, name, prev, publisher, seq, version, digest, subject] = found as string[] as Found
  // A text of its own, unlike what is cut out of the statement’s: a history keeps it for as long as a log is open.
  const digested = cidFromDigest(fromHex(digest))
  if (digested !== subject) return undefined
  const known = publishers.get(publisher)
  if (known === undefined && !isPublisherId(publisher)) return undefined
  return {
    kind: 'release',
    name: names.get(name) ?? keep(names, parseName(name)),
    version: copy(parseVersion(version)),
    subject: digested,
    publisher: known ?? keep(publishers, publisher as PublisherId),
    seq: Number(seq),
    prev,
    index,
  }
}

/** Checked before: a log has one publisher, and a name has many versions. */
const publishers = new Map<string, PublisherId>()
const names = new Map<string, string>()
const KEPT = 512

function keep<T extends string>(known: Map<string, T>, part: T): T {
  const kept = copy(part)
  known.set(kept, kept)
  dropOldest(known, KEPT)
  return kept
}

/** Every byte a character: what is not ASCII fits nowhere in the form. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

/** What is cut out of a text keeps all of it in memory, for as long as somebody has the part. */
function copy<T extends string>(part: T): T {
  return Buffer.from(part, 'latin1').toString('latin1') as T
}
