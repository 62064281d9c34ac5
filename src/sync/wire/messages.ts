// The messages of /toolmark/1 (docs/protocol.md) as one table: for each op, what may be asked and what may be answered.
// Decoding is strict: wrong types, too many items and unknown fields are MESSAGE_INVALID. Nothing here judges content.

import { type Cid, isCid } from '../../cid/index.ts'
import { type ErrorCode, RegistryError } from '../../lib/index.ts'
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
import { isPublisherId, LIMITS, type PublisherId } from '../../spec/index.ts'
import type { CarriedAttestation } from '../../trust/index.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import {
  bytes,
  count,
  type Decode,
  type Fields,
  list,
  optional,
  record,
  refuse,
  text,
  u32,
} from './fields.ts'

export const MAX_ENTRIES = 64
export const MAX_OUTSTANDING = 8
const MAX_BUNDLES = 16
/** An audit path has one hash a level, a consistency proof at most two; sizes stay below 2^53. */
const MAX_HASHES = 108
/** 64 hex digits of a path, the leaf and the history block. */
const MAX_NODES = 66
const MAX_CLAIMANTS = 32
const MAX_ATTESTATIONS = 64
const MAX_ERROR_TEXT = 300

export interface Asks {
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

export interface Answers {
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
/** One request of any op, so that `switch (request.op)` knows what `ask` holds. */
export type Request = {
  readonly [K in Op]: { readonly id: number; readonly op: K; readonly ask: Asks[K] }
}[Op]
export type Answer =
  | { readonly kind: 'ok'; readonly id: number; readonly ok: unknown }
  | ({ readonly kind: 'error'; readonly id: number } & Failure)

/** What a peer says went wrong. */
export interface Failure {
  readonly code: string
  readonly message: string
  /** Of a refused submission only. */
  readonly expected?: string | undefined
  readonly got?: string | undefined
}

const publisher: Decode<PublisherId> = (value, path) =>
  typeof value === 'string' && isPublisherId(value) ? value : refuse(path, 'a publisher id', value)
const name = text('a name', 200, /^[a-z0-9._/-]+$/)
const cid: Decode<Cid> = (value, path) => (isCid(value) ? value : refuse(path, 'a CID', value))
const hash = bytes(32, 32)
const hashes = record({ hashes: list(hash, MAX_HASHES) })
const entry: Decode<SignedStatement> = record({
  statement: bytes(1, LIMITS.statementBytes),
  bundles: list(bytes(1, LIMITS.bundleBytes), MAX_BUNDLES, 1),
})

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

const OPS: {
  readonly [K in Op]: { readonly ask: Fields<Asks[K]>; readonly answer: Decode<Answers[K]> }
} = {
  checkpoint: { ask: { publisher }, answer: record({ note: bytes(1, LIMITS.statementBytes) }) },
  entries: {
    ask: { publisher, start: count, end: count },
    answer: record({ entries: list(entry, MAX_ENTRIES, 1) }),
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
    ask: { publisher, head: cid, entries: list(entry, SUBMISSION_ENTRIES, 1) },
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

export function encodeRequest<K extends Op>(id: number, op: K, ask: Asks[K]): Uint8Array {
  return encodeCbor({ id, op, ...ask })
}

/** Throws MESSAGE_INVALID; `details.evidence` is the request's id where it could be read, so that it can be answered. */
export function decodeRequest(frame: Uint8Array): Request {
  const message = decodeCbor(frame)
  if (!(message instanceof Map)) return refuse('', 'a map', message)
  const id = u32(message.get('id'), '/id')
  try {
    const op = message.get('op')
    if (typeof op !== 'string' || !Object.hasOwn(OPS, op)) {
      return refuse('/op', Object.keys(OPS).join(', '), op)
    }
    const fields = new Map(message)
    fields.delete('id')
    fields.delete('op')
    const ask: Decode<unknown> = record<object>(OPS[op as Op].ask)
    return { id, op, ask: ask(fields, '') } as Request
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new RegistryError(error.code, error.message, { ...error.details, evidence: id })
  }
}

export function encodeOk<K extends Op>(id: number, ok: Answers[K]): Uint8Array {
  return encodeCbor({ id, ok })
}

export function encodeError(id: number, code: ErrorCode, message: string): Uint8Array {
  return encodeCbor({ id, error: { code, message: message.slice(0, MAX_ERROR_TEXT) } })
}

/** What to do about it is not sent: a stranger gives nobody instructions. */
export function encodeRefusal(id: number, { code, message, details }: RegistryError): Uint8Array {
  const texts = { message, expected: details.expected, got: details.got }
  const set = Object.entries(texts).filter(([, value]) => value !== undefined)
  const cut = set.map(([key, value]) => [key, String(value).slice(0, MAX_ERROR_TEXT)])
  return encodeCbor({ id, error: { code, ...Object.fromEntries(cut) } })
}

/** The envelope only: what `ok` holds is for `decodeOk`, once the id tells which op was asked. */
export function decodeAnswer(frame: Uint8Array): Answer {
  const message = decodeCbor(frame)
  if (!(message instanceof Map)) return refuse('', 'a map', message)
  if (message.has('ok')) {
    const { id, ok } = record({ id: u32, ok: (value: unknown) => value })(message, '')
    return { kind: 'ok', id, ok }
  }
  const { id, error } = record({
    id: u32,
    error: record<Failure>({
      code: text('a code', 40),
      message: text('a message', MAX_ERROR_TEXT),
      expected: optional(text('what was expected', MAX_ERROR_TEXT)),
      got: optional(text('what came', MAX_ERROR_TEXT)),
    }),
  })(message, '')
  return { kind: 'error', id, ...error }
}

export function decodeOk<K extends Op>(op: K, ok: unknown): Answers[K] {
  return OPS[op].answer(ok, '/ok')
}
