import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeJsonText, escapeText, FORBIDDEN_RANGES, findForbidden } from '../../src/lib/index.ts'

const PAYLOADS = [
  '\u001b[2J',
  '\u001b]0;title\u0007',
  '\u009b31m',
  '\r',
  '\n',
  '\t',
  '\u0000',
  '\u007f',
  '\u202e',
  '\u2066',
  '\u200e',
  '\u061c',
  '\u200b',
  '\u200d',
  '\u2060',
  '\ufeff',
  '\u180e',
  '\u00ad',
  '\ufe0f',
  '\u{e0041}',
  '\u{e0100}',
  '\u2028',
  '\u3164',
  '\u2800',
  '\ud800',
]

describe('escapeText', () => {
  it.each(PAYLOADS)('leaves nothing unseen of %j', (payload) => {
    const safe = escapeText(`a${payload}b`)
    expect(findForbidden(safe)).toBeUndefined()
    expect(safe).toMatch(/^a\\u\{[0-9a-f]+\}/)
  })

  it('leaves what people read as it is', () => {
    for (const text of ['Grüße', '天気 予報', 'naïve café ☕', 'a\\b "c"']) {
      expect(escapeText(text)).toBe(text)
    }
  })

  it('hides no forbidden character of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(findForbidden(escapeText(text))).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })

  it('covers every range that names refuse', () => {
    for (const [first, last] of FORBIDDEN_RANGES) {
      for (const code of [first, last]) {
        const char = String.fromCodePoint(code)
        expect(escapeText(char)).toBe(`\\u{${code.toString(16)}}`)
        expect(findForbidden(`ok${char}`)).toMatchObject({ index: 2, codePoint: code })
      }
    }
  })
})

describe('escapeJsonText', () => {
  it('means the same in printable ASCII', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        const json = JSON.stringify([value, text], null, 2)
        const safe = escapeJsonText(json)
        expect(safe).toMatch(/^[\x20-\x7e\n\t]*$/)
        expect(JSON.parse(safe)).toEqual(JSON.parse(json))
      }),
    )
  })

  it('escapes by UTF-16 unit', () => {
    expect(escapeJsonText('["\u{1f600}\u007f"]')).toBe('["\\ud83d\\ude00\\u007f"]')
  })
})

describe('findForbidden', () => {
  it('says what it found', () => {
    expect(findForbidden('a\u202eb')).toEqual({
      index: 1,
      codePoint: 0x202e,
      what: 'a bidirectional control',
    })
    expect(findForbidden('weather-Überblick')).toBeUndefined()
  })
})
