import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import {
  isRegistryError,
  locateLine,
  parseCanonical,
  parseJson,
  RegistryError,
  utf8,
} from '../../src/lib/index.ts'
import { sharedPath } from '../shared.ts'
import { processorMs } from '../support/processor-time.ts'

function errorOf(run: () => unknown): RegistryError {
  try {
    run()
  } catch (error) {
    if (error instanceof RegistryError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const parse = (text: string) => parseJson(utf8(text))
const errorOfText = (text: string) => errorOf(() => parse(text))

const globalsBefore = [Object.prototype, Array.prototype, Function.prototype, String.prototype].map(
  (prototype) => [prototype, Reflect.ownKeys(prototype).length] as const,
)

afterAll(() => {
  for (const [prototype, count] of globalsBefore) {
    expect(Reflect.ownKeys(prototype).length, 'a prototype was poisoned').toBe(count)
  }
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})

describe('parseJson', () => {
  it.each([
    ['{"a":1,"b":{"a":1},"b":2}', 'JSON_DUPLICATE_KEY', '/b'],
    ['{"a":1,"\\u0061":2}', 'JSON_DUPLICATE_KEY', '/a'],
    ['[{"x~/":1,"x~/":1}]', 'JSON_DUPLICATE_KEY', '/0/x~0~1'],
    ['{"__proto__":{"polluted":1}}', 'JSON_FORBIDDEN_KEY', '/__proto__'],
    ['{"\\u005f_proto__":1}', 'JSON_FORBIDDEN_KEY', '/__proto__'],
    ['["\\ud800"]', 'JSON_SURROGATE', '/0'],
    ['["ok","\\udc00\\ud800"]', 'JSON_SURROGATE', '/1'],
    ['["\\ud83d\\u0041"]', 'JSON_SURROGATE', '/0'],
    ['["\\udc00\\udc00"]', 'JSON_SURROGATE', '/0'],
    ['["\\ud800\\ud800"]', 'JSON_SURROGATE', '/0'],
    ['["\\ud800x\\udc00"]', 'JSON_SURROGATE', '/0'],
    ['{"\\udead":1}', 'JSON_SURROGATE', ''],
    ['{"n":1e400}', 'JSON_NUMBER', '/n'],
    ['{"n":-1e400}', 'JSON_NUMBER', '/n'],
    ['[9007199254740993]', 'JSON_NUMBER', '/0'],
    ['[-9007199254740992]', 'JSON_NUMBER', '/0'],
    ['[1,]', 'JSON_SYNTAX', '/1'],
    ['{"a":1,}', 'JSON_SYNTAX', '/a'],
    ['', 'JSON_SYNTAX', ''],
    ['1 2', 'JSON_SYNTAX', ''],
  ])('refuses %s as %s at %s', (text, code, path) => {
    const error = errorOfText(text)
    expect(error.code).toBe(code)
    if (code !== 'JSON_SURROGATE' || path !== '') expect(error.details.path ?? '').toBe(path)
    expect(error.details.line).toBe(1)
  })

  it('accepts what only looks forbidden', () => {
    expect(parse('["\\ud83d\\ude00","😀",9007199254740991,-0,1e-400,1E3]')).toHaveLength(6)
    expect(parse('{"constructor":1,"prototype":2,"a":"__proto__"}')).toHaveProperty('prototype', 2)
  })

  it('says which line, and what to do about a large number', () => {
    const error = errorOfText('{\n  "a": 1,\n  "b": 123456789012345678901\n}')
    expect(error.details).toMatchObject({ line: 3, path: '/b', got: '123456789012345678901' })
    expect(error.message).toBe('This number would lose its value in a 64-bit float.')
    expect(error.details.next).toBe('Write large identifiers and amounts as strings.')
  })

  it('allows 32 levels and refuses 33', () => {
    expect(() => parse('['.repeat(32) + ']'.repeat(32))).not.toThrow()
    expect(errorOfText('['.repeat(33) + ']'.repeat(33)).code).toBe('LIMIT_EXCEEDED')
    expect(errorOfText('{"a":'.repeat(33)).code).toBe('LIMIT_EXCEEDED')
  })

  it.each([
    ['100,000 arrays', '['.repeat(100_000)],
    ['100,000 objects', '{"a":'.repeat(100_000)],
    ['60,000 keys', `{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":1`).join()}}`],
  ])('refuses %s in under 50 ms', (_, text) => {
    const bytes = utf8(text)
    for (const run of [parseJson, parseCanonical]) {
      // The fastest of a few: what others on this machine do is not what is asked about.
      const times = Array.from({ length: 7 }, () => {
        return processorMs(() => expect(errorOf(() => run(bytes)).code).toBe('LIMIT_EXCEEDED'))
      })
      expect(Math.min(...times)).toBeLessThan(50)
    }
  })

  it('judges size before anything else, and names both values', () => {
    const error = errorOf(() => parseJson(new Uint8Array(2_000_000).fill(0xff)))
    expect(error.code).toBe('LIMIT_EXCEEDED')
    expect(error.details).toEqual({ expected: 'at most 1048576 bytes', got: '2000000 bytes' })
  })

  it('refuses bytes that are not UTF-8, and a byte order mark', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0xef, 0xbb, 0xbf, 0x31],
    ]) {
      expect(errorOf(() => parseJson(Uint8Array.from(bytes))).code).toBe('JSON_ENCODING')
    }
  })

  it('reads what JSON.stringify writes, in any layout', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ depthSize: 'medium', maxDepth: 12 }),
        fc.boolean(),
        (value, spaced) => {
          const text = JSON.stringify(value, null, spaced ? 2 : 0)
          fc.pre(!/e\+|\d{16}|__proto__/.test(text))
          expect(parse(text)).toEqual(JSON.parse(text))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('throws nothing but coded errors on any bytes, and accepts only what JSON.parse accepts', () => {
    const soup = fc.array(
      fc.constantFrom(...'{}[]",:\\u0aeE+-.1tfn \n', '"a"', 'true', 'null', 'é', '\u0000'),
    )
    fc.assert(
      fc.property(soup, (parts) => {
        const text = parts.join('')
        try {
          parse(text)
        } catch (error) {
          expect(isRegistryError(error)).toBe(true)
          return
        }
        JSON.parse(text)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('JSONTestSuite', () => {
  const folder = sharedPath('data', 'vectors', 'json-parsing')
  // RFC 8259 leaves these to the parser; I-JSON (RFC 7493) forbids them.
  const FORBIDDEN_BY_I_JSON = new Map([
    ['y_object_duplicated_key.json', 'JSON_DUPLICATE_KEY'],
    ['y_object_duplicated_key_and_value.json', 'JSON_DUPLICATE_KEY'],
  ])

  it.skipIf(folder === undefined)('decides every mandatory case', () => {
    let count = 0
    for (const name of readdirSync(folder ?? '')) {
      const bytes = readFileSync(join(folder ?? '', name))
      const run = () => parseJson(bytes)
      const code = FORBIDDEN_BY_I_JSON.get(name)
      if (name.startsWith('n_') || code !== undefined) {
        const error = errorOf(run)
        if (code !== undefined) expect(error.code, name).toBe(code)
        else expect(error.verdict, name).toBe('MALFORMED')
        count++
      } else if (name.startsWith('y_')) {
        expect(run(), name).toEqual(JSON.parse(bytes.toString()))
        count++
      } else {
        try {
          run()
        } catch (error) {
          expect(isRegistryError(error), name).toBe(true)
        }
      }
    }
    expect(count).toBe(188)
  })

  const transform = sharedPath('data', 'vectors', 'json-transform')
  it.skipIf(transform === undefined)('refuses what parsers are known to transform', () => {
    const verdicts = Object.fromEntries(
      readdirSync(transform ?? '').map((name) => {
        try {
          parseJson(readFileSync(join(transform ?? '', name)))
          return [name, 'accepted']
        } catch (error) {
          return [name, (error as RegistryError).code]
        }
      }),
    )
    for (const [name, verdict] of Object.entries(verdicts)) {
      if (name.startsWith('object_same_key')) expect(verdict, name).toBe('JSON_DUPLICATE_KEY')
      else if (/invalid_codepoint/.test(name)) expect(verdict, name).toMatch(/SURROGATE|ENCODING/)
      else if (/\d{16,}\.json$/.test(name) && !name.includes('.0000'))
        expect(verdict, name).toBe('JSON_NUMBER')
      else expect(verdict, name).toBe('accepted')
    }
  })
})

describe('locateLine', () => {
  const text = '{\n "a": [\n  1,\n  {"b/c": 2}\n ],\n "d":\n  3\n}'
  it.each([
    ['', 1],
    ['/a', 2],
    ['/a/0', 3],
    ['/a/1/b~1c', 4],
    ['/d', 6],
    ['/e', undefined],
  ])('finds %s on line %s', (pointer, line) => {
    expect(locateLine(text, pointer)).toBe(line)
  })
})
