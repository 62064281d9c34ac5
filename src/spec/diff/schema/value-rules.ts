// One rule for each keyword of JSON Schema that judges a value by itself: does the second schema accept what the first did? A rule
// never needs another rule to be right.

import type { Json, JsonObject } from '../../../lib/index.ts'
import { memberOf, sameJson } from '../json-changes.ts'
import { foundKey, type Rule } from './walk.ts'
import { isAnything, typesOf, valuesOf } from './words.ts'

type Judge = (from: JsonObject, to: JsonObject, key: string) => boolean

const judge =
  (why: string, isAccepted: Judge): Rule =>
  (pair, { path }) =>
    isAccepted(pair.from, pair.to, pair.key)
      ? [foundKey(pair, path, 'yes')]
      : [foundKey(pair, path, 'no', why)]

const type = judge('fewer types', (from, { type: named }) => {
  if (named === undefined) return true
  const wide = typesOf({ type: named })
  return typesOf(from).every((name) => wide.includes(name))
})

const values = judge('fewer values', (from, to) => {
  const [old, now] = [valuesOf(from), valuesOf(to)]
  if (now === undefined) return true
  return old?.every((value) => now.some((other) => sameJson(value, other))) === true
})

const required = judge('newly required', (from, to) => isPart(to.required, from.required))

const gone = judge('a new or another condition', (_, to, key) => !Object.hasOwn(to, key))

const reference = judge('another reference', (_, to) => isAnything(to))

const unique = judge('items must be unique now', (_, to) => to.uniqueItems !== true)

const multiple = judge('another multiple', ({ multipleOf: old }, { multipleOf: now }) => {
  if (now === undefined) return true
  // Only of integers: the remainder of fractions is a matter of rounding.
  return Number.isInteger(old) && Number.isInteger(now) && Number(old) % Number(now) === 0
})

const lower = judge('a tighter bound', (from, to) => isLooser(lowest(from), lowest(to)))
const upper = judge('a tighter bound', (from, to) => isLooser(highest(from), highest(to)))

const least = judge('a tighter bound', (from, to, key) => {
  const absent = key === 'minContains' ? 1 : 0
  return numberAt(to, key, absent) <= numberAt(from, key, absent)
})

const most = judge('a tighter bound', (from, to, key) => {
  return numberAt(to, key, Infinity) >= numberAt(from, key, Infinity)
})

/** Another dialect is another meaning; naming the one that holds anyway (MCP: 2020-12) is none. */
const dialect: Rule = (pair, { path }) => {
  const [old, now] = [pair.from.$schema ?? DIALECT, pair.to.$schema ?? DIALECT]
  return [foundKey(pair, path, old === now ? 'words' : 'no', 'another dialect of JSON Schema')]
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

const always =
  (accepts: 'yes' | 'words'): Rule =>
  (pair, { path }) => [foundKey(pair, path, accepts)]

export const VALUE_RULES: readonly (readonly [string, Rule])[] = [
  ['type', type],
  ...rows(values, 'enum', 'const'),
  ['required', required],
  ...rows(gone, 'pattern', 'format', 'contentEncoding', 'contentMediaType', 'contentSchema'),
  ['$ref', reference],
  ['uniqueItems', unique],
  ['multipleOf', multiple],
  ...rows(lower, 'minimum', 'exclusiveMinimum'),
  ...rows(upper, 'maximum', 'exclusiveMaximum'),
  ...rows(least, 'minLength', 'minItems', 'minProperties', 'minContains'),
  ...rows(most, 'maxLength', 'maxItems', 'maxProperties', 'maxContains'),
  ['$schema', dialect],
  // Only the root has one that gets here: an inner one freezes the schema.
  ['$id', always('words')],
  // Every call is accepted as before; one that leaves the argument out may now do something else.
  ['default', always('yes')],
]

export function rows(rule: Rule, ...keywords: readonly string[]): (readonly [string, Rule])[] {
  return keywords.map((keyword) => [keyword, rule])
}

/** Whether every item of the first list is in the second; an absent list has none. */
export function isPart(part: Json | undefined, whole: Json | undefined): boolean {
  if (part === undefined) return true
  if (!Array.isArray(part)) return false
  const held: readonly Json[] = Array.isArray(whole) ? whole : []
  return (part as readonly Json[]).every((item) => held.includes(item))
}

interface Bound {
  /** Higher is tighter. */
  readonly value: number
  readonly isExclusive: boolean
}

function lowest(schema: JsonObject): Bound {
  const open = numberAt(schema, 'exclusiveMinimum', -Infinity)
  const closed = numberAt(schema, 'minimum', -Infinity)
  return { value: Math.max(open, closed), isExclusive: open >= closed && open > -Infinity }
}

function highest(schema: JsonObject): Bound {
  const open = numberAt(schema, 'exclusiveMaximum', Infinity)
  const closed = numberAt(schema, 'maximum', Infinity)
  return { value: -Math.min(open, closed), isExclusive: open <= closed && open < Infinity }
}

function isLooser(from: Bound, to: Bound): boolean {
  if (to.value !== from.value) return to.value < from.value
  return !to.isExclusive || from.isExclusive
}

function numberAt(schema: JsonObject, key: string, absent: number): number {
  const value = memberOf(schema, key)
  return typeof value === 'number' ? value : absent
}
