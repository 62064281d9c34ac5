import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import oracle from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalBytes,
  canonicalize,
  isRegistryError,
  parseCanonical,
  parseJson,
  type RegistryError,
  utf8,
} from '../../src/lib/index.ts'
import { sharedPath } from '../shared.ts'

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isRegistryError(error)) return error.code
    throw error
  }
  return 'accepted'
}

const vectors = sharedPath('data', 'vectors', 'jcs')

describe('canonicalize', () => {
  it.skipIf(vectors === undefined)('makes the published RFC 8785 outputs', () => {
    const names = readdirSync(join(vectors ?? '', 'input'))
    for (const name of names) {
      const input = readFileSync(join(vectors ?? '', 'input', name), 'utf8')
      const output = readFileSync(join(vectors ?? '', 'output', name))
      expect(Buffer.from(canonicalBytes(JSON.parse(input))).equals(output), name).toBe(true)
      expect(canonicalize(parseCanonical(output))).toBe(output.toString())
    }
    expect(names.length).toBeGreaterThan(4)
  })

  it.skipIf(vectors === undefined)('writes 100,000 numbers as ECMAScript does', () => {
    const lines = readFileSync(join(vectors ?? '', 'es6-numbers.txt'), 'utf8')
      .trim()
      .split('\n')
    const view = new DataView(new ArrayBuffer(8))
    const wrong = lines.filter((line) => {
      const [hex = '', expected] = line.split(',')
      view.setBigUint64(0, BigInt(`0x${hex}`))
      return canonicalize(view.getFloat64(0)) !== expected
    })
    expect(wrong).toEqual([])
    expect(lines.length).toBe(100_000)
  })

  it('agrees with an independent implementation on any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium', maxDepth: 20 }), (value) => {
        const expected = oracle(value)
        // The one JSON value that is refused on purpose; the oracle writes it.
        if (expected?.includes('"__proto__":'))
          expect(() => canonicalize(value)).toThrow('__proto__')
        else expect(canonicalize(value)).toBe(expected)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', { a: [Number.POSITIVE_INFINITY] }],
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['a function', { a: () => 1 }],
    ['a symbol', [Symbol('a')]],
    ['a bigint', 1n],
    ['a hole', Array.from({ length: 3 }).fill(1, 0, 1)],
    ['a sparse array', new Array(2)],
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate as key', { '\udc00': 1 }],
    ['a date', new Date(0)],
    ['a map', new Map([['a', 1]])],
    ['bytes', Buffer.from('a')],
  ])('refuses %s', (_, value) => {
    expect(codeOf(() => canonicalize(value))).toBe('NOT_CANONICAL')
  })

  it('refuses 33 levels and a cycle without overflowing', () => {
    let deep: unknown = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    expect(codeOf(() => canonicalize(deep))).toBe('LIMIT_EXCEEDED')
    expect(codeOf(() => canonicalize(cycle))).toBe('LIMIT_EXCEEDED')
  })

  it('orders keys by UTF-16 unit, numeric keys too', () => {
    expect(canonicalize({ 10: 1, 9: 2, a: 3, '\u{1f600}': 4, '\ufb33': 5 })).toBe(
      '{"10":1,"9":2,"a":3,"\u{1f600}":4,"\ufb33":5}',
    )
  })
})

describe('parseCanonical', () => {
  it.each([
    ['{"b":1,"a":2}', 'NOT_CANONICAL'],
    ['{"a": 1}', 'NOT_CANONICAL'],
    ['[1.0]', 'NOT_CANONICAL'],
    ['[1E2]', 'NOT_CANONICAL'],
    ['[-0]', 'NOT_CANONICAL'],
    ['["\\u0061"]', 'NOT_CANONICAL'],
    ['["\\/"]', 'NOT_CANONICAL'],
    ['["\\u001F"]', 'NOT_CANONICAL'],
    ['{}\n', 'NOT_CANONICAL'],
    ['{"9":1,"10":2}', 'NOT_CANONICAL'],
    ['{"a":1,"a":1}', 'JSON_DUPLICATE_KEY'],
    ['["\\ud800"]', 'JSON_SURROGATE'],
    ['[1e400]', 'JSON_NUMBER'],
    ['[9007199254740993]', 'JSON_NUMBER'],
    ['{"__proto__":1}', 'JSON_FORBIDDEN_KEY'],
    ['{"a":}', 'JSON_SYNTAX'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'LIMIT_EXCEEDED'],
  ])('refuses %s as %s', (text, code) => {
    expect(codeOf(() => parseCanonical(utf8(text)))).toBe(code)
  })

  it('accepts numeric keys in UTF-16 order, a backslash before "ud", and "__proto__" as a value', () => {
    for (const text of ['{"10":1,"9":2}', '["\\\\ud800"]', '["__proto__"]', '[1e+21]']) {
      expect(canonicalize(parseCanonical(utf8(text)))).toBe(text)
    }
  })

  it('shows where the text leaves its canonical form', () => {
    try {
      parseCanonical(utf8('{"a":1, "b":2}'))
      expect.unreachable()
    } catch (error) {
      expect((error as RegistryError).details).toMatchObject({
        expected: '"\\"b\\":2}"',
        got: '" \\"b\\":2}" at character 7',
      })
    }
  })

  it('t26-canonical-form: accepts a byte string only if it is the canonical form of what it parses to', () => {
    const value = fc.jsonValue({ depthSize: 'small', maxDepth: 8 })
    const change = fc.tuple(fc.nat(), fc.constantFrom('', ' ', '0', '"', ',', '\\', '}', 'e', '-'))
    let accepted = 0
    fc.assert(
      fc.property(value, fc.option(change), (json, edit) => {
        let text = oracle(json) ?? ''
        if (edit !== null) {
          const at = edit[0] % (text.length + 1)
          text = text.slice(0, at) + edit[1] + text.slice(at + (edit[0] % 2))
        }
        const bytes = utf8(text)
        let parsed: unknown
        try {
          parsed = parseCanonical(bytes)
        } catch (error) {
          expect(isRegistryError(error)).toBe(true)
          if (edit === null) expect(text).toContain('"__proto__":')
          return
        }
        accepted++
        expect(Buffer.from(canonicalBytes(parsed)).equals(bytes)).toBe(true)
        if (!/\d{16}/.test(text)) expect(parseJson(bytes)).toEqual(parsed)
      }),
      { numRuns: 3000 },
    )
    expect(accepted).toBeGreaterThan(500)
  })
})
