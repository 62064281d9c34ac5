// The lockfile's form: what is written is read back, what is not understood is refused with its line, and parser and schema agree.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cidOf } from '../../../src/cid/index.ts'
import { isRegistryError, type Json, type RegistryError, utf8 } from '../../../src/lib/index.ts'
import { formatLock, type Lock, type LockedRelease, parseLock } from '../../../src/resolve/index.ts'
import { publisherIdOf } from '../../../src/spec/index.ts'

const CID = cidOf(utf8('a'))
const OTHER = cidOf(utf8('b'))
const ALICE = publisherIdOf(utf8('alice'))
const BOB = publisherIdOf(utf8('bob'))
const SURFACE = `sha256-${'a'.repeat(64)}`
const ROOT = '0'.repeat(64)

const TEXT = `{
  "lockVersion": 1,
  "policy": "${SURFACE}",
  "releases": {
    "com.acme/weather": {
      "version": "1.4.2",
      "release": "${CID}",
      "publisher": "${ALICE}",
      "statement": "${OTHER}",
      "log": { "index": 41, "size": 57, "root": "${ROOT}" },
      "tools": {
        "get_alerts": {
          "cid": "${OTHER}",
          "surface": "${SURFACE}"
        },
        "get_forecast": {
          "cid": "${CID}",
          "surface": "${SURFACE}",
          "approved": { "by": "alice", "cid": "${CID}" }
        }
      }
    }
  },
  "revocations": {
    "${ALICE}": 3
  }
}
`

function refusalOf(text: string | Uint8Array): RegistryError {
  try {
    parseLock(typeof text === 'string' ? utf8(text) : text, 'tools.lock.json')
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
  throw new Error('it was accepted')
}

/** The sample with one text in the place of another. */
function changed(from: string, to: string): string {
  if (!TEXT.includes(from)) throw new Error(`no ${from} in the sample`)
  return TEXT.replace(from, to)
}

describe('writing', () => {
  test('has one form: sorted, a line for each thing that changes by itself', () => {
    expect(Buffer.from(formatLock(parseLock(utf8(TEXT)))).toString()).toBe(TEXT)
  })

  test('does not depend on the order things were added in', () => {
    const release = parseLock(utf8(TEXT)).releases.get('com.acme/weather') as LockedRelease
    const tools = new Map([...release.tools].reverse())
    const names = ['b.b/b', 'a.a/a', 'com.acme/weather']
    const lock = (order: readonly string[]): Lock => ({
      releases: new Map(order.map((name) => [name, { ...release, tools }])),
      revocations: new Map(
        order.length > 2
          ? [
              [ALICE, 3],
              [BOB, 0],
            ]
          : [],
      ),
    })
    const reversed = {
      ...lock(names.toReversed()),
      revocations: new Map([
        [BOB, 0],
        [ALICE, 3],
      ]),
    }
    expect(formatLock(lock(names))).toEqual(formatLock(reversed as Lock))
  })

  test('of two branches that add different tools is merged line by line', () => {
    const lines = TEXT.split('\n')
    const start = lines.findIndex((line) => line.includes('"get_alerts"'))
    // A tool begins and ends in lines of its own.
    expect(lines.slice(start, start + 4).map((line) => line.trim().slice(0, 6))).toEqual([
      '"get_a',
      '"cid":',
      '"surfa',
      '},',
    ])
  })

  test('property: what is written is read back, to the byte', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}\.[a-z]{1,8}\/[a-z]{1,8}$/)
    const tool = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/).filter((text) => !/^\.\.?$/.test(text))
    const cid = fc.uint8Array({ minLength: 1, maxLength: 4 }).map(cidOf)
    const by = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
    const approved = fc.option(fc.record({ by, cid }), { nil: undefined })
    const locked = fc.record({ cid, surface: fc.constant(SURFACE), approved })
    const release = fc.record({
      version: fc.constantFrom('1.0.0', '2.1.0-rc.1'),
      release: cid,
      publisher: fc.constantFrom(ALICE, BOB),
      statement: cid,
      log: fc.record({
        index: fc.nat(9),
        size: fc.integer({ min: 10, max: 99 }),
        root: fc.constant(ROOT),
      }),
      tools: fc
        .uniqueArray(fc.tuple(tool, locked), {
          minLength: 1,
          maxLength: 4,
          selector: ([key]) => key,
        })
        .map((entries) => new Map(entries)),
    })
    const releases = fc.uniqueArray(fc.tuple(name, release), {
      maxLength: 4,
      selector: ([key]) => key,
    })
    fc.assert(
      fc.property(releases, fc.nat(), (entries, count) => {
        const lock: Lock = {
          releases: new Map(entries),
          revocations: new Map([
            [ALICE, count],
            [BOB, 0],
          ]),
        }
        const bytes = formatLock(lock)
        expect(formatLock(parseLock(bytes))).toEqual(bytes)
        expect(validate(JSON.parse(Buffer.from(bytes).toString()))).toBe(true)
      }),
    )
  })
})

describe('what is not understood is refused', () => {
  const NEXT = 'Correct that line by hand, or take the last good file out of version control.'

  test.each<[string, string, number, string, string]>([
    [
      'an unknown field',
      changed('"log": {', '"lgo": 1,\n"log": {'),
      10,
      'only the fields version, release, publisher, statement, log, tools, range',
      'a field "lgo"',
    ],
    [
      'an unknown field of a tool',
      changed('"approved": {', '"aproved": {'),
      19,
      'only the fields cid, surface, approved',
      'a field "aproved"',
    ],
    ['a missing field', changed('      "version": "1.4.2",\n', ''), 5, 'a field "version"', 'none'],
    [
      'a wrong type',
      changed('"index": 41', '"index": "41"'),
      10,
      'a whole number from 0 to 2^53 - 2',
      '"41"',
    ],
    [
      'an entry after the end of the log',
      changed('"index": 41', '"index": 57'),
      10,
      'less than the size 57',
      '57',
    ],
    [
      'another spelling of a CID',
      changed(`"cid": "${CID}"`, `"cid": "${CID.toUpperCase()}"`),
      17,
      'CIDv1, raw, sha2-256, lower-case base32 (bafkrei…, 59 characters)',
      `"${CID.toUpperCase()}"`,
    ],
    [
      'a name without a namespace',
      changed('com.acme/weather', 'weather'),
      5,
      'namespace/name in lower-case ASCII, for example com.example/weather',
      '"weather"',
    ],
    [
      'a release without tools',
      TEXT.replace(/"tools": \{[\s\S]*?\n {6}\}/, '"tools": {}'),
      11,
      'one tool or more',
      'none',
    ],
    [
      'a count that is not one',
      changed(`"${ALICE}": 3`, `"${ALICE}": -3`),
      25,
      'a whole number from 0 to 2^53 - 2',
      '-3',
    ],
    [
      'an approver nobody can see',
      changed('"by": "alice"', '"by": "ali\u202ece"'),
      19,
      '1 to 100 visible characters',
      '"ali\u202ece"',
    ],
    ['a list', '[]', 1, 'an object', 'a list'],
  ])('%s', (_what, text, line, expected, got) => {
    const { code, verdict, message, details } = refusalOf(text)
    expect({ code, verdict, message }).toEqual({
      code: 'LOCK_INVALID',
      verdict: 'MALFORMED',
      message: 'tools.lock.json is not a lockfile as it must be.',
    })
    expect(details).toMatchObject({ line, expected, got, next: NEXT })
  })

  test('a newer form', () => {
    expect(refusalOf(changed('"lockVersion": 1', '"lockVersion": 2')).details).toMatchObject({
      line: 2,
      expected: '1',
      got: '2',
      next: 'A newer version of this program has written it: update this one.',
    })
  })

  test('a publisher without a count of revocations, which would be no floor', () => {
    expect(refusalOf(changed(`\n    "${ALICE}": 3\n  `, '')).details).toMatchObject({
      line: 24,
      expected: `a count for ${ALICE}`,
      got: 'none',
      next: `Add "${ALICE}": 0 to it, then run \`registry update\`.`,
    })
  })

  test('one key twice', () => {
    const text = changed('"index": 41', '"index": 40, "index": 41')
    const error = refusalOf(text)
    expect(error.code).toBe('LOCK_INVALID')
    expect(error.message).toBe(
      'tools.lock.json is not a lockfile as it must be: This key occurs twice in one object.',
    )
    expect(error.details).toMatchObject({ line: 10, got: '"index" again', next: NEXT })
  })

  test('the marks of a merge conflict, with the line and what to do', () => {
    const text = changed(
      '        "get_forecast": {\n',
      '<<<<<<< HEAD\n        "get_forecast": {\n=======\n        "get_other": {\n>>>>>>> branch\n',
    )
    const { code, message, details } = refusalOf(text)
    expect({ code, message }).toEqual({
      code: 'LOCK_INVALID',
      message: 'tools.lock.json is not a lockfile as it must be.',
    })
    expect(details).toMatchObject({
      line: 16,
      expected: 'one version of each line',
      got: 'the marks of a merge conflict',
      next: 'Keep what both sides added, take the marks out, then run `registry verify --locked`.',
    })
  })

  test('bytes that are no text', () => {
    expect(refusalOf(Uint8Array.of(0x7b, 0xff)).code).toBe('LOCK_INVALID')
  })
})

const folder = join(import.meta.dirname, '..', '..', '..', 'schema')
const ajv = new Ajv2020({ strict: true, strictRequired: false })
const schemaAt = (name: string) =>
  JSON.parse(readFileSync(join(folder, `${name}.schema.json`), 'utf8'))
for (const name of ['tool', 'release']) ajv.addSchema(schemaAt(name))
const validate = ajv.compile(schemaAt('lock'))

describe('parser and schema', () => {
  const sample = JSON.parse(TEXT) as Json
  const strange: readonly Json[] = [
    null,
    true,
    -1,
    0,
    1,
    57,
    1.5,
    '',
    'x',
    'a\u202eb',
    '..',
    CID,
    ALICE,
    SURFACE,
    ROOT,
    [],
    {},
    { x: 1 },
  ]

  function agree(document: Json): void {
    const text = JSON.stringify(document)
    const isValid = validate(document)
    try {
      parseLock(utf8(text))
      expect(isValid, text).toBe(true)
    } catch (error) {
      if (!isRegistryError(error)) throw error
      // Said in words only, by the schema.
      if (/^(?:less than the size|a count for)/.test(String(error.details.expected))) return
      expect(isValid, `${error.details.expected} ${text}`).toBe(false)
    }
  }

  test('judge the sample, and every change of one part of it, alike', () => {
    agree(sample)
    for (const path of pathsOf(sample)) {
      for (const value of [undefined, ...strange]) agree(replaced(sample, path, value))
      agree(replaced(sample, [...path, 'zzz'], 1))
      agree(replaced(sample, [...path, '..'], {}))
    }
  })
})

type Path = readonly string[]

function pathsOf(value: Json, path: Path = []): Path[] {
  const below = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return [path, ...below.flatMap(([key, inner]) => pathsOf(inner as Json, [...path, key]))]
}

function replaced(document: Json, path: Path, value: Json | undefined): Json {
  const [key, ...rest] = path
  if (key === undefined) return value ?? null
  if (typeof document !== 'object' || document === null) return document
  const { [key]: old, ...others } = document as Record<string, Json>
  if (rest.length > 0) return { ...others, [key]: replaced(old ?? null, rest, value) }
  return value === undefined ? others : { ...others, [key]: value }
}
