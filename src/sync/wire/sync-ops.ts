// The ops by which two nodes agree (docs/protocol.md, "Synchronizing"): what may be asked and answered, and how it is decoded.

import type { SignedStatement } from '../../resolve/index.ts'
import { LIMITS, type PublisherId } from '../../spec/index.ts'
import {
  hash,
  MAX_ENTRIES,
  MAX_HASHES,
  type OpTable,
  publisher,
  signedStatement,
} from './decoders.ts'
import { bytes, count, type Decode, list, optional, record, refuse, text } from './fields.ts'

/** Logs, or fork proofs, in one question. */
export const MAX_WANTS = 64
/** Publishers of one `scope`; `more` adds to them. */
const SCOPE_PUBLISHERS = 1_024
const SCOPE_NAMESPACES = 64
const MESSAGE_BYTES = 512 * 1024

/** What a node cares about: these publishers, and whoever has released under these namespaces. */
export interface Scope {
  readonly publishers: readonly PublisherId[]
  readonly namespaces: readonly string[]
}

/** By id or by item, not both: whoever reconciles sees an item before it knows the id. */
export interface Subject {
  readonly publisher?: PublisherId | undefined
  readonly item?: Uint8Array | undefined
}

export interface LogWant extends Subject {
  /** Entries held by whoever asks. */
  readonly from: number
}

/** The entries that follow `from`, as far as they fit, and what shows that the note goes on from there. */
export interface LogPiece {
  readonly publisher: PublisherId
  readonly note: Uint8Array
  readonly consistency: readonly Uint8Array[]
  readonly entries: readonly SignedStatement[]
  /** Release blocks of these entries, in their order, as far as they are held and fit. */
  readonly blocks: readonly Uint8Array[]
}

export type LogAnswer = LogPiece | { readonly unknown: true }

export interface SyncAsks {
  readonly scope: Scope & { readonly more?: true | undefined }
  readonly reconcile: { readonly message: Uint8Array }
  readonly logs: { readonly wants: readonly LogWant[] }
  readonly forks: { readonly wants: readonly Subject[] }
  readonly follows: Readonly<Record<string, never>>
}

export interface SyncAnswers {
  readonly scope: Readonly<Record<string, never>>
  readonly reconcile: { readonly message: Uint8Array }
  readonly logs: { readonly logs: readonly LogAnswer[] }
  readonly forks: { readonly proofs: readonly (Uint8Array | null)[] }
  readonly follows: Scope
}

const namespace = text('a namespace', 200, /^[a-z0-9][a-z0-9.-]*$/)
const yes: Decode<true> = (value, path) => (value === true ? value : refuse(path, 'true', value))
const message = bytes(1, MESSAGE_BYTES)
const subject = { publisher: optional(publisher), item: optional(bytes(32, 32)) }

const scope = {
  publishers: list(publisher, SCOPE_PUBLISHERS),
  namespaces: list(namespace, SCOPE_NAMESPACES),
}

const piece = record<LogPiece>({
  publisher,
  note: bytes(1, LIMITS.statementBytes),
  consistency: list(hash, MAX_HASHES),
  entries: list(signedStatement, MAX_ENTRIES),
  blocks: list(bytes(1, LIMITS.releaseBytes), MAX_ENTRIES),
})
const unknown = record<{ readonly unknown: true }>({ unknown: yes })

export const SYNC_OPS: OpTable<SyncAsks, SyncAnswers> = {
  scope: { ask: { ...scope, more: optional(yes) }, answer: record({}) },
  reconcile: { ask: { message }, answer: record({ message }) },
  logs: {
    ask: { wants: list(oneOf(record<LogWant>({ ...subject, from: count })), MAX_WANTS, 1) },
    answer: record({
      logs: list<LogAnswer>(
        (value, path) =>
          value instanceof Map && value.has('unknown') ? unknown(value, path) : piece(value, path),
        MAX_WANTS,
        1,
      ),
    }),
  },
  forks: {
    ask: { wants: list(oneOf(record<Subject>(subject)), MAX_WANTS, 1) },
    answer: record({
      proofs: list<Uint8Array | null>(
        (value, path) => (value === null ? null : bytes(1, LIMITS.releaseBytes)(value, path)),
        MAX_WANTS,
        1,
      ),
    }),
  },
  follows: { ask: {}, answer: record<Scope>(scope) },
}

function oneOf<T extends Subject>(decode: Decode<T>): Decode<T> {
  return (value, path) => {
    const wanted = decode(value, path)
    const isOne = (wanted.publisher === undefined) !== (wanted.item === undefined)
    return isOne ? wanted : refuse(path, 'either a publisher or an item', value)
  }
}
