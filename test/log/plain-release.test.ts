// A release is read at one look, a yank by the parser, and both have the same fields: whatever is done to their text, the verdicts agree.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { isRegistryError } from '../../src/lib/index.ts'
import { readPlainRelease } from '../../src/log/entries/plain-release.ts'
import { parseStatement } from '../../src/log/index.ts'
import { publisherIdOf } from '../../src/spec/index.ts'
import { createPublisher, genesisStatement, releaseStatement } from './helpers.ts'

const genesis = genesisStatement({ roles: createPublisher().roles })
const publisher = publisherIdOf(genesis)
const cid = (text: string): string => cidOf(Buffer.from(text))
const TEXT = Buffer.from(
  releaseStatement({
    publisher,
    seq: 1234,
    prev: cidOf(genesis),
    index: cidOf(Buffer.from('index')),
    name: 'com.example/weather',
    version: '1.0.0-rc.1',
    release: cidOf(Buffer.from('release')),
  }),
).toString('latin1')

/** What a statement says beside its action, or why it says nothing. Places in a text differ: it is shorter by three. */
function verdictOf(text: string): unknown {
  try {
    const { kind: _, cid: __, bytes: ___, ...said } = parseStatement(Buffer.from(text, 'latin1'))
    return { ...said, reason: undefined }
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return [error.code, error.message, error.details.path]
  }
}

function assertAgreed(text: string): void {
  const yank = text.replace('toolmark.dev/release/v1', 'toolmark.dev/yank/v1')
  expect(verdictOf(text)).toEqual(verdictOf(yank))
}

const values: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /com\.example\/weather/,
    [
      'weather',
      'a/b',
      'com.example//x',
      '-a.b/c',
      'com.example/Weather',
      'com.example/\\u0077',
      '',
    ],
  ],
  [/1\.0\.0-rc\.1/, ['1', '01.0.0', '1.0.0-01', '1.0.0', '', 'v1.0.0', `1.0.0-${'a'.repeat(100)}`]],
  [
    /1234/,
    [
      '0',
      '01',
      '-1',
      '1.0',
      '1e3',
      '9007199254740990',
      '9007199254740991',
      '9007199254740993',
      '"1"',
    ],
  ],
  [/p[a-z2-7]{52}/, [`p${'a'.repeat(51)}b`, `q${publisher.slice(1)}`, publisher.slice(1)]],
  [/[0-9a-f]{64}/, ['0'.repeat(64), 'F'.repeat(64), '0'.repeat(63)]],
  [/bafkrei[a-z2-7]{52}/g, [cid('other'), `${cid('x').slice(0, -1)}b`, 'bafkrei', '']],
  [/"_type"/, ['"_type" ', '"_typf"', '"_type":1,"_type"']],
  [/$/, [' ', '\n', ',', '{}']],
  [/^/, ['\xef\xbb\xbf', ' ', '[']],
]
const given: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      ...values.map(([from, to]) =>
        fc.constantFrom(...to).map((value) => (text: string) => text.replace(from, value)),
      ),
    ),
    { maxLength: 2 },
  )
  .map((changes) => changes.reduce((text, change) => change(text), TEXT))

test('the usual release is read at one look', () => {
  expect(readPlainRelease(Buffer.from(TEXT))).toMatchObject({
    kind: 'release',
    seq: 1234,
    publisher,
  })
})

test('other values in its places (property)', () => {
  fc.assert(fc.property(given, assertAgreed), { numRuns: 2_000 })
})

test('any byte changed, put in or left out (property)', () => {
  const at = fc.nat(TEXT.length - 1)
  const change = fc.tuple(
    given,
    at,
    fc.nat(1),
    fc.constantFrom('', '"', '\\', '\0', '\xff', 'a', '0'),
  )
  fc.assert(
    fc.property(change, ([text, at, cut, put]) => {
      assertAgreed(text.slice(0, at) + put + text.slice(at + cut))
    }),
    { numRuns: 4_000 },
  )
})
