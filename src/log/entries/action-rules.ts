// One row per action: the fields of its predicate, and what its subject names. Form only: who may say it is replay/authority.ts's.

import { type Cid, cidOf } from '../../cid/index.ts'
import { canonicalBytes, type Json, type JsonObject } from '../../lib/index.ts'
import {
  keyHashes,
  namespaceOf,
  rolesOf,
  successorOf,
  targetOf,
  timeOf,
  versionOf,
  words,
} from './action-fields.ts'
import type { Action, ActionKind, ActionOf } from './actions.ts'
import { closedObject, constantAt, type Refuse } from './fields.ts'
import { parsePath } from './paths.ts'
import { parseReleaseRole } from './roles.ts'

interface Rule<A extends Action> {
  readonly required: readonly string[]
  readonly optional: readonly string[]
  /** `subject` is what the statement names; `read` may demand that it is another. Throws STATEMENT_INVALID and what says more. */
  read(fields: JsonObject, subject: Cid, refuse: Refuse): A
  /** What a statement of this action has to name. */
  subject(action: A): Cid
}

const PREDICATE = '/predicate'

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
      role:
        fields.role === null ? null : parseReleaseRole(fields.role, `${PREDICATE}/role`, refuse),
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
  const fields: Record<string, Json> = {}
  for (const [key, value] of Object.entries(action)) {
    if (key !== 'kind' && key !== 'subject' && value !== undefined) fields[key] = value
  }
  return fields
}

function ruleOf(kind: ActionKind): Rule<Action> {
  return RULES[kind] as unknown as Rule<Action>
}
