// The parsers and schema/ must accept the same documents. What a schema cannot say, and only the parsers check:
// no two tools of one name in a toolkit; the rules for JSON Schemas inside tools (input-schema.test.ts); canonical form,
// bytes, depth, keys and lone surrogates, which are properties of a text.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import {
  canonicalBytes,
  FORBIDDEN_RANGES,
  isRegistryError,
  type Json,
  type RegistryError,
  utf8,
} from '../../src/lib/index.ts'
import { EMPTY_INDEX } from '../../src/log/index.ts'
import { BINDING_FIELDS } from '../../src/spec/binding.ts'
import { parseRelease, parseTool, parseToolkit, publisherIdOf } from '../../src/spec/index.ts'
import { RELEASE_FIELDS } from '../../src/spec/release.ts'
import { TOOL_FIELDS } from '../../src/spec/tool.ts'
import { TOOLKIT_FIELDS } from '../../src/spec/toolkit.ts'
import { VERSION_PATTERN } from '../../src/spec/versions.ts'
import { type Document, RELEASE, TOOL, TOOLKIT } from './samples.ts'

interface Schema {
  readonly $id: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly $defs: Readonly<Record<string, Schema & { readonly pattern: string }>>
}

const folder = join(import.meta.dirname, '..', '..', 'schema')
const schemas = new Map(
  readdirSync(folder).map((file) => [
    file.replace('.schema.json', ''),
    JSON.parse(readFileSync(join(folder, file), 'utf8')) as Schema,
  ]),
)
const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: false })
for (const schema of schemas.values()) ajv.addSchema(schema)

function schemaOf(name: string): Schema {
  const schema = schemas.get(name)
  if (schema === undefined) throw new Error(`no schema ${name}`)
  return schema
}

function validatorOf(name: string): ValidateFunction {
  const validate = ajv.getSchema(schemaOf(name).$id)
  if (validate === undefined) throw new Error(`no schema ${name}`)
  return validate
}

const KINDS = [
  { name: 'tool', document: TOOL, parse: parseTool },
  { name: 'release', document: RELEASE, parse: parseRelease },
  { name: 'toolkit', document: TOOLKIT, parse: parseToolkit },
]

type Path = readonly (string | number)[]

/** Every place in a document, but not inside the JSON Schemas, which have rules of their own. */
function pathsOf(value: Json, path: Path = []): Path[] {
  const below =
    typeof value === 'object' && value !== null && !/Schema$/.test(String(path.at(-1)))
      ? Object.entries(value).flatMap(([key, item]) =>
          pathsOf(item as Json, [...path, Array.isArray(value) ? Number(key) : key]),
        )
      : []
  return [path, ...below]
}

/** A copy with `value` at `path`; undefined removes it. */
function withValue(document: Document, path: Path, value: Json | undefined): Json {
  if (path.length === 0) return value ?? null
  const copy = structuredClone(document)
  let at = copy as Record<string | number, Json>
  for (const segment of path.slice(0, -1)) at = at[segment] as Record<string | number, Json>
  const last = path.at(-1) ?? ''
  if (value !== undefined) at[last] = value
  else if (Array.isArray(at)) at.splice(Number(last), 1)
  else delete at[last]
  return copy
}

/** Undefined if accepted. */
function refusalOf(
  parse: (bytes: Uint8Array) => unknown,
  document: Json,
): RegistryError | undefined {
  try {
    parse(canonicalBytes(document))
    return undefined
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
}

const RETYPED: readonly Json[] = [
  null,
  true,
  0,
  1,
  -1,
  1.5,
  1e300,
  '',
  ' ',
  'x',
  'a.b/c',
  'A B',
  '..',
  'a\nb',
  'a\u202eb',
  'a\u200bb',
  'a\u{e0041}b',
  'a\u001bb',
  'é',
  '\u{1f600}',
  'x'.repeat(101),
  'x'.repeat(201),
  '\u{1f600}'.repeat(199),
  '\u{1f600}'.repeat(201),
  'x'.repeat(5000),
  '1.0.0',
  '1.0.0+b',
  'v1.0.0',
  'http://a.example/ b',
  'http://a.example/b',
  'ws://a.example',
  'javascript:alert(1)',
  'linux-amd64',
  'a'.repeat(64),
  'A'.repeat(64),
  cidOf(utf8('c')),
  cidOf(utf8('c')).toUpperCase(),
  `${cidOf(utf8('c'))}\n`,
  publisherIdOf(utf8('c')),
  `${publisherIdOf(utf8('c'))}/x`,
  [],
  [''],
  ['x'],
  [null],
  [{}],
  ['a\u202e'],
  {},
  { x: 1 },
  { x: 'y' },
  { x: {} },
  { 'x y': 'z' },
  { '..': {} },
  { 'a:b': 'c' },
  { a: 'b\r\nc' },
  { constructor: 'x' },
  { kind: 'mcp-http', url: 'https://a.example' },
  { kind: 'mcp-http', url: 'file:///etc/passwd' },
  { kind: 'unknown' },
]

describe.each(KINDS)('a $name', ({ name, document, parse }) => {
  const validate = validatorOf(name)

  function expectAgreement(mutant: Json): void {
    const refusal = refusalOf(parse, mutant)
    const valid = validate(mutant)
    if (valid === (refusal === undefined)) return
    const parser = refusal === undefined ? 'accepts' : `${refusal.message} ${refusal.details.path}`
    const schema = valid ? 'accepts' : ajv.errorsText(validate.errors)
    expect.fail(`parser: ${parser}\nschema: ${schema}\n${JSON.stringify(mutant).slice(0, 3000)}`)
  }

  it('is accepted by both', () => {
    expect(refusalOf(parse, document)).toBeUndefined()
    expect(validate(document), ajv.errorsText(validate.errors)).toBe(true)
  })

  it('without any one of its parts is judged alike', () => {
    for (const path of pathsOf(document)) expectAgreement(withValue(document, path, undefined))
  })

  it('with any part replaced is judged alike', () => {
    for (const path of pathsOf(document)) {
      for (const value of RETYPED) expectAgreement(withValue(document, path, value))
    }
  })

  it('with one key more anywhere is judged alike', () => {
    const added = [
      'zzz',
      'x-ok',
      'x-',
      'X-no',
      'x-a b',
      'kind',
      'constructor',
      'toString',
      'title',
      '',
    ]
    const isObject = (value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
    const objects = pathsOf(document).filter((path) =>
      isObject(path.reduce<Json>((at, key) => Reflect.get(Object(at), key) as Json, document)),
    )
    for (const path of objects) {
      for (const key of added) expectAgreement(withValue(document, [...path, key], 'x'))
    }
  })

  it('with any text anywhere is judged alike', () => {
    const paths = pathsOf(document)
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc
        .constantFrom(
          ...FORBIDDEN_RANGES.flatMap(([first, last]) => [first - 1, first, last, last + 1]),
        )
        .filter((code) => code >= 0)
        .map((code) => `a${String.fromCodePoint(code)}`),
    )
    fc.assert(
      fc.property(fc.constantFrom(...paths), text, (path, value) => {
        fc.pre(value.isWellFormed())
        expectAgreement(withValue(document, path, value))
      }),
      { numRuns: 1500 },
    )
  })

  it('refuses an unknown key with its path', () => {
    const error = refusalOf(parse, withValue(document, ['titel'], 'x'))
    expect(error?.code).toBe('DOCUMENT_INVALID')
    expect(error?.message).toBe('The field "titel" is not known here.')
    expect(error?.details).toMatchObject({ path: '/titel', got: '"titel"' })
    expect(error?.details.expected).toContain('title')
  })

  it('refuses a title that hides something', () => {
    const error = refusalOf(parse, withValue(document, ['title'], 'Weather\u202e'))
    expect(error?.code).toBe('TEXT_FORBIDDEN')
    expect(error?.message).toBe('This text holds a bidirectional control.')
    expect(error?.details).toMatchObject({ path: '/title', got: 'U+202E at character 8' })
  })

  it('is sampled with every field its schema knows', () => {
    const used = new Set(['type', ...pathsOf(document).flat()]) // `type` is inside inputSchema
    expect([...propertiesOf(schemaOf(name))].filter((key) => !used.has(key))).toEqual([])
  })
})

function propertiesOf(schema: unknown): Set<string> {
  const found = new Set<string>()
  if (typeof schema !== 'object' || schema === null) return found
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') for (const name of Object.keys(value as object)) found.add(name)
    for (const name of propertiesOf(value)) found.add(name)
  }
  return found
}

describe('the types', () => {
  it('have the fields of the schemas', () => {
    const keys = (name: string) => Object.keys(schemaOf(name).properties).sort()
    expect(keys('tool')).toEqual(['kind', ...Object.keys(TOOL_FIELDS)].sort())
    expect(keys('release')).toEqual(Object.keys(RELEASE_FIELDS).sort())
    expect(keys('toolkit')).toEqual(Object.keys(TOOLKIT_FIELDS).sort())
    const bindings = schemaOf('release').$defs
    for (const [kind, fields] of Object.entries(BINDING_FIELDS)) {
      const properties = bindings[`binding-${kind}`]?.properties ?? {}
      expect(Object.keys(properties).sort(), kind).toEqual(Object.keys(fields).sort())
    }
  })

  it('have the version pattern of the schemas', () => {
    expect(schemaOf('release').$defs.version?.pattern).toBe(VERSION_PATTERN)
  })
})

describe('the log schemas', () => {
  const cid = cidOf(utf8('x'))
  const key = { type: 'ecdsa-p256', spki: 'AAAA' }
  const role = { threshold: 1, keys: [key] }
  const statement = (action: string, predicate: Json): Json => ({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: cid, digest: { sha256: 'a'.repeat(64) } }],
    predicateType: `https://toolmark.dev/${action}/v1`,
    predicate,
  })
  const genesis = {
    seq: 0,
    prev: null,
    index: EMPTY_INDEX.cid,
    created: '2026-11-21T00:00:00Z',
    roles: { root: role, release: role, brake: role, log: { keys: [{ ...key, type: 'ed25519' }] } },
  }
  const release = {
    publisher: publisherIdOf(utf8('x')),
    seq: 1,
    prev: cid,
    index: cid,
    name: 'a.b/c',
    version: '1.0.0',
  }

  it.each<[string, Json, boolean]>([
    ['statement', statement('genesis', genesis), true],
    ['statement', statement('release', release), true],
    ['statement', statement('genesis', release), false],
    ['statement', statement('yank', release), true],
    ['statement', statement('claim', release), false],
    ['statement', statement('release', { ...release, seq: 0 }), false],
    ['statement', statement('release', { ...release, extra: 1 }), false],
    ['statement', statement('genesis', { ...genesis, prev: cid }), false],
    ['statement', statement('genesis', { ...genesis, index: cid }), false],
    ['index', { kind: 'index/v1', entries: {} }, true],
    ['index', { kind: 'index/v1', entries: { 'a.b/c': cid } }, true],
    ['index', { kind: 'index/v1', children: { f: cid } }, true],
    ['index', { kind: 'index/v1', children: { F: cid } }, false],
    ['index', { kind: 'index/v1', children: {}, entries: {} }, false],
    [
      'history',
      { kind: 'history/v1', name: 'a.b/c', versions: { '1.0.0': { release: cid, seq: 1 } } },
      true,
    ],
    ['history', { kind: 'history/v1', name: 'c', versions: {} }, false],
  ])('%s judges case %#', (name, document, expected) => {
    expect(validatorOf(name)(document)).toBe(expected)
  })
})
