// The changes between two JSON Schemas of a tool, each classed by whether callers (for arguments) or readers (for results) can go on
// as before.

import type { Json, JsonObject } from '../../../lib/index.ts'
import type { ClassedChange } from '../effects.ts'
import { changeAt, sameJson } from '../json-changes.ts'
import type { Risk } from '../types.ts'
import { RULES } from './inner-rules.ts'
import { referencesOf } from './references.ts'
import { createWalk, type Found, rigidly } from './walk.ts'

const RISK_OF: Readonly<Record<Found['accepts'], Risk>> = {
  no: 'schema-breaking',
  yes: 'schema-compatible',
  words: 'text',
}

/** Every argument object accepted before must be accepted after. */
export function argumentChanges(before: JsonObject, after: JsonObject): readonly ClassedChange[] {
  return compare(before, after, true).map(({ path, from, to, accepts, why }) => ({
    ...changeAt(`/inputSchema${path}`, from, to),
    risk: RISK_OF[accepts],
    ...(why === undefined ? {} : { why }),
  }))
}

/** Every result that can come after must have been one that could come before. */
export function resultChanges(
  before: JsonObject | undefined,
  after: JsonObject | undefined,
): readonly ClassedChange[] {
  const path = '/outputSchema'
  if (before === undefined || after === undefined) {
    if (before === after) return []
    if (before === undefined)
      return [{ ...changeAt(path, before, after), risk: 'schema-compatible' }]
    return [{ ...changeAt(path, before, after), risk: 'schema-breaking', why: LESS }]
  }
  return compare(after, before, false).map(({ path: inner, from, to, accepts }) => ({
    ...changeAt(path + inner, to, from),
    risk: RISK_OF[accepts],
    ...(accepts === 'no' ? { why: LESS } : {}),
  }))
}

const LESS = 'results promise less than before'

function compare(from: JsonObject, to: JsonObject, isLenient: boolean): readonly Found[] {
  if (sameJson(from, to)) return []
  const [old, now] = [referencesOf(from), referencesOf(to)]
  const isFrozen = old.frozen !== 'no' || now.frozen !== 'no'
  if (isFrozen || old.rigid.has('') || now.rigid.has('')) {
    return rigidly(from, to, '', old.frozen !== 'words' && now.frozen !== 'words')
  }
  const rigid = new Set([...old.rigid, ...now.rigid])
  const walk = createWalk(RULES, { rigid, isLenient: isLenient && old.alone && now.alone })
  return [...rootChange(from, to), ...walk(rooted(from), rooted(to), { path: '', alone: true })]
}

/** Arguments and results have names: a root without a type means an object. */
function rooted(schema: JsonObject): JsonObject {
  return { ...schema, type: schema.type ?? 'object' }
}

function rootChange(from: JsonObject, to: JsonObject): readonly Found[] {
  const [old, now]: readonly (Json | undefined)[] = [from.type, to.type]
  if (old === now || (old ?? 'object') !== (now ?? 'object')) return []
  const values = changeAt('/type', old, now)
  return [
    {
      path: values.path,
      ...(values.before === undefined ? {} : { from: values.before }),
      ...(values.after === undefined ? {} : { to: values.after }),
      accepts: 'words',
    },
  ]
}
