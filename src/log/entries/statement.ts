// Log entries: in-toto Statement v1 (https://in-toto.io/Statement/v1) in RFC 8785 form, one subject, one predicate type per
// action (docs/protocol.md, "Statements"). Form only: signatures are trust's, position and authority are replay/'s.

import { type Cid, cidOf, digestOf } from '../../cid/index.ts'
import {
  canonicalBytes,
  type Json,
  type JsonObject,
  parseCanonical,
  toHex,
} from '../../lib/index.ts'
import {
  assertLimit,
  LIMITS,
  type PublisherId,
  parsePublisherId,
  publisherIdOf,
} from '../../spec/index.ts'
import { EMPTY_INDEX } from '../map/index-node.ts'
import { ACTION_KINDS, checkAction, fieldsOf, readAction, subjectOf } from './action-rules.ts'
import type { Action, ActionKind, ActionOf } from './actions.ts'
import { cidAt, closedObject, constantAt, countAt, describe, refusal } from './fields.ts'
import { readPlainRelease } from './plain-release.ts'

export interface Position {
  readonly publisher: PublisherId
  readonly seq: number
  /** The statement before; null for a genesis. */
  readonly prev: Cid | null
  /** Root of the index map after this entry. */
  readonly index: Cid
}

interface Written extends Position {
  /** The CID of the statement itself. */
  readonly cid: Cid
  readonly bytes: Uint8Array
  readonly subject: Cid
}

export type StatementOf<K extends ActionKind> = Written & ActionOf<K>
export type Statement = { readonly [K in ActionKind]: StatementOf<K> }[ActionKind]
export type GenesisStatement = StatementOf<'genesis'>

const TYPE = 'https://in-toto.io/Statement/v1'
const KIND_OF: ReadonlyMap<Json | undefined, ActionKind> = new Map(
  ACTION_KINDS.map((kind) => [predicateTypeOf(kind), kind]),
)
const PREDICATE = '/predicate'
const GENESIS_POSITION = ['seq', 'prev', 'index']
const POSITION = ['publisher', ...GENESIS_POSITION]

const refuse = refusal(
  'STATEMENT_INVALID',
  'This is not a statement of a publisher’s log.',
  'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
)

function predicateTypeOf(kind: ActionKind): string {
  return `https://toolmark.dev/${kind}/v1`
}

/** A log's first entry; its hash is the publisher id. Throws STATEMENT_INVALID or KEY_INVALID. */
export function makeGenesis(action: Omit<ActionOf<'genesis'>, 'kind'>): GenesisStatement {
  const position = { seq: 0, prev: null, index: EMPTY_INDEX.cid }
  const { fields, subject } = checked({ kind: 'genesis', ...action })
  const bytes = build('genesis', subject, { ...position, ...fields })
  return parseStatement(bytes) as GenesisStatement
}

/** Any other entry. Throws STATEMENT_INVALID, LIMIT_EXCEEDED, or the code that says more. */
export function makeStatement(action: Entry, position: Position): Statement {
  return prepareStatement(action)(position)
}

/** The same in two steps: throws for what cannot be said before anybody has looked for its place. */
export function prepareStatement(action: Entry): (position: Position) => Statement {
  const { said, fields, subject } = checked(action)
  return (position) => {
    const at = readPosition({ ...position })
    const bytes = build(action.kind, subject, { ...at, ...fields })
    return Object.freeze({ ...said, ...at, subject, cid: cidOf(bytes), bytes }) as Statement
  }
}

type Entry = Exclude<Action, { readonly kind: 'genesis' }>

/** Throws STATEMENT_INVALID, or the JSON_*, NAME_*, VERSION_*, TEXT_* or KEY_* code that says more. */
export function parseStatement(bytes: Uint8Array): Statement {
  return parseHashedStatement(bytes, cidOf(bytes))
}

/** The same, for bytes that are known to hash to the CID. */
export function parseHashedStatement(bytes: Uint8Array, cid: Cid): Statement {
  const said = readPlainRelease(bytes) ?? readAny(bytes)
  return Object.freeze({ ...said, cid, bytes }) as Statement
}

/** What a statement says, without its place in the log. */
export function actionOf(statement: Statement): Action {
  const { publisher: _p, seq: _s, prev: _v, index: _i, cid: _c, bytes: _b, ...action } = statement
  return action as Action
}

function readAny(bytes: Uint8Array): Action & Position & { readonly subject: Cid } {
  const value = parseCanonical(bytes, { maxBytes: LIMITS.statementBytes })
  const keys = ['_type', 'subject', 'predicateType', 'predicate']
  const statement = closedObject(value, { path: '', refuse }, keys)
  constantAt(statement._type, TYPE, '/_type', refuse)
  const subject = parseSubject(statement.subject)
  const kind = KIND_OF.get(statement.predicateType)
  if (kind === undefined) {
    const known = ACTION_KINDS.map(predicateTypeOf).join(', ')
    throw refuse(known, describe(statement.predicateType), '/predicateType')
  }
  const { predicate } = statement
  const position = kind === 'genesis' ? GENESIS_POSITION : POSITION
  const said = readAction(kind, predicate, { subject, position, refuse })
  // `readAction` has seen that it is an object.
  const fields = predicate as JsonObject
  const at = kind === 'genesis' ? readGenesisPosition(fields, bytes) : readPosition(fields)
  return { ...said, ...at, subject }
}

function checked(action: Action): {
  readonly said: Action
  readonly fields: JsonObject
  readonly subject: Cid
} {
  const fields = fieldsOf(action)
  const subject = subjectOf(action)
  return { said: checkAction(action.kind, fields, subject, refuse), fields, subject }
}

function readPosition(fields: JsonObject): Position {
  return {
    publisher: parsePublisherId(fields.publisher),
    seq: countAt(fields.seq, 1, `${PREDICATE}/seq`, refuse),
    prev: cidAt(fields.prev, `${PREDICATE}/prev`, refuse),
    index: cidAt(fields.index, `${PREDICATE}/index`, refuse),
  }
}

function readGenesisPosition(fields: JsonObject, bytes: Uint8Array): Position {
  constantAt(fields.seq, 0, `${PREDICATE}/seq`, refuse)
  constantAt(fields.prev, null, `${PREDICATE}/prev`, refuse)
  constantAt(fields.index, EMPTY_INDEX.cid, `${PREDICATE}/index`, refuse)
  return { publisher: publisherIdOf(bytes), seq: 0, prev: null, index: EMPTY_INDEX.cid }
}

function build(kind: ActionKind, subject: Cid, predicate: object): Uint8Array {
  const digest = { sha256: toHex(digestOf(subject)) }
  const bytes = canonicalBytes({
    _type: TYPE,
    subject: [{ name: subject, digest }],
    predicateType: predicateTypeOf(kind),
    predicate,
  })
  assertLimit('statementBytes', bytes.length)
  return bytes
}

/** Exactly one subject under exactly one digest: a second one could name other bytes (T22). */
function parseSubject(value: Json | undefined): Cid {
  const [first] = Array.isArray(value) ? value : []
  if (!Array.isArray(value) || value.length !== 1)
    throw refuse('a list of one subject', describe(value), '/subject')
  const subject = closedObject(first, { path: '/subject/0', refuse }, ['name', 'digest'])
  const digest = closedObject(subject.digest, { path: '/subject/0/digest', refuse }, ['sha256'])
  const cid = cidAt(subject.name, '/subject/0/name', refuse)
  constantAt(digest.sha256, toHex(digestOf(cid)), '/subject/0/digest/sha256', refuse)
  return cid
}
