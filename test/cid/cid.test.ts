import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cidFromDigest,
  cidOf,
  digestOf,
  isCid,
  parseCid,
  writeDigest,
} from '../../src/cid/index.ts'
import {
  decodeBase32,
  encodeBase32,
  isRegistryError,
  sha256,
  toHex,
  utf8,
} from '../../src/lib/index.ts'

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'cid')
const cases = readdirSync(folder).map((file) => {
  const { cid } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { cid: unknown }
  return { name: file.replace('.json', ''), cid }
})

describe('parseCid', () => {
  it.each(cases.filter(({ name }) => name.endsWith('_fail')))('refuses $name', ({ cid }) => {
    expect(isCid(cid)).toBe(false)
    try {
      parseCid(cid)
      expect.unreachable()
    } catch (error) {
      expect(isRegistryError(error, 'CID_INVALID')).toBe(true)
    }
  })

  it.each(cases.filter(({ name }) => !name.endsWith('_fail')))('accepts $name', ({ cid }) => {
    expect(parseCid(cid)).toBe(cid)
    expect(cidFromDigest(digestOf(parseCid(cid)))).toBe(cid)
  })

  it('has thirty cases or more', () => {
    expect(cases.length).toBeGreaterThanOrEqual(30)
  })

  it('t24-hash-confusion: accepts exactly one spelling of each digest', () => {
    const char = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567ABC01=/ ')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(58), char, (bytes, at, other) => {
        const cid = cidOf(bytes)
        const changed = cid.slice(0, at) + other + cid.slice(at + 1)
        if (isCid(changed) && changed !== cid) {
          expect(toHex(digestOf(changed))).not.toBe(toHex(digestOf(cid)))
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('cidOf', () => {
  it('is what another implementation computes', () => {
    // By Python: base64.b32encode(b'\x01\x55\x12\x20' + hashlib.sha256(b'hello world').digest()).
    expect(cidOf(utf8('hello world'))).toBe(
      'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e',
    )
    expect(toHex(digestOf(cidOf(utf8('hello world'))))).toBe(toHex(sha256(utf8('hello world'))))
  })
})

describe('isCid', () => {
  it('accepts exactly what decodes to the prefix and a digest, and encodes to itself again (property)', () => {
    const isCidByBytes = (text: string): boolean => {
      try {
        const bytes = decodeBase32(text.slice(1))
        const prefix = toHex(bytes.subarray(0, 4))
        return bytes.length === 36 && prefix === '01551220' && `b${encodeBase32(bytes)}` === text
      } catch {
        return false
      }
    }
    const alphabet = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567A1=')
    const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(digest, fc.nat(58), alphabet, (bytes, at, char) => {
        const good = cidFromDigest(bytes)
        expect(isCid(good)).toBe(true)
        const changed = good.slice(0, at) + char + good.slice(at + 1)
        expect(isCid(changed)).toBe(isCidByBytes(changed))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('writeDigest', () => {
  const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })

  it('writes what is decoded, and nothing beside it (property)', () => {
    fc.assert(
      fc.property(digest, fc.nat(4), (bytes, at) => {
        const into = new Uint8Array(at + 34).fill(7)
        const cid = cidFromDigest(bytes)
        expect(writeDigest(cid, into, at)).toBe(true)
        expect(toHex(into.subarray(at, at + 32))).toBe(
          toHex(decodeBase32(cid.slice(1)).subarray(4)),
        )
        expect([...into.subarray(0, at), ...into.subarray(at + 32)].every((one) => one === 7)).toBe(
          true,
        )
      }),
    )
  })

  it('refuses exactly what isCid refuses, whatever was asked before (property)', () => {
    // U+0161 and U+D861 end in the byte of an "a"; two letters of UTF-8 that no longer fit are not written at all.
    const odd = fc.constantFrom(
      ...'abcdefghijklmnopqrstuvwxyz234567A1= ',
      '\u0161',
      '\u{20061}',
      '\ud861',
      '\u00e1',
      '\0',
      '',
    )
    fc.assert(
      fc.property(digest, fc.nat(59), fc.nat(1), odd, (bytes, at, cut, char) => {
        const good = cidFromDigest(bytes)
        const changed = good.slice(0, at) + char + good.slice(at + cut)
        expect(writeDigest(good, new Uint8Array(32), 0)).toBe(true)
        expect(writeDigest(changed, new Uint8Array(32), 0)).toBe(isCid(changed))
      }),
      { numRuns: 5000 },
    )
    for (const other of [undefined, 7, ['bafkrei']])
      expect(writeDigest(other, new Uint8Array(32), 0)).toBe(false)
  })
})
