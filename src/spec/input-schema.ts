// JSON Schemas inside tools: bounded and well-shaped, not compiled. They are programs: a compiler can be made to run for
// a minute, and a remote `$ref` to call an address, so size, nesting and references are judged here first. Drafts 7 to
// 2020-12 are read alike; keywords nobody defined are annotations and may hold anything.

import {
  isJsonObject,
  type Json,
  type JsonObject,
  joinPointer,
  RegistryError,
} from '../lib/index.ts'
import { assertLimit, LIMITS } from './limits.ts'
import { typeName } from './shape.ts'

interface Walk {
  nodes: number
}

type Rule = (value: Json, path: string, at: { readonly walk: Walk; readonly depth: number }) => void

const TYPES: readonly Json[] = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']

/** Throws SCHEMA_INVALID or LIMIT_EXCEEDED with the path inside the document. The root must describe an object. */
export function checkInputSchema(value: Json, path: string): void {
  checkRoot(value, path, 'schemaBytes')
}

/** The same rules, and room for more bytes. */
export function checkOutputSchema(value: Json, path: string): void {
  checkRoot(value, path, 'outputSchemaBytes')
}

/** A root without a type passes: real lists leave it out, and the arguments of a call are an object in any case. */
function checkRoot(value: Json, path: string, limit: 'schemaBytes' | 'outputSchemaBytes'): void {
  if (!isJsonObject(value)) throw wrong(path, 'an object', value)
  // Most are far below the limit, and need not be written out to be measured.
  if (boundOf(value) > LIMITS[limit]) {
    assertLimit(limit, Buffer.byteLength(JSON.stringify(value)), path)
  }
  const type = value.type
  if (type !== undefined && type !== 'object') {
    throw wrong(joinPointer(path, 'type'), '"object", because arguments have names', type)
  }
  walkSchema(value, path, { walk: { nodes: 0 }, depth: 0 })
}

/** No less than the bytes of its JSON: six for a UTF-16 unit, should it have to be escaped. */
function boundOf(value: Json): number {
  if (typeof value === 'string') return value.length * 6 + 2
  if (typeof value !== 'object' || value === null) return 24
  let bytes = 2
  if (Array.isArray(value)) {
    for (const item of value) bytes += boundOf(item) + 1
    return bytes
  }
  const members = value as JsonObject
  for (const key of Object.keys(members))
    bytes += key.length * 6 + 4 + boundOf(members[key] ?? null)
  return bytes
}

const walkSchema: Rule = (value, path, at) => {
  at.walk.nodes++
  assertLimit('schemaNodes', at.walk.nodes, path)
  assertLimit('schemaCombinatorDepth', at.depth, path)
  if (typeof value === 'boolean') return
  if (!isJsonObject(value)) throw wrong(path, 'a schema: an object, true or false', value)
  for (const [keyword, member] of Object.entries(value)) {
    RULES.get(keyword)?.(member, joinPointer(path, keyword), at)
  }
}

const deeper: Rule = (value, path, at) => {
  walkSchema(value, path, { walk: at.walk, depth: at.depth + 1 })
}

const schemaList =
  (rule: Rule): Rule =>
  (value, path, at) => {
    if (!Array.isArray(value)) throw wrong(path, 'a list of schemas', value)
    const items: readonly Json[] = value
    items.forEach((item, index) => {
      rule(item, joinPointer(path, index), at)
    })
  }

const schemaMap: Rule = (value, path, at) => {
  if (!isJsonObject(value)) throw wrong(path, 'an object of schemas', value)
  for (const [key, item] of Object.entries(value)) walkSchema(item, joinPointer(path, key), at)
}

/** `items` is a list of schemas until draft 2019-09, a schema since. */
const items: Rule = (value, path, at) => {
  if (Array.isArray(value)) schemaList(walkSchema)(value, path, at)
  else walkSchema(value, path, at)
}

/** Each member is a schema or a list of property names. */
const dependencies: Rule = (value, path, at) => {
  if (!isJsonObject(value)) throw wrong(path, 'an object', value)
  for (const [key, item] of Object.entries(value)) {
    if (Array.isArray(item)) strings(item, joinPointer(path, key), at)
    else walkSchema(item, joinPointer(path, key), at)
  }
}

const type: Rule = (value, path) => {
  const names: readonly Json[] = Array.isArray(value) ? value : [value]
  const odd = names.find((name) => !TYPES.includes(name))
  if (odd !== undefined) throw wrong(path, `one or more of ${TYPES.join(', ')}`, odd)
  if (names.length === 0) throw wrong(path, 'one type or more', value)
  if (new Set(names).size < names.length) throw wrong(path, 'each type once', value)
}

/** A remote reference makes whoever validates call an address of the publisher's choice. */
const reference: Rule = (value, path) => {
  if (typeof value !== 'string' || !value.startsWith('#')) {
    throw wrong(path, 'a reference inside this schema ("#…")', value)
  }
}

const strings: Rule = (value, path) => {
  if (!Array.isArray(value)) throw wrong(path, 'a list of strings', value)
  const list: readonly Json[] = value
  const odd = list.findIndex((item) => typeof item !== 'string')
  if (odd !== -1) throw wrong(joinPointer(path, odd), 'a string', list[odd] ?? null)
  if (new Set(list).size < list.length) throw wrong(path, 'each string once', value)
}

const text: Rule = (value, path) => {
  if (typeof value !== 'string') throw wrong(path, 'a string', value)
}

const list: Rule = (value, path) => {
  if (!Array.isArray(value)) throw wrong(path, 'a list', value)
}

const flag: Rule = (value, path) => {
  if (typeof value !== 'boolean') throw wrong(path, 'true or false', value)
}

const number: Rule = (value, path) => {
  if (typeof value !== 'number') throw wrong(path, 'a number', value)
}

const positive: Rule = (value, path) => {
  if (typeof value !== 'number' || value <= 0) throw wrong(path, 'a number above 0', value)
}

const count: Rule = (value, path) => {
  if (!Number.isInteger(value) || Number(value) < 0) throw wrong(path, 'a whole number', value)
}

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...rows(deeper, 'not', 'if', 'then', 'else'),
  ...rows(schemaList(deeper), 'allOf', 'anyOf', 'oneOf'),
  ...rows(schemaList(walkSchema), 'prefixItems'),
  ...rows(schemaMap, 'properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'),
  ...rows(walkSchema, 'additionalProperties', 'additionalItems', 'contains', 'propertyNames'),
  ...rows(walkSchema, 'unevaluatedProperties', 'unevaluatedItems', 'contentSchema'),
  ...rows(items, 'items'),
  ...rows(dependencies, 'dependencies', 'dependentRequired'),
  ...rows(type, 'type'),
  ...rows(reference, '$ref', '$dynamicRef', '$recursiveRef'),
  ...rows(strings, 'required'),
  ...rows(list, 'enum'),
  ...rows(text, '$schema', '$id', '$anchor', '$comment', 'title', 'description', 'pattern'),
  ...rows(text, 'format', 'contentEncoding', 'contentMediaType'),
  ...rows(flag, 'uniqueItems', 'readOnly', 'writeOnly', 'deprecated'),
  ...rows(number, 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'),
  ...rows(positive, 'multipleOf'),
  ...rows(count, 'minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties'),
  ...rows(count, 'maxProperties', 'minContains', 'maxContains'),
])

function rows(rule: Rule, ...keywords: readonly string[]): (readonly [string, Rule])[] {
  return keywords.map((keyword) => [keyword, rule])
}

function wrong(path: string, expected: string, value: Json): RegistryError {
  const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeName(value)
  return new RegistryError('SCHEMA_INVALID', 'This JSON Schema is not well formed.', {
    expected,
    got,
    path,
  })
}
