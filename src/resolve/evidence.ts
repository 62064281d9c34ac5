// Evidence: everything needed to prove one release offline, as collected from a source. It is claims until
// `verifyEvidence` has accepted it; kept with a pulled release so that the proof can be run again at any time.

import { canonicalBytes, type Json, parseCanonical, RegistryError, toBase64 } from '../lib/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { SignedStatement } from './source.ts'

/** What proves a head alone. */
export type HeadEvidence = Pick<
  Evidence,
  'publisher' | 'checkpoint' | 'genesis' | 'head' | 'headProof' | 'authorityPath' | 'keys'
>

export interface Evidence {
  readonly publisher: PublisherId
  /** C2SP signed note: size and root of the log the proofs below speak of. */
  readonly checkpoint: Uint8Array
  /** Entry 0: its hash is the publisher id, and it names the keys. */
  readonly genesis: SignedStatement
  /** The newest entry: its index root says what is offered as of this checkpoint. */
  readonly head: SignedStatement
  readonly headProof: readonly Uint8Array[]
  /** Index nodes towards the log’s state beside its names, then that state’s block if there is one. */
  readonly authorityPath: readonly Uint8Array[]
  /** The key entries it lists, oldest first. */
  readonly keys: readonly SignedStatement[]
  /** The release's own entry. */
  readonly entry: SignedStatement
  readonly entryProof: readonly Uint8Array[]
  /** Index nodes from the root to the name, then the name's history block. */
  readonly indexPath: readonly Uint8Array[]
}

/** The most bytes an evidence record may take: two index paths' worth of nodes, three statements, and room. */
export const EVIDENCE_LIMIT: number = 4 * 1024 * 1024

export function formatEvidence(evidence: Evidence): Uint8Array {
  return canonicalBytes({
    kind: 'evidence/v1',
    ...headFields(evidence),
    entry: signed(evidence.entry),
    entryProof: list(evidence.entryProof),
    indexPath: list(evidence.indexPath),
  })
}

export function formatHeadEvidence(evidence: HeadEvidence): Uint8Array {
  return canonicalBytes({ kind: 'head-evidence/v1', ...headFields(evidence) })
}

function headFields(evidence: HeadEvidence) {
  return {
    publisher: evidence.publisher,
    checkpoint: toBase64(evidence.checkpoint),
    genesis: signed(evidence.genesis),
    head: signed(evidence.head),
    headProof: list(evidence.headProof),
    authorityPath: list(evidence.authorityPath),
    keys: evidence.keys.map(signed),
  }
}

function list(items: readonly Uint8Array[]): string[] {
  return items.map(toBase64)
}

function signed(entry: SignedStatement): Json {
  return { statement: toBase64(entry.statement), bundles: list(entry.bundles) }
}

/** Throws STORE_CORRUPT: only this node writes these records, so a bad one means damage. */
export function parseEvidence(bytes: Uint8Array): Evidence {
  return parse(() => {
    const fields = record(parseCanonical(bytes, { maxBytes: EVIDENCE_LIMIT }))
    return { ...parseHead(fields), ...releaseFields(fields) }
  })
}

/** Throws STORE_CORRUPT, as `parseEvidence`. */
export function parseHeadEvidence(bytes: Uint8Array): HeadEvidence {
  return parse(() => parseHead(record(parseCanonical(bytes, { maxBytes: EVIDENCE_LIMIT }))))
}

export function releaseFields(
  value: unknown,
): Pick<Evidence, 'entry' | 'entryProof' | 'indexPath'> {
  const fields = record(value)
  return {
    entry: signedStatement(fields.entry),
    entryProof: decodeAll(fields.entryProof),
    indexPath: decodeAll(fields.indexPath),
  }
}

export function parseHead(value: Fields): HeadEvidence {
  return {
    publisher: text(value.publisher) as PublisherId,
    checkpoint: decode(value.checkpoint),
    genesis: signedStatement(value.genesis),
    head: signedStatement(value.head),
    headProof: decodeAll(value.headProof),
    authorityPath: decodeAll(value.authorityPath),
    keys: array(value.keys).map(signedStatement),
  }
}

type Fields = Readonly<Record<string, unknown>>

export function parse<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new RegistryError(
      'STORE_CORRUPT',
      'The stored proof of a pulled release cannot be read.',
      {
        next: 'Pull the release again, then run `registry doctor`.',
        cause,
      },
    )
  }
}

function signedStatement(value: unknown): SignedStatement {
  const entry = record(value)
  return { statement: decode(entry.statement), bundles: decodeAll(entry.bundles) }
}

function decodeAll(value: unknown): readonly Uint8Array[] {
  return array(value).map(decode)
}

function array(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('expected an array')
  return value
}

/** Whatever it spells: what the bytes are worth is for the proof to show. */
function decode(value: unknown): Uint8Array {
  return Buffer.from(text(value), 'base64')
}

export function record(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new TypeError('expected an object')
  return value as Fields
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('expected a string')
  return value
}

/** Where the evidence of a pulled release is kept: listing by `name@` finds every version. */
export function evidenceKey(release: {
  readonly name: string
  readonly version: string
  readonly publisher: PublisherId
}): string {
  return `${release.name}@${release.version}/${release.publisher}`
}

/** What an evidence key names. */
export function parseEvidenceKey(key: string): {
  readonly name: string
  readonly version: string
  readonly publisher: PublisherId
} {
  const slash = key.lastIndexOf('/')
  const at = key.lastIndexOf('@', slash)
  return {
    name: key.slice(0, at),
    version: key.slice(at + 1, slash),
    publisher: key.slice(slash + 1) as PublisherId,
  }
}
