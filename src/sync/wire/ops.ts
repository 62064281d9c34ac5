// The ops of /toolmark/1 (docs/protocol.md) as one table: for each, what may be asked and what may be answered. Decoding is
// strict: wrong types, too many items and unknown fields are MESSAGE_INVALID. Nothing here judges content.

import type { Cid } from '../../cid/index.ts'
import {
  MISSING_BLOCKS,
  SUBMISSION_ENTRIES,
  type Submission,
  type SubmissionAnswer,
  type Submitted,
} from '../../registry/index.ts'
import {
  type AttestationPage,
  type AttestationQuery,
  isAttestationPlace,
  type SignedStatement,
} from '../../resolve/index.ts'
import { LIMITS, type PublisherId } from '../../spec/index.ts'
import type { CarriedAttestation } from '../../trust/index.ts'
import {
  cid,
  hash,
  MAX_ENTRIES,
  MAX_HASHES,
  type OpTable,
  publisher,
  signedStatement,
} from './decoders.ts'
import { bytes, count, type Decode, list, optional, record, refuse, text } from './fields.ts'
import { SYNC_OPS, type SyncAnswers, type SyncAsks } from './sync-ops.ts'

/** 64 hex digits of a path, the leaf and the history block. */
const MAX_NODES = 66
const MAX_CLAIMANTS = 32
const MAX_ATTESTATIONS = 64

export interface Asks extends SyncAsks {
  readonly checkpoint: { readonly publisher: PublisherId }
  readonly entries: {
    readonly publisher: PublisherId
    readonly start: number
    readonly end: number
  }
  readonly inclusion: {
    readonly publisher: PublisherId
    readonly index: number
    readonly size: number
  }
  readonly consistency: {
    readonly publisher: PublisherId
    readonly from: number
    readonly to: number
  }
  readonly indexPath: {
    readonly publisher: PublisherId
    readonly root: Cid
    readonly name: string
  }
  readonly blocks: { readonly cids: readonly Cid[] }
  readonly claimants: { readonly name: string }
  readonly attestations: AttestationQuery & { readonly subject: Cid }
  readonly submit: Submission
  readonly stage: { readonly blocks: readonly Uint8Array[] }
}

export interface Answers extends SyncAnswers {
  readonly checkpoint: { readonly note: Uint8Array }
  readonly entries: { readonly entries: readonly SignedStatement[] }
  readonly inclusion: { readonly hashes: readonly Uint8Array[] }
  readonly consistency: { readonly hashes: readonly Uint8Array[] }
  readonly indexPath: { readonly nodes: readonly Uint8Array[] }
  readonly blocks: { readonly blocks: readonly (Uint8Array | null)[] }
  readonly claimants: { readonly publishers: readonly PublisherId[] }
  readonly attestations: AttestationPage
  readonly submit: SubmissionAnswer
  readonly stage: Readonly<Record<string, never>>
}

export type Op = keyof Asks

const name = text('a name', 200, /^[a-z0-9._/-]+$/)
const hashes = record({ hashes: list(hash, MAX_HASHES) })
const place: Decode<string> = (value, path) =>
  typeof value === 'string' && isAttestationPlace(value)
    ? value
    : refuse(path, 'STATEMENT/SIGNER', value)
const carried: Decode<CarriedAttestation> = record({
  bundle: bytes(1, LIMITS.attestationBundleBytes),
  spki: optional(text('a key in base64', 200, /^[A-Za-z0-9+/]+=*$/)),
})

const submitted: Decode<Submitted> = record({
  kind: (value: unknown, path: string) =>
    value === 'appended' || value === 'unchanged'
      ? value
      : refuse(path, 'appended or unchanged', value),
  seq: count,
  statement: cid,
})

export const OPS: OpTable<Asks, Answers> = {
  ...SYNC_OPS,
  checkpoint: { ask: { publisher }, answer: record({ note: bytes(1, LIMITS.statementBytes) }) },
  entries: {
    ask: { publisher, start: count, end: count },
    answer: record({ entries: list(signedStatement, MAX_ENTRIES, 1) }),
  },
  inclusion: { ask: { publisher, index: count, size: count }, answer: hashes },
  consistency: { ask: { publisher, from: count, to: count }, answer: hashes },
  indexPath: {
    ask: { publisher, root: cid, name },
    answer: record({ nodes: list(bytes(1, LIMITS.releaseBytes), MAX_NODES, 1) }),
  },
  blocks: {
    ask: { cids: list(cid, LIMITS.wantList, 1) },
    answer: record({
      blocks: list<Uint8Array | null>(
        (value, path) => (value === null ? null : bytes(0, LIMITS.releaseBytes)(value, path)),
        LIMITS.wantList,
        1,
      ),
    }),
  },
  claimants: {
    ask: { name },
    answer: record({ publishers: list(publisher, MAX_CLAIMANTS) }),
  },
  attestations: {
    ask: {
      subject: cid,
      predicateType: optional(text('a predicate type', 512, /^[\x21-\x7e]+$/)),
      after: optional(place),
    },
    answer: record({
      attestations: list(carried, MAX_ATTESTATIONS),
      next: optional(place),
    }),
  },
  submit: {
    ask: { publisher, head: cid, entries: list(signedStatement, SUBMISSION_ENTRIES, 1) },
    answer: record({
      missing: list(cid, MISSING_BLOCKS),
      entries: list(submitted, SUBMISSION_ENTRIES),
    }),
  },
  stage: {
    ask: { blocks: list(bytes(1, LIMITS.releaseBytes), MISSING_BLOCKS, 1) },
    answer: record({}),
  },
}
