// The parsers of the log and schema/ hold the same documents for good: every field of every predicate, history and state, changed in
// every way that mutate.ts knows. What a schema cannot say, and only a parser checks, is listed here and nowhere else.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { type Cid, cidOf, digestOf } from '../../src/cid/index.ts'
import {
  canonicalBytes,
  equalBytes,
  isRegistryError,
  type Json,
  type JsonObject,
  type RegistryError,
  toHex,
} from '../../src/lib/index.ts'
import {
  type Action,
  makeGenesis,
  makeStatement,
  parseAuthorityBlock,
  parseHistory,
  parseStatement,
} from '../../src/log/index.ts'
import { publisherIdOf } from '../../src/spec/index.ts'
import { type Entry, makeKeyring, makeKeyrings, rolesOf, TOOL } from '../support/many-keys.ts'
import { mutantsOf } from '../support/mutate.ts'

const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: false })
const folder = join(import.meta.dirname, '..', '..', 'schema')
for (const file of readdirSync(folder)) {
  ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')))
}

function validatorOf(name: string): ValidateFunction {
  const validate = ajv.getSchema(`https://toolmark.dev/schema/${name}.schema.json`)
  if (validate === undefined) throw new Error(`no schema ${name}`)
  return validate
}

const cid = (text: string): Cid => cidOf(Buffer.from(text))
const roles = rolesOf(makeKeyrings())
const place = {
  publisher: publisherIdOf(Buffer.from('p')),
  seq: 7,
  prev: cid('prev'),
  index: cid('index'),
}
const release = { name: TOOL, version: '1.0.0', subject: cid('release') }
const { role } = makeKeyring()
const keyless = {
  threshold: 1,
  keys: [],
  identities: [
    {
      issuer: 'https://token.actions.githubusercontent.com',
      san: 'https://github.com/acme/tools/.github/workflows/release.yml@refs/tags/v*',
      repository_id: '123456789',
      trigger: 'push',
    },
    { issuer: 'https://accounts.example.com', san: 'alice@example.com' },
  ],
}
const nextKeyHashes = ['a'.repeat(64), 'b'.repeat(64)]
const words = 'It \u{1f600} broke again'

const ENTRIES: Readonly<Record<string, Entry>> = {
  keys: { kind: 'keys', roles, nextKeyHashes },
  'keys and identities': { kind: 'keys', roles: { ...roles, release: keyless }, nextKeyHashes },
  'delegate to an identity': { kind: 'delegate', path: TOOL, by: null, role: keyless },
  delegate: { kind: 'delegate', path: TOOL, by: 'com.acme', role },
  'delegate taken back': { kind: 'delegate', path: 'com.acme', by: null, role: null },
  claim: { kind: 'claim', namespace: 'com.acme' },
  release: { kind: 'release', ...release },
  deprecate: { kind: 'deprecate', ...release, message: words, successor: `${TOOL}@^2.0.0` },
  yank: { kind: 'yank', ...release, reason: words },
  'revoke a block': { kind: 'revoke', target: 'block', reason: words, subject: cid('block') },
  'revoke a key': { kind: 'revoke', target: 'key', reason: words, subject: cid('key') },
  tombstone: { kind: 'tombstone', reason: words, subject: cid('block') },
  recover: { kind: 'recover', reason: words, subject: cid('fork') },
}

const STATEMENTS: Readonly<Record<string, Json>> = {
  genesis: read(makeGenesis({ roles, nextKeyHashes, created: '2026-11-21T09:30:00.5Z' }).bytes),
  ...Object.fromEntries(
    Object.entries(ENTRIES).map(([name, entry]) => [name, read(makeStatement(entry, place).bytes)]),
  ),
}

const HISTORY: Json = {
  kind: 'history/v1',
  name: TOOL,
  versions: {
    '1.0.0': { release: cid('a'), seq: 1 },
    '1.1.0-rc.1': {
      release: cid('b'),
      seq: 2,
      deprecated: { seq: 3, message: words, successor: TOOL },
      yanked: { seq: 4, reason: words },
    },
  },
}

const AUTHORITY: Json = {
  kind: 'authority/v1',
  keys: [3, 9],
  delegations: [
    { seq: 1, path: 'com.acme', by: null, role },
    { seq: 2, path: TOOL, by: 'com.acme', role: null },
  ] as unknown as Json,
  revokedKeys: [{ seq: 4, key: cid('key') }],
  claims: { 'com.acme': { seq: 5 } },
  revoked: { [cid('a')]: { seq: 6, reason: words } },
  tombstones: { [cid('b')]: { seq: 7, reason: words } },
  recovered: { [cid('c')]: { seq: 8 } },
}

function read(bytes: Uint8Array): Json {
  return JSON.parse(Buffer.from(bytes).toString())
}

/** What an action says that is not a block; its statement is about the hash of that. */
const SAID: Readonly<Record<string, (predicate: JsonObject) => Json | undefined>> = {
  genesis: ({ roles: said }) => said,
  keys: ({ roles: said }) => said,
  delegate: ({ path, role: said }) => ({ path, role: said }) as JsonObject,
  claim: ({ namespace }) => ({ namespace }) as JsonObject,
}

/** With the subject that its predicate asks for, so that a changed predicate is judged for itself. */
function withSubject(value: Json): Json {
  const statement = Object(value) as { predicateType?: Json; predicate?: JsonObject }
  const kind = /dev\/([a-z]+)\/v1$/.exec(String(statement.predicateType))?.[1] ?? ''
  const { predicate } = statement
  if (typeof predicate !== 'object' || predicate === null) return value
  const said = SAID[kind]?.(predicate)
  if (said === undefined || Object.values(Object(said)).includes(undefined)) return value
  const name = cidOf(canonicalBytes(said))
  return { ...statement, subject: [{ name, digest: { sha256: toHex(digestOf(name)) } }] } as Json
}

function refusalOf(parse: (bytes: Uint8Array) => unknown, value: Json): RegistryError | undefined {
  try {
    parse(canonicalBytes(value))
    return undefined
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
}

/** The changes that are canonical JSON: form beyond that is no schema's. */
function* changesOf(document: Json): Iterable<readonly [label: string, value: Json]> {
  for (const { label, bytes } of mutantsOf(canonicalBytes(document), 'canonical')) {
    try {
      const value = read(bytes)
      if (equalBytes(canonicalBytes(value), bytes)) yield [label, value]
    } catch {
      // Not JSON.
    }
  }
}

/** Refused by a parser alone. */
const BEYOND: readonly RegExp[] = [
  /^KEY_INVALID /, // not a point of the curve
  /^STATEMENT_INVALID \/subject\/0\/digest\/sha256$/, // not the digest of the name
  /^STATEMENT_INVALID \/subject\/0\/name$/, // not the hash of what is said
  /^STATEMENT_INVALID \/predicate\/roles\/[a-z]+\/threshold$/, // more than there are keys
  /^STATEMENT_INVALID \/predicate\/roles\/[a-z]+\/keys\/\d+$/, // one key twice
  /^STATEMENT_INVALID \/predicate\/role\/(threshold|keys\/\d+)$/,
  /^DOCUMENT_INVALID \/delegations\/\d+\/role\/(threshold|keys\/\d+)$/,
  /^STATEMENT_INVALID \/predicate\/created$/, // 30 February
  /^VERSION_INVALID /, // the range of a successor
]

function faultsOf(
  document: Json,
  {
    parse,
    schema,
    refit,
  }: {
    readonly parse: (bytes: Uint8Array) => unknown
    readonly schema: string
    readonly refit?: (value: Json) => Json
  },
): { readonly faults: readonly string[]; readonly tried: number; readonly beyond: number } {
  const validate = validatorOf(schema)
  const faults: string[] = []
  let tried = 0
  let beyond = 0
  for (const [label, changed] of changesOf(document)) {
    // As it is, and with a subject that fits.
    for (const value of refit === undefined ? [changed] : [changed, refit(changed)]) {
      tried += 1
      const refusal = refusalOf(parse, value)
      const isValid = validate(value)
      if (isValid === (refusal === undefined)) continue
      const { code = '', details } = refusal ?? {}
      const why = `${code} ${details?.path ?? ''}`
      if (isValid && BEYOND.some((pattern) => pattern.test(why))) beyond += 1
      else
        faults.push(
          `${label}: parser ${why}, schema ${isValid ? 'accepts' : ajv.errorsText(validate.errors)}`,
        )
    }
  }
  return { faults, tried, beyond }
}

describe.each(Object.entries(STATEMENTS))('statement: %s', (_, document) => {
  test('is accepted by both, and every change is judged alike', () => {
    expect(refusalOf(parseStatement, document)).toBeUndefined()
    expect(validatorOf('statement')(document), ajv.errorsText()).toBe(true)
    const judged = faultsOf(document, {
      parse: parseStatement,
      schema: 'statement',
      refit: withSubject,
    })
    expect(judged.faults).toEqual([])
    expect(judged.tried).toBeGreaterThan(150)
    expect(judged.beyond).toBeLessThan(judged.tried / 4)
  })
})

describe.each([
  ['history', HISTORY, parseHistory],
  ['authority', AUTHORITY, parseAuthorityBlock],
] as const)('%s', (schema, document, parse) => {
  test('is accepted by both, and every change is judged alike', () => {
    expect(refusalOf(parse, document)).toBeUndefined()
    expect(validatorOf(schema)(document), ajv.errorsText()).toBe(true)
    const judged = faultsOf(document, { parse, schema })
    expect(judged.faults).toEqual([])
    expect(judged.tried).toBeGreaterThan(150)
  })
})

test('every predicate is sampled with every field its schema knows', () => {
  const file = readFileSync(join(folder, 'statement.schema.json'), 'utf8')
  const { oneOf, $defs } = JSON.parse(file)
  const used = new Map<string, Set<string>>()
  for (const [name, statement] of Object.entries(STATEMENTS)) {
    const kind = name.split(' ')[0] as Action['kind']
    const fields = Object.keys((statement as { predicate: object }).predicate)
    used.set(kind, new Set([...(used.get(kind) ?? []), ...fields]))
  }
  expect(oneOf).toHaveLength(10)
  for (const [kind, fields] of used) {
    expect([...fields].sort(), kind).toEqual(Object.keys($defs[kind].properties).sort())
  }
})
