// The comparison of schemas: the classic cases as a table, and the promise itself as a property, with Ajv as the judge.

import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/lib/index.ts'
import { diffTools, type Risk, type Tool } from '../../src/spec/index.ts'
import { processorMs } from '../support/processor-time.ts'

/** Written out, it would make an object look like a promise. */
const THEN = 'then'

const TEXT: readonly Risk[] = ['text']
const SAME: readonly Risk[] = ['schema-compatible']
const BREAKS: readonly Risk[] = ['schema-breaking']

function withArguments(inputSchema: Json): Tool {
  return { kind: 'tool/v1', name: 'a', inputSchema: inputSchema as JsonObject }
}

function withResults(outputSchema: Json): Tool {
  return { ...withArguments({ type: 'object' }), outputSchema: outputSchema as JsonObject }
}

function risksOf(before: Json, after: Json): readonly Risk[] {
  return diffTools(withArguments(before), withArguments(after))?.risks ?? []
}

/** Of one argument named a. */
function risksOfArgument(before: Json, after: Json): readonly Risk[] {
  const around = (schema: Json): Json => ({ type: 'object', properties: { a: schema } })
  return risksOf(around(before), around(after))
}

const object = (properties: Json, more: JsonObject = {}): Json => ({
  type: 'object',
  properties,
  ...more,
})
const closed = { additionalProperties: false }
const string = { type: 'string' }
const number = { type: 'number' }

describe('properties', () => {
  test.each<[string, Json, Json, readonly Risk[]]>([
    ['new optional', object({}), object({ a: string }), SAME],
    ['new optional, closed', object({}, closed), object({ a: string }, closed), SAME],
    ['new required', object({}), object({ a: string }, { required: ['a'] }), [...BREAKS, ...SAME]],
    [
      'new, was listed as required',
      object({}, { required: ['a'] }),
      object({ a: string }, { required: ['a'] }),
      BREAKS,
    ],
    [
      'new, of a map of numbers',
      object({}, { additionalProperties: number }),
      object({ a: string }, { additionalProperties: number }),
      BREAKS,
    ],
    [
      'new, of an explicitly open object',
      object({}, { additionalProperties: true }),
      object({ a: string }, { additionalProperties: true }),
      BREAKS,
    ],
    [
      'new, matched by a pattern',
      object({}, { patternProperties: { '^a': number } }),
      object({ a: string }, { patternProperties: { '^a': number } }),
      BREAKS,
    ],
    [
      'new, declared by a neighbour',
      { type: 'object', allOf: [object({ a: number }), object({})] },
      { type: 'object', allOf: [object({ a: number }), object({ a: string })] },
      BREAKS,
    ],
    [
      'new in an optional object',
      object({ o: { anyOf: [object({}), { type: 'null' }] } }),
      object({ o: { anyOf: [object({ a: string }), { type: 'null' }] } }),
      SAME,
    ],
    [
      'new in one of two objects',
      object({ o: { anyOf: [object({}), object({ a: number })] } }),
      object({ o: { anyOf: [object({ a: string }), object({ a: number })] } }),
      BREAKS,
    ],
    ['removed, open', object({ a: string }), object({}), SAME],
    ['removed, closed', object({ a: string }, closed), object({}, closed), BREAKS],
    [
      'removed, rest of the same type',
      object({ a: string }, { additionalProperties: string }),
      object({}, { additionalProperties: string }),
      SAME,
    ],
    [
      'removed, rest of another type',
      object({ a: string }, { additionalProperties: number }),
      object({}, { additionalProperties: number }),
      BREAKS,
    ],
    ['no longer required', object({ a: string }, { required: ['a'] }), object({ a: string }), SAME],
    ['closed', object({ a: string }), object({ a: string }, closed), BREAKS],
    ['opened', object({ a: string }, closed), object({ a: string }), SAME],
    [
      'required in another order',
      object({}, { required: ['a', 'b'] }),
      object({}, { required: ['b', 'a'] }),
      SAME,
    ],
    ['a pattern more', object({}), object({}, { patternProperties: { '^x': string } }), BREAKS],
    ['a pattern less, open', object({}, { patternProperties: { '^x': string } }), object({}), SAME],
    [
      'a pattern less, closed',
      object({}, { ...closed, patternProperties: { '^x': string } }),
      object({}, closed),
      BREAKS,
    ],
    ['at least one', object({}), object({}, { minProperties: 1 }), BREAKS],
    ['names are judged', object({}), object({}, { propertyNames: { maxLength: 3 } }), BREAKS],
    ['another needs another', object({}), object({}, { dependentRequired: { a: ['b'] } }), BREAKS],
    [
      'another needs another no more',
      object({}, { dependentRequired: { a: ['b', 'c'] } }),
      object({}, { dependentRequired: { a: ['b'] } }),
      SAME,
    ],
    ['named like something inherited', object({}), object({ constructor: string }), SAME],
    [
      'a property named description',
      object({ description: string }),
      object({ description: number }),
      BREAKS,
    ],
  ])('%s', (_, before, after, risks) => {
    expect(risksOf(before, after)).toEqual(risks)
  })
})

describe('one argument', () => {
  test.each<[string, Json, Json, readonly Risk[]]>([
    ['type widened', string, { type: ['string', 'null'] }, SAME],
    ['type narrowed', { type: ['string', 'null'] }, string, BREAKS],
    ['type changed', string, number, BREAKS],
    ['integer to number', { type: 'integer' }, number, SAME],
    ['number to integer', number, { type: 'integer' }, BREAKS],
    ['type given up', string, {}, SAME],
    ['type newly named', {}, string, BREAKS],
    ['enum widened', { enum: ['a'] }, { enum: ['a', 'b'] }, SAME],
    ['enum narrowed', { enum: ['a', 'b'] }, { enum: ['a'] }, BREAKS],
    ['enum to type', { enum: ['a', 'b'] }, string, SAME],
    ['type to enum', string, { ...string, enum: ['a'] }, BREAKS],
    ['const to enum', { const: 1 }, { enum: [1, 2] }, SAME],
    ['enum to const', { enum: [1, 2] }, { const: 1 }, BREAKS],
    ['minimum lowered', { minimum: 2 }, { minimum: 1 }, SAME],
    ['minimum raised', { minimum: 1 }, { minimum: 2 }, BREAKS],
    [
      'minimum of integers raised',
      { type: 'integer', minimum: 1 },
      { type: 'integer', minimum: 2 },
      BREAKS,
    ],
    ['minimum made exclusive', { minimum: 1 }, { exclusiveMinimum: 1 }, BREAKS],
    ['exclusive minimum made inclusive', { exclusiveMinimum: 1 }, { minimum: 1 }, SAME],
    ['maximum raised', { maximum: 1 }, { maximum: 2 }, SAME],
    ['maximum added', number, { ...number, maximum: 2 }, BREAKS],
    ['maximum made exclusive', { maximum: 1 }, { exclusiveMaximum: 1 }, BREAKS],
    ['a bound of numbers on strings', string, { ...string, minimum: 5 }, SAME],
    ['a wider type with a bound', string, { type: ['string', 'number'], minimum: 5 }, SAME],
    ['multiple of a part', { multipleOf: 6 }, { multipleOf: 3 }, SAME],
    ['multiple of more', { multipleOf: 3 }, { multipleOf: 6 }, BREAKS],
    ['longer', { maxLength: 1 }, { maxLength: 2 }, SAME],
    ['shorter', { maxLength: 2 }, { maxLength: 1 }, BREAKS],
    ['not empty', string, { ...string, minLength: 1 }, BREAKS],
    ['pattern added', string, { ...string, pattern: '^a' }, BREAKS],
    ['pattern changed', { pattern: '^a' }, { pattern: '^[ab]' }, BREAKS],
    ['pattern given up', { pattern: '^a' }, {}, SAME],
    ['format changed', { format: 'date' }, { format: 'date-time' }, BREAKS],
    ['items widened', { items: string }, { items: {} }, SAME],
    ['items narrowed', { items: {} }, { items: string }, BREAKS],
    ['items unique', {}, { uniqueItems: true }, BREAKS],
    ['items no longer unique', { uniqueItems: true }, { uniqueItems: false }, SAME],
    ['a position more', { prefixItems: [string] }, { prefixItems: [string, string] }, BREAKS],
    ['a position widened', { prefixItems: [string] }, { prefixItems: [{}] }, SAME],
    ['contains', {}, { contains: string }, BREAKS],
    ['contains no more', { contains: string, minContains: 2 }, {}, SAME],
    ['a branch more', { anyOf: [string] }, { anyOf: [number, string] }, SAME],
    ['a branch less', { anyOf: [string, number] }, { anyOf: [string] }, BREAKS],
    [
      'a branch widened',
      { anyOf: [string, { minimum: 2 }] },
      { anyOf: [{ minimum: 1 }, string] },
      SAME,
    ],
    ['a condition more', { allOf: [string] }, { allOf: [string, { minLength: 1 }] }, BREAKS],
    ['a condition less', { allOf: [string, { minLength: 1 }] }, { allOf: [string] }, SAME],
    ['oneOf a branch more', { oneOf: [string] }, { oneOf: [string, number] }, BREAKS],
    [
      'oneOf widened',
      { oneOf: [string, { minimum: 2 }] },
      { oneOf: [string, { minimum: 1 }] },
      BREAKS,
    ],
    ['oneOf, in other words', { oneOf: [{ title: 'a' }] }, { oneOf: [{ title: 'b' }] }, TEXT],
    ['not less', { not: { enum: ['a', 'b'] } }, { not: { enum: ['a'] } }, BREAKS],
    ['not at all', { not: string }, {}, SAME],
    ['if', {}, { if: string, [THEN]: { minLength: 1 } }, BREAKS],
    ['if no more', { if: string, [THEN]: { minLength: 1 } }, {}, SAME],
    [
      'then widened',
      { if: string, [THEN]: { minLength: 2 } },
      { if: string, [THEN]: { minLength: 1 } },
      SAME,
    ],
    ['then narrowed', { if: string, [THEN]: {} }, { if: string, [THEN]: { minLength: 1 } }, BREAKS],
    ['a keyword nobody knows', {}, { nullable: true }, BREAKS],
    ['nothing at all', string, false, BREAKS],
    ['anything at all', false, string, SAME],
    ['described otherwise', { description: 'a' }, { description: 'b' }, TEXT],
    ['other examples', { examples: [1] }, { examples: [2] }, TEXT],
    ['an extension', {}, { 'x-order': 1 }, TEXT],
    ['another default', { default: 1 }, { default: 2 }, SAME],
    [
      'described and narrowed',
      { description: 'a' },
      { description: 'b', ...string },
      [...BREAKS, ...TEXT],
    ],
  ])('%s', (_, before, after, risks) => {
    expect(risksOfArgument(before, after)).toEqual(risks)
  })
})

describe('references', () => {
  const using = (definition: Json, use: Json = { $ref: '#/$defs/d' }): Json =>
    object({ a: use }, { $defs: { d: definition } })

  test.each<[string, Json, Json, readonly Risk[]]>([
    ['a wider definition', using(string), using({ type: ['string', 'null'] }), SAME],
    ['a narrower definition', using({ type: ['string', 'null'] }), using(string), BREAKS],
    [
      'a reference that leads back to where it stands',
      object({ a: { anyOf: [{}, true] } }),
      object({ a: { anyOf: [{ $ref: '#/properties/a' }, true] } }),
      BREAKS,
    ],
    ['described otherwise', using({ description: 'a' }), using({ description: 'b' }), TEXT],
    [
      'wider, used under not',
      using(string, { not: { $ref: '#/$defs/d' } }),
      using({}, { not: { $ref: '#/$defs/d' } }),
      BREAKS,
    ],
    [
      'wider, used by what is used under not',
      object(
        { a: { not: { $ref: '#/$defs/d' } } },
        { $defs: { d: { $ref: '#/$defs/e' }, e: string } },
      ),
      object({ a: { not: { $ref: '#/$defs/d' } } }, { $defs: { d: { $ref: '#/$defs/e' }, e: {} } }),
      BREAKS,
    ],
    [
      'another definition',
      using(string),
      object({ a: { $ref: '#/$defs/e' } }, { $defs: { d: string, e: string } }),
      [...BREAKS, ...SAME],
    ],
    ['a definition that nothing uses', object({}), object({}, { $defs: { d: string } }), SAME],
    ['a definition that is gone', using(string), object({ a: { $ref: '#/$defs/d' } }), BREAKS],
    ['a new property of a definition', using(object({})), using(object({ b: string })), SAME],
    [
      'a new property of one that has company',
      using(object({}), { $ref: '#/$defs/d', required: ['b'] }),
      using(object({ b: string }), { $ref: '#/$defs/d', required: ['b'] }),
      BREAKS,
    ],
    [
      'a reference into words',
      object({ a: { $ref: '#/x-d' } }, { 'x-d': string }),
      object({ a: { $ref: '#/x-d' } }, { 'x-d': number }),
      BREAKS,
    ],
    [
      'an anchor',
      object({ a: { $ref: '#d' } }, { $defs: { d: { $anchor: 'd' } } }),
      object({ a: { $ref: '#d' } }, { $defs: { d: { ...string, $anchor: 'd' } } }),
      BREAKS,
    ],
    [
      'a reference to another argument',
      object({ a: string, b: { $ref: '#/properties/a' } }),
      object({ a: {}, b: { $ref: '#/properties/a' } }),
      SAME,
    ],
    [
      'the same under not',
      object({ a: string, b: { not: { $ref: '#/properties/a' } } }),
      object({ a: {}, b: { not: { $ref: '#/properties/a' } } }),
      BREAKS,
    ],
    [
      'itself, wider',
      object({ a: string, b: { $ref: '#' } }),
      object({ a: {}, b: { $ref: '#' } }),
      SAME,
    ],
    [
      'into what another type leaves idle',
      object({
        a: { ...string, properties: { p: string } },
        b: { $ref: '#/properties/a/properties/p' },
      }),
      object({
        a: { ...string, properties: { p: number } },
        b: { $ref: '#/properties/a/properties/p' },
      }),
      BREAKS,
    ],
  ])('%s', (_, before, after, risks) => {
    expect(risksOf(before, after)).toEqual(risks)
  })
})

test('a root without a type means an object', () => {
  expect(risksOf({}, { type: 'object' })).toEqual(TEXT)
  expect(risksOf({ type: 'object' }, {})).toEqual(TEXT)
})

test('another dialect is another meaning', () => {
  const dialect = (year: string): Json => ({
    $schema: `https://json-schema.org/draft/${year}/schema`,
  })
  expect(risksOf(dialect('2019-09'), dialect('2020-12'))).toEqual(BREAKS)
  expect(risksOf({}, dialect('2020-12'))).toEqual(TEXT)
})

describe('results promise no less', () => {
  test.each<[string, Json | undefined, Json | undefined, readonly Risk[]]>([
    ['a schema at last', undefined, object({}), SAME],
    ['no schema any more', object({}), undefined, BREAKS],
    ['newly required', object({ a: string }), object({ a: string }, { required: ['a'] }), SAME],
    [
      'no longer required',
      object({ a: string }, { required: ['a'] }),
      object({ a: string }),
      BREAKS,
    ],
    ['type narrowed', object({ a: {} }), object({ a: string }), SAME],
    ['type widened', object({ a: string }), object({ a: {} }), BREAKS],
    ['new property, open', object({}), object({ a: string }), SAME],
    ['new property, closed', object({}, closed), object({ a: string }, closed), BREAKS],
    ['property gone', object({ a: string }), object({}), BREAKS],
    ['enum narrowed', object({ a: { enum: [1, 2] } }), object({ a: { enum: [1] } }), SAME],
    ['described otherwise', { description: 'a' }, { description: 'b' }, TEXT],
  ])('%s', (_, before, after, risks) => {
    const tool = (schema: Json | undefined): Tool =>
      schema === undefined ? withArguments({ type: 'object' }) : withResults(schema)
    expect(diffTools(tool(before), tool(after))?.risks).toEqual(risks)
  })

  test('before is before', () => {
    const changes = diffTools(withResults({ title: 'a' }), withResults({ title: 'b' }))?.changes
    expect(changes).toEqual([
      { path: '/outputSchema/title', before: 'a', after: 'b', risk: 'text', visible: true },
    ])
  })
})

test('where, from what, to what, and why', () => {
  const before = object({ 'a/b': { type: 'array', items: { ...number, maximum: 9 } } })
  const after = object({ 'a/b': { type: 'array', items: { ...number, maximum: 5 } } })
  expect(diffTools(withArguments(before), withArguments(after))).toEqual({
    kind: 'changed',
    name: 'a',
    visible: true,
    risks: BREAKS,
    changes: [
      {
        path: '/inputSchema/properties/a~1b/items/maximum',
        before: 9,
        after: 5,
        risk: 'schema-breaking',
        visible: true,
        why: 'a tighter bound',
      },
    ],
  })
})

test('t32-hostile-anyof: branches in branches are given up, not multiplied out', () => {
  const nest = (depth: number, leaf: number): Json =>
    depth === 0
      ? { minimum: leaf }
      : { anyOf: Array.from({ length: 3 }, (_, i) => nest(depth - 1, leaf * 3 + i)) }
  const [before, after] = [nest(6, 1), nest(6, 2)]
  const took = processorMs(() =>
    expect(risksOfArgument(before, after)).toContain('schema-breaking'),
  )
  expect(took).toBeLessThan(5_000)
})

const SMALL = { depthSize: 'small', maxDepth: 3 } as const
const names = fc.constantFrom('a', 'b', 'constructor')
const bound = fc.integer({ min: 0, max: 3 })
const value = fc.constantFrom<Json>(0, 1, 2.5, 'a', 'bb', true, null, [], ['a'], { a: 1 })
const typeName = fc.constantFrom(
  'null',
  'boolean',
  'object',
  'array',
  'number',
  'integer',
  'string',
)

const { schema } = fc.letrec<{ schema: Json }>((tie) => {
  const inner = tie('schema')
  const list = fc.array(inner, { minLength: 1, maxLength: 3 })
  const map = fc.dictionary(names, inner, { maxKeys: 2 })
  const parts: Record<string, fc.Arbitrary<Json>> = {
    type: fc.oneof(typeName, fc.uniqueArray(typeName, { minLength: 1, maxLength: 3 })),
    enum: fc.array(value, { minLength: 1, maxLength: 3 }),
    const: value,
    properties: map,
    additionalProperties: inner,
    patternProperties: fc.dictionary(fc.constantFrom('^a', 'b$'), inner, { maxKeys: 1 }),
    required: fc.uniqueArray(names, { maxLength: 2 }),
    dependentRequired: fc.dictionary(names, fc.uniqueArray(names, { maxLength: 1 }), {
      maxKeys: 1,
    }),
    dependentSchemas: map,
    propertyNames: fc.record({ maxLength: bound }),
    items: inner,
    prefixItems: list,
    contains: inner,
    minContains: bound,
    maxContains: bound,
    uniqueItems: fc.boolean(),
    allOf: list,
    anyOf: list,
    oneOf: list,
    not: inner,
    if: inner,
    [THEN]: inner,
    else: inner,
    $ref: fc.constantFrom('#/$defs/d', '#/$defs/e', '#/properties/a', '#/items'),
    minimum: bound,
    maximum: bound,
    exclusiveMinimum: bound,
    exclusiveMaximum: bound,
    multipleOf: fc.integer({ min: 1, max: 4 }),
    minLength: bound,
    maxLength: bound,
    minItems: bound,
    maxItems: bound,
    minProperties: bound,
    maxProperties: bound,
    pattern: fc.constantFrom('a', '^b'),
    unevaluatedProperties: inner,
    description: fc.constantFrom('one', 'two'),
    default: value,
  }
  const pair = fc
    .constantFrom(...Object.keys(parts))
    .chain((key) => (parts[key] as fc.Arbitrary<Json>).map((part): [string, Json] => [key, part]))
  const objects = fc.array(pair, { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs))
  return { schema: fc.oneof(SMALL, fc.boolean(), objects, objects, objects) }
})

/** The same schema, with some members elsewhere replaced or dropped: near enough that most pairs can be compared. */
function mutated(one: Json): fc.Arbitrary<Json> {
  if (typeof one !== 'object' || one === null) return fc.oneof(fc.constant(one), value)
  const entries = Object.entries(one)
  if (entries.length === 0) return schema
  return fc.oneof(
    { weight: 1, arbitrary: schema },
    {
      weight: 4,
      arbitrary: fc.nat(entries.length - 1).chain((at) => {
        const [key, member] = entries[at] as [string, Json]
        const rest = Array.isArray(one)
          ? one
          : Object.fromEntries(entries.filter((_, i) => i !== at))
        const put = (now: Json): Json =>
          Array.isArray(one) ? one.with(at, now) : { ...rest, [key]: now }
        return fc.oneof(mutated(member).map(put), fc.constant(rest as Json))
      }),
    },
  )
}

const instance = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    value,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'constructor', 'ab', 'other'), tie('any'), {
      maxKeys: 3,
    }),
  ),
})).any

const documents = schema.map((inner) => ({
  // additionalProperties is said, so that the one leniency does not apply.
  properties: { a: inner },
  additionalProperties: true,
  $defs: { d: true, e: true },
  items: true,
}))

test('what is called compatible accepts what was accepted', () => {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, logger: false })
  let proven = 0
  const property = fc.property(
    documents.chain((one) => fc.tuple(fc.constant(one as Json), mutated(one))),
    schema,
    schema,
    fc.array(instance, { minLength: 12, maxLength: 12 }),
    ([before, after], d, e, instances) => {
      if (!isObject(after)) return
      const [old, now] = [withDefinitions(before, d, e), withDefinitions(after, d, e)]
      if (risksOfStrict(old, now).includes('schema-breaking')) return
      const validators = compile(ajv, old, now)
      if (validators === undefined) return
      proven++
      for (const a of instances) {
        for (const tried of [{ a }, isObject(a) ? a : {}]) {
          if (runs(validators[0], tried) === true)
            expect([tried, runs(validators[1], tried)]).toEqual([tried, true])
        }
      }
    },
  )
  fc.assert(property, { numRuns: 1000 })
  expect(proven).toBeGreaterThan(200)
})

function isObject(one: unknown): one is JsonObject {
  return typeof one === 'object' && one !== null && !Array.isArray(one)
}

function withDefinitions(one: Json, d: Json, e: Json): JsonObject {
  const defs = (one as JsonObject).$defs
  return { ...(one as JsonObject), $defs: isObject(defs) ? { d, e, ...pick(defs) } : { d, e } }
}

function pick(defs: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(defs).filter(([, inner]) => inner !== true))
}

/** As results, where there is no leniency: what may come after must have been allowed before. */
function risksOfStrict(before: Json, after: Json): readonly Risk[] {
  return diffTools(withResults(after), withResults(before))?.risks ?? []
}

type Validate = (value: unknown) => unknown

function compile(ajv: Ajv2020, ...schemas: readonly JsonObject[]): readonly Validate[] | undefined {
  try {
    return schemas.map((one) => ajv.compile({ type: 'object', ...one }))
  } catch {
    return undefined
  }
}

/** Undefined for a reference that goes round in a circle. */
function runs(validate: Validate | undefined, one: unknown): unknown {
  try {
    return validate?.(one)
  } catch {
    return undefined
  }
}
