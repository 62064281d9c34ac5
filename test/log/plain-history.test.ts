// Most histories are read at one look, the others by the parser: whatever is done to their text, the verdicts agree.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { isRegistryError } from '../../src/lib/index.ts'
import { historyBlock, parseHistory, readHistory } from '../../src/log/replay/history.ts'
import { readPlainHistory } from '../../src/log/replay/plain-history.ts'

const cid = (text: string): ReturnType<typeof cidOf> => cidOf(Buffer.from(text))
const OWN_NAME = `p${'a'.repeat(52)}/weather`

function textWith(name: string, versions: readonly string[]): string {
  const members = versions.map((version, i) => [version, { release: cid(version), seq: i + 1 }])
  const history = { kind: 'history/v1', name, versions: Object.fromEntries(members) } as const
  return Buffer.from(historyBlock(history).bytes).toString('latin1')
}

function verdictOf(read: typeof parseHistory, text: string): unknown {
  try {
    return read(Buffer.from(text, 'latin1'))
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return [error.code, error.message, error.details.path]
  }
}

function assertAgreed(text: string): void {
  expect(verdictOf(parseHistory, text)).toEqual(verdictOf(readHistory, text))
}

const texts = [
  textWith('com.example/weather', ['1.0.0']),
  textWith(OWN_NAME, ['1.0.0', '1.0.0-rc.1', '10.0.0', '2.0.0']),
]
const values: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /"name":"[^"]*"/,
    ['weather', 'a/b', 'Com.example/x', `p${'a'.repeat(51)}b/x`, '', '\\u0061.b/c'].map(
      (name) => `"name":"${name}"`,
    ),
  ],
  [
    /"1\.0\.0"/,
    ['"1"', '"01.0.0"', '"1.0.0-01"', '"__proto__"', '""', '"3.0.0"', '"2.0.0"', '"1.0.0-rc.1"'],
  ],
  [
    /"seq":1/,
    [
      '0',
      '01',
      '-1',
      '1.0',
      '1e3',
      '9007199254740990',
      '9007199254740991',
      '999999999999999',
      '"1"',
    ].map((seq) => `"seq":${seq}`),
  ],
  [
    /"seq":1/,
    [',"yanked":{"seq":2}', ',"deprecated":{"seq":2}', ',"more":1'].map((more) => `"seq":1${more}`),
  ],
  [/bafkrei[a-z2-7]{52}/, [cid('other'), `${cid('x').slice(0, -1)}b`, 'bafkrei', '']],
  [/"versions":\{.*$/, ['"versions":{}}', '"versions":[]}']],
  [/$/, [' ', '\n', ',', '{}']],
  [/^/, ['\xef\xbb\xbf', ' ', '[']],
]
const given: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(
      fc.oneof(
        ...values.map(([from, to]) =>
          fc.constantFrom(...to).map((value) => (text: string) => text.replace(from, () => value)),
        ),
      ),
      { maxLength: 2 },
    ),
  )
  .map(([text, changes]) => changes.reduce((changed, change) => change(changed), text))

test.each(texts)('the usual history is read at one look', (text) => {
  const bytes = Buffer.from(text)
  expect(readPlainHistory(bytes)).toEqual(readHistory(bytes))
  expect(Object.isFrozen(readPlainHistory(bytes)?.versions)).toBe(true)
})

test('a long one is not', () => {
  const versions = Array.from({ length: 60 }, (_, i) => `1.0.${i + 10}`)
  const text = textWith(OWN_NAME, versions)
  expect(readPlainHistory(Buffer.from(text))).toBeUndefined()
  assertAgreed(text)
})

test('other values in its places (property)', () => {
  fc.assert(fc.property(given, assertAgreed), { numRuns: 2_000 })
})

test('any byte changed, put in or left out (property)', () => {
  const change = fc.tuple(
    given,
    fc.nat(700),
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
