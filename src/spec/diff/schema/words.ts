// The vocabulary of JSON Schema as the comparison needs it: which keywords hold schemas, which only words, and what type of
// value a keyword can refuse. Drafts 7 to 2020-12 are read alike.

import { isJsonObject, type Json, type JsonObject } from '../../../lib/index.ts'

/** Keywords whose members are schemas by name. */
export const MAPS: readonly string[] = [
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]

export const LISTS: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'prefixItems']

export const SINGLES: readonly string[] = [
  ...['additionalProperties', 'propertyNames', 'items', 'additionalItems', 'contains', 'not'],
  ...['if', 'then', 'else'],
]

/** Keywords that say more about the same value: beside one of them, a schema does not speak alone. */
const IN_PLACE: readonly string[] = [
  ...['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', '$ref'],
  ...['dependentSchemas', 'dependencies'],
]

const WORDS: ReadonlySet<string> = new Set([
  ...['title', 'description', '$comment', 'examples', 'example'],
  ...['deprecated', 'readOnly', 'writeOnly'],
])

const TYPES: readonly string[] = [
  ...['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'],
]

const REFUSED_BY: Readonly<Record<string, readonly string[]>> = {
  object: ['required', 'minProperties', 'maxProperties', 'dependentRequired'],
  array: ['minItems', 'maxItems', 'uniqueItems', 'minContains', 'maxContains'],
  string: ['minLength', 'maxLength', 'pattern'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
}

const TYPE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(REFUSED_BY).flatMap(([type, keys]) => keys.map((key) => [key, type] as const)),
)

/** Whether no validator looks at it. An unknown keyword without `x-` may mean something to some validator. */
export function isWords(keyword: string): boolean {
  return WORDS.has(keyword) || keyword.startsWith('x-')
}

export function isAnything(schema: Json | undefined): boolean {
  if (schema === undefined || schema === true) return true
  return (
    isJsonObject(schema) && Object.keys(schema).every((key) => isWords(key) || key === 'default')
  )
}

export function isAlone(schema: Json | undefined): boolean {
  return !isJsonObject(schema) || !IN_PLACE.some((key) => Object.hasOwn(schema, key))
}

/** The types that a schema can accept, by its `type` and the values it lists. */
export function typesOf(schema: JsonObject): readonly string[] {
  const { type } = schema
  const named: readonly Json[] = type === undefined ? TYPES : Array.isArray(type) ? type : [type]
  const declared = TYPES.filter(
    (name) => named.includes(name) || (name === 'integer' && named.includes('number')),
  )
  const listed = valuesOf(schema)?.map(typeOf)
  return listed === undefined ? declared : declared.filter((name) => listed.includes(name))
}

/** What `enum` and `const` list; undefined when neither is there. */
export function valuesOf(schema: JsonObject): readonly Json[] | undefined {
  if (Object.hasOwn(schema, 'const')) return [schema.const ?? null]
  return Array.isArray(schema.enum) ? schema.enum : undefined
}

/** Whether the schema accepts no value that the keyword could refuse. */
export function isIdle(keyword: string, schema: JsonObject): boolean {
  const type = TYPE_OF.get(keyword)
  if (type === undefined) return false
  const types = typesOf(schema)
  return !types.includes(type) && !(type === 'number' && types.includes('integer'))
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

/** A schema, or a list of schemas, without what no validator looks at. */
export function withoutWords(schema: Json): Json {
  if (Array.isArray(schema)) return (schema as readonly Json[]).map(withoutWords)
  if (!isJsonObject(schema)) return schema
  const kept = Object.entries(schema).filter(([key]) => !isWords(key) && key !== 'default')
  return Object.fromEntries(kept.map(([key, value]) => [key, innerWithoutWords(key, value)]))
}

function innerWithoutWords(key: string, value: Json): Json {
  if (SINGLES.includes(key) || LISTS.includes(key)) return withoutWords(value)
  if (!MAPS.includes(key) || !isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutWords(one)]))
}
