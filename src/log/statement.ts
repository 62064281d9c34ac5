// Log entries: in-toto Statement v1 (https://in-toto.io/Statement/v1) in RFC 8785 form, one subject, one predicate type per
// action (docs/protocol.md, "Statements"). Form only: signatures are trust's, position and authority are state.ts's.

import { type Cid, cidOf, digestOf } from '../cid/index.ts'
import { canonicalBytes, type Json, type JsonObject, parseCanonical, toHex } from '../lib/index.ts'
import {
  LIMITS,
  type PublisherId,
  parseName,
  parsePublisherId,
  parseVersion,
  publisherIdOf,
} from '../spec/index.ts'
import { cidAt, closedObject, constantAt, countAt, describe, refusal } from './fields.ts'
import { EMPTY_INDEX } from './map/index-node.ts'
import { parseRoles, type Roles } from './roles.ts'

interface StatementFields {
  /** The CID of the statement itself. */
  readonly cid: Cid
  readonly bytes: Uint8Array
  readonly publisher: PublisherId
  readonly seq: number
  /** Root of the index map after this entry. */
  readonly index: Cid
  readonly subject: Cid
}

interface GenesisStatement extends StatementFields {
  readonly kind: 'genesis'
  readonly prev: null
  readonly roles: Roles
  readonly created: string | undefined
}

export interface ReleaseStatement extends StatementFields {
  readonly kind: 'release'
  /** The statement before. */
  readonly prev: Cid
  readonly name: string
  readonly version: string
}

export type Statement = GenesisStatement | ReleaseStatement

const TYPE = 'https://in-toto.io/Statement/v1'
const GENESIS = 'https://toolmark.dev/genesis/v1'
const RELEASE = 'https://toolmark.dev/release/v1'
const CREATED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const PREDICATE = '/predicate'

const refuse = refusal(
  'STATEMENT_INVALID',
  'This is not a statement of a publisher’s log.',
  'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
)

/** The bytes of a log's first entry; their hash is the publisher id. Throws STATEMENT_INVALID or KEY_INVALID. */
export function genesisStatement({
  roles,
  created,
}: {
  readonly roles: Roles
  /** RFC 3339, UTC. A claim that nothing relies on. */
  readonly created?: string | undefined
}): Uint8Array {
  const subject = cidOf(canonicalBytes(roles))
  const predicate = { seq: 0, prev: null, index: EMPTY_INDEX.cid, roles }
  const dated = created === undefined ? predicate : { ...predicate, created }
  const bytes = build(GENESIS, subject, dated)
  parseStatement(bytes) // Whatever is signed, readers accept.
  return bytes
}

interface NewRelease {
  readonly publisher: PublisherId
  readonly seq: number
  readonly prev: Cid
  readonly index: Cid
  readonly name: string
  readonly version: string
  readonly release: Cid
}

/** The bytes of a release’s entry. Throws STATEMENT_INVALID, NAME_INVALID or VERSION_INVALID. */
export function releaseStatement(release: NewRelease): Uint8Array {
  return makeRelease(release).bytes
}

/** The same, as readers will see it. */
export function makeRelease({ release, ...predicate }: NewRelease): ReleaseStatement {
  // The same checks that readers make, before there are bytes: whatever is signed, readers accept.
  const fields = checkRelease(predicate)
  const bytes = build(RELEASE, release, fields)
  return Object.freeze({ kind: 'release', cid: cidOf(bytes), bytes, subject: release, ...fields })
}

/** Throws STATEMENT_INVALID, or the JSON_*, NAME_*, VERSION_* or KEY_* code that says more. */
export function parseStatement(bytes: Uint8Array): Statement {
  const value = parseCanonical(bytes, { maxBytes: LIMITS.statementBytes })
  const keys = ['_type', 'subject', 'predicateType', 'predicate']
  const statement = closedObject(value, { path: '', refuse }, keys)
  constantAt(statement._type, TYPE, '/_type', refuse)
  const subject = parseSubject(statement.subject)
  const type = statement.predicateType
  if (type === GENESIS) return parseGenesis(bytes, subject, statement.predicate)
  if (type === RELEASE) return parseRelease(bytes, subject, statement.predicate)
  throw refuse(`${GENESIS} or ${RELEASE}`, describe(type), '/predicateType')
}

function build(predicateType: string, subject: Cid, predicate: object): Uint8Array {
  const digest = { sha256: toHex(digestOf(subject)) }
  return canonicalBytes({
    _type: TYPE,
    subject: [{ name: subject, digest }],
    predicateType,
    predicate,
  })
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

function parseGenesis(bytes: Uint8Array, subject: Cid, value: Json | undefined): GenesisStatement {
  const at = { path: PREDICATE, refuse }
  const fields = closedObject(value, at, ['seq', 'prev', 'index', 'roles'], ['created'])
  constantAt(fields.seq, 0, `${PREDICATE}/seq`, refuse)
  constantAt(fields.prev, null, `${PREDICATE}/prev`, refuse)
  constantAt(fields.index, EMPTY_INDEX.cid, `${PREDICATE}/index`, refuse)
  const roles = parseRoles(fields.roles, `${PREDICATE}/roles`, refuse)
  constantAt(subject, cidOf(canonicalBytes(fields.roles)), '/subject/0/name', refuse)
  return Object.freeze({
    kind: 'genesis',
    cid: cidOf(bytes),
    bytes,
    publisher: publisherIdOf(bytes),
    seq: 0,
    prev: null,
    index: EMPTY_INDEX.cid,
    subject,
    roles,
    created: parseCreated(fields),
  })
}

function parseCreated(fields: JsonObject): string | undefined {
  if (!Object.hasOwn(fields, 'created')) return undefined
  const created = fields.created
  if (
    typeof created === 'string' &&
    created.length <= 40 &&
    CREATED.test(created) &&
    isTime(created)
  )
    return created
  throw refuse('a time such as 2026-11-21T09:30:00Z', describe(created), `${PREDICATE}/created`)
}

/** Date.parse moves 30 February into March; a time that reads back the same is a real one. */
function isTime(text: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 19))
}

function parseRelease(bytes: Uint8Array, subject: Cid, value: Json | undefined): ReleaseStatement {
  const keys = ['publisher', 'seq', 'prev', 'index', 'name', 'version']
  const fields = closedObject(value, { path: PREDICATE, refuse }, keys)
  return Object.freeze({
    kind: 'release',
    cid: cidOf(bytes),
    bytes,
    subject,
    ...checkRelease(fields),
  })
}

function checkRelease(
  fields: JsonObject,
): Pick<ReleaseStatement, 'publisher' | 'seq' | 'prev' | 'index' | 'name' | 'version'> {
  return {
    publisher: parsePublisherId(fields.publisher),
    seq: countAt(fields.seq, 1, `${PREDICATE}/seq`, refuse),
    prev: cidAt(fields.prev, `${PREDICATE}/prev`, refuse),
    index: cidAt(fields.index, `${PREDICATE}/index`, refuse),
    name: parseName(fields.name),
    version: parseVersion(fields.version),
  }
}
