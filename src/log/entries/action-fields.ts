// The fields of the actions, each read out of a predicate or refused with its place.

import { findForbidden, type Json, type JsonObject, RegistryError } from '../../lib/index.ts'
import { parseName, parseReference, parseVersion } from '../../spec/index.ts'
import { describe, type Refuse } from './fields.ts'
import { parseRoles, type Roles } from './roles.ts'

const PREDICATE = '/predicate'
const MAX_WORDS = 500
const CREATED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const KEY_HASH = /^[0-9a-f]{64}$/

export function rolesOf(fields: JsonObject, refuse: Refuse): Roles {
  return parseRoles(fields.roles, `${PREDICATE}/roles`, refuse)
}

export function versionOf(fields: JsonObject): { readonly name: string; readonly version: string } {
  return { name: parseName(fields.name), version: parseVersion(fields.version) }
}

/** A list of one text would read as that text, and have another hash. */
function textOf(fields: JsonObject, key: string, refuse: Refuse): string {
  const text = fields[key]
  if (typeof text === 'string') return text
  throw refuse('a string', describe(text), `${PREDICATE}/${key}`)
}

export function namespaceOf(fields: JsonObject, refuse: Refuse): string {
  const namespace = textOf(fields, 'namespace', refuse)
  parseName(`${namespace}/x`)
  return namespace
}

export function successorOf(fields: JsonObject, refuse: Refuse): string | undefined {
  if (!Object.hasOwn(fields, 'successor')) return undefined
  const successor = textOf(fields, 'successor', refuse)
  parseReference(successor)
  return successor
}

export function targetOf({ target }: JsonObject, refuse: Refuse): 'block' | 'key' {
  if (target === 'block' || target === 'key') return target
  throw refuse('"block" or "key"', describe(target), `${PREDICATE}/target`)
}

/** One to 500 characters that people will be shown: nothing in them may act on a terminal or hide. */
export function words(fields: JsonObject, key: string, refuse: Refuse): string | undefined {
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

export function keyHashes(fields: JsonObject, refuse: Refuse): readonly string[] | undefined {
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

export function timeOf(fields: JsonObject, refuse: Refuse): string | undefined {
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
