// What an entry of a log can say: one row per action, with the fields of its predicate and what its subject names
// (docs/protocol.md, "Statements"). Form only: who may say it is replay/authority.ts's.

import { type Cid, cidOf } from '../../cid/index.ts'
import {
  canonicalBytes,
  findForbidden,
  type Json,
  type JsonObject,
  RegistryError,
} from '../../lib/index.ts'
import { parseName, parseReference, parseVersion } from '../../spec/index.ts'
import { closedObject, constantAt, describe, type Refuse } from './fields.ts'
import { parsePath } from './paths.ts'
import { parseRole, parseRoles, type Role, type Roles } from './roles.ts'

interface Genesis {
  readonly kind: 'genesis'
  readonly roles: Roles
  readonly nextKeyHashes: readonly string[] | undefined
  /** A claim that nothing relies on. */
  readonly created: string | undefined
}

/** All roles anew. Where the roles before it committed to `nextKeyHashes`, the new root keys are among those. */
interface Keys {
  readonly kind: 'keys'
  readonly roles: Roles
  readonly nextKeyHashes: readonly string[] | undefined
}

/** These keys may release under the path; null takes it back. `by` is the path of the delegation that passes it on; null is the root role. */
interface Delegate {
  readonly kind: 'delegate'
  readonly path: string
  readonly by: string | null
  readonly role: Role | null
}

interface Claim {
  readonly kind: 'claim'
  readonly namespace: string
}

interface OfVersion {
  readonly name: string
  readonly version: string
  /** The release block. */
  readonly subject: Cid
}

interface Release extends OfVersion {
  readonly kind: 'release'
}

interface Deprecate extends OfVersion {
  readonly kind: 'deprecate'
  readonly message: string | undefined
  /** `NAME[@RANGE]` to use instead. */
  readonly successor: string | undefined
}

interface Yank extends OfVersion {
  readonly kind: 'yank'
  readonly reason: string | undefined
}

/** Of a block (release, tool or artifact), or of a key: then the subject is the CID of its SPKI. */
interface Revoke {
  readonly kind: 'revoke'
  readonly target: 'block' | 'key'
  readonly reason: string
  readonly subject: Cid
}

/** The bytes are gone; the hash stays. */
interface Tombstone {
  readonly kind: 'tombstone'
  readonly reason: string
  readonly subject: Cid
}

/** This log is the true one; the subject is the proof of the fork. */
interface Recover {
  readonly kind: 'recover'
  readonly reason: string | undefined
  readonly subject: Cid
}

export type Action =
  | Genesis
  | Keys
  | Delegate
  | Claim
  | Release
  | Deprecate
  | Yank
  | Revoke
  | Tombstone
  | Recover
export type ActionKind = Action['kind']
export type ActionOf<K extends ActionKind> = Extract<Action, { readonly kind: K }>

interface Rule<A extends Action> {
  readonly required: readonly string[]
  readonly optional: readonly string[]
  /** `subject` is what the statement names; `read` may demand that it is another. Throws STATEMENT_INVALID and what says more. */
  read(fields: JsonObject, subject: Cid, refuse: Refuse): A
  /** What a statement of this action has to name. */
  subject(action: A): Cid
}

const PREDICATE = '/predicate'
const MAX_WORDS = 500
const CREATED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const KEY_HASH = /^[0-9a-f]{64}$/

const RULES: { readonly [K in ActionKind]: Rule<ActionOf<K>> } = {
  genesis: {
    required: ['roles'],
    optional: ['nextKeyHashes', 'created'],
    read: (fields, _, refuse) => ({
      kind: 'genesis',
      roles: rolesOf(fields, refuse),
      nextKeyHashes: keyHashes(fields, refuse),
      created: timeOf(fields, refuse),
    }),
    subject: ({ roles }) => cidOf(canonicalBytes(roles)),
  },
  keys: {
    required: ['roles'],
    optional: ['nextKeyHashes'],
    read: (fields, _, refuse) => ({
      kind: 'keys',
      roles: rolesOf(fields, refuse),
      nextKeyHashes: keyHashes(fields, refuse),
    }),
    subject: ({ roles }) => cidOf(canonicalBytes(roles)),
  },
  delegate: {
    required: ['path', 'by', 'role'],
    optional: [],
    read: (fields, _, refuse) => ({
      kind: 'delegate',
      path: parsePath(fields.path),
      by: fields.by === null ? null : parsePath(fields.by),
      role: fields.role === null ? null : parseRole(fields.role, `${PREDICATE}/role`, refuse),
    }),
    subject: ({ path, role }) => cidOf(canonicalBytes({ path, role })),
  },
  claim: {
    required: ['namespace'],
    optional: [],
    read: (fields, _, refuse) => ({ kind: 'claim', namespace: namespaceOf(fields, refuse) }),
    subject: ({ namespace }) => cidOf(canonicalBytes({ namespace })),
  },
  release: {
    required: ['name', 'version'],
    optional: [],
    read: (fields, subject) => ({ kind: 'release', ...versionOf(fields), subject }),
    subject: ({ subject }) => subject,
  },
  deprecate: {
    required: ['name', 'version'],
    optional: ['message', 'successor'],
    read: (fields, subject, refuse) => ({
      kind: 'deprecate',
      ...versionOf(fields),
      subject,
      message: words(fields, 'message', refuse),
      successor: successorOf(fields, refuse),
    }),
    subject: ({ subject }) => subject,
  },
  yank: {
    required: ['name', 'version'],
    optional: ['reason'],
    read: (fields, subject, refuse) => ({
      kind: 'yank',
      ...versionOf(fields),
      subject,
      reason: words(fields, 'reason', refuse),
    }),
    subject: ({ subject }) => subject,
  },
  revoke: {
    required: ['target', 'reason'],
    optional: [],
    read: (fields, subject, refuse) => ({
      kind: 'revoke',
      target: targetOf(fields, refuse),
      reason: words(fields, 'reason', refuse) ?? '',
      subject,
    }),
    subject: ({ subject }) => subject,
  },
  tombstone: {
    required: ['reason'],
    optional: [],
    read: (fields, subject, refuse) => ({
      kind: 'tombstone',
      reason: words(fields, 'reason', refuse) ?? '',
      subject,
    }),
    subject: ({ subject }) => subject,
  },
  recover: {
    required: [],
    optional: ['reason'],
    read: (fields, subject, refuse) => ({
      kind: 'recover',
      reason: words(fields, 'reason', refuse),
      subject,
    }),
    subject: ({ subject }) => subject,
  },
}

export const ACTION_KINDS: readonly ActionKind[] = Object.keys(RULES) as ActionKind[]

/** The part of a predicate that is the action's own. `position` lists the fields that every entry has. */
export function readAction(
  kind: ActionKind,
  value: Json | undefined,
  {
    subject,
    position,
    refuse,
  }: {
    readonly subject: Cid
    readonly position: readonly string[]
    readonly refuse: Refuse
  },
): Action {
  const rule = ruleOf(kind)
  const at = { path: PREDICATE, refuse }
  const fields = closedObject(value, at, [...position, ...rule.required], rule.optional)
  return checkAction(kind, fields, subject, refuse)
}

/** The same checks for an action that is about to be written: whatever is signed, readers accept. */
export function checkAction(
  kind: ActionKind,
  fields: JsonObject,
  subject: Cid,
  refuse: Refuse,
): Action {
  const rule = ruleOf(kind)
  const action = rule.read(fields, subject, refuse)
  constantAt(subject, rule.subject(action), '/subject/0/name', refuse)
  return action
}

/** The CID that a statement of this action has to name. */
export function subjectOf(action: Action): Cid {
  return ruleOf(action.kind).subject(action)
}

/** The action as fields of a predicate. */
export function fieldsOf(action: Action): JsonObject {
  const { kind: _, subject: __, ...fields } = action as Action & { readonly subject?: Cid }
  const set = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(set) as JsonObject
}

function ruleOf(kind: ActionKind): Rule<Action> {
  return RULES[kind] as unknown as Rule<Action>
}

function rolesOf(fields: JsonObject, refuse: Refuse): Roles {
  return parseRoles(fields.roles, `${PREDICATE}/roles`, refuse)
}

function versionOf(fields: JsonObject): { readonly name: string; readonly version: string } {
  return { name: parseName(fields.name), version: parseVersion(fields.version) }
}

/** A list of one text would read as that text, and have another hash. */
function textOf(fields: JsonObject, key: string, refuse: Refuse): string {
  const text = fields[key]
  if (typeof text === 'string') return text
  throw refuse('a string', describe(text), `${PREDICATE}/${key}`)
}

function namespaceOf(fields: JsonObject, refuse: Refuse): string {
  const namespace = textOf(fields, 'namespace', refuse)
  parseName(`${namespace}/x`)
  return namespace
}

function successorOf(fields: JsonObject, refuse: Refuse): string | undefined {
  if (!Object.hasOwn(fields, 'successor')) return undefined
  const successor = textOf(fields, 'successor', refuse)
  parseReference(successor)
  return successor
}

function targetOf({ target }: JsonObject, refuse: Refuse): 'block' | 'key' {
  if (target === 'block' || target === 'key') return target
  throw refuse('"block" or "key"', describe(target), `${PREDICATE}/target`)
}

/** One to 500 characters that people will be shown: nothing in them may act on a terminal or hide. */
function words(fields: JsonObject, key: string, refuse: Refuse): string | undefined {
  if (!Object.hasOwn(fields, key)) return undefined
  const text = fields[key]
  const path = `${PREDICATE}/${key}`
  // In code points, as JSON Schema counts; no text has more of them than units.
  const isLong = (words: string): boolean =>
    words.length > MAX_WORDS && [...words].length > MAX_WORDS
  if (typeof text !== 'string' || text === '' || isLong(text)) {
    throw refuse(`1 to ${MAX_WORDS} characters`, describe(text), path)
  }
  const found = findForbidden(text)
  if (found === undefined) return text
  throw new RegistryError('TEXT_FORBIDDEN', `This text holds ${found.what}.`, {
    expected: 'visible characters only',
    got: `U+${found.codePoint.toString(16).toUpperCase().padStart(4, '0')} at character ${found.index + 1}`,
    path,
  })
}

function keyHashes(fields: JsonObject, refuse: Refuse): readonly string[] | undefined {
  if (!Object.hasOwn(fields, 'nextKeyHashes')) return undefined
  const path = `${PREDICATE}/nextKeyHashes`
  const hashes: Json | undefined = fields.nextKeyHashes
  if (!Array.isArray(hashes) || hashes.length === 0)
    throw refuse('a list of hashes', describe(hashes), path)
  const odd = hashes.find((hash) => typeof hash !== 'string' || !KEY_HASH.test(hash))
  if (odd !== undefined) throw refuse('64 hex digits', describe(odd), path)
  if (new Set(hashes).size !== hashes.length) throw refuse('distinct hashes', 'one twice', path)
  return Object.freeze([...hashes] as string[])
}

function timeOf(fields: JsonObject, refuse: Refuse): string | undefined {
  if (!Object.hasOwn(fields, 'created')) return undefined
  const { created } = fields
  const fits = typeof created === 'string' && created.length <= 40 && CREATED.test(created)
  if (fits && isTime(created)) return created
  throw refuse('a time such as 2026-11-21T09:30:00Z', describe(created), `${PREDICATE}/created`)
}

/** Date.parse moves 30 February into March; a time that reads back the same is a real one. */
function isTime(text: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 19))
}
