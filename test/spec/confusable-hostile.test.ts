// Names that an attacker would like to have read as another: none of them is a name.

import { expect, test } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import { isBareName, parseName, parseReference } from '../../src/spec/index.ts'

/** Each is put into the namespace, into the name, and at both ends. */
const CHARACTERS: readonly (readonly [what: string, text: string])[] = [
  ['Cyrillic a', '\u0430'],
  ['Cyrillic e', '\u0435'],
  ['Cyrillic o', '\u043e'],
  ['Cyrillic c', '\u0441'],
  ['Cyrillic p', '\u0440'],
  ['Cyrillic i', '\u0456'],
  ['Greek o', '\u03bf'],
  ['Greek nu', '\u03bd'],
  ['Armenian o', '\u0585'],
  ['Latin alpha', '\u0251'],
  ['dotless i', '\u0131'],
  ['Kelvin sign', '\u212a'],
  ['long s', '\u017f'],
  ['full-width a', '\uff41'],
  ['mathematical a', '\u{1d41a}'],
  ['a with an accent', '\u00e1'],
  ['combining accent', '\u0301'],
  ['ligature fi', '\ufb01'],
  ['zero-width space', '\u200b'],
  ['zero-width joiner', '\u200d'],
  ['zero-width non-joiner', '\u200c'],
  ['word joiner', '\u2060'],
  ['byte order mark', '\ufeff'],
  ['soft hyphen', '\u00ad'],
  ['right-to-left mark', '\u200f'],
  ['right-to-left override', '\u202e'],
  ['right-to-left isolate', '\u2067'],
  ['pop isolate', '\u2069'],
  ['variation selector', '\ufe0f'],
  ['tag letter', '\u{e0061}'],
  ['Hangul filler', '\u3164'],
  ['Braille blank', '\u2800'],
  ['no-break space', '\u00a0'],
  ['ideographic space', '\u3000'],
  ['space', ' '],
  ['tab', '\t'],
  ['newline', '\n'],
  ['carriage return', '\r'],
  ['escape', '\u001b[2J'],
  ['NUL', '\0'],
  ['backspace', '\b'],
  ['C1 control', '\u009b'],
  ['line separator', '\u2028'],
  ['half a surrogate pair', '\ud800'],
  ['ideographic full stop', '\u3002'],
  ['division slash', '\u2215'],
  ['fraction slash', '\u2044'],
  ['full-width slash', '\uff0f'],
  ['non-breaking hyphen', '\u2011'],
  ['percent escape', '%2e'],
  ['backslash', '\\'],
  ['colon', ':'],
  ['upper case', 'A'],
]

const SHAPES = [
  '',
  '/',
  '.',
  '..',
  'mail',
  'com.acme',
  'com.acme/',
  '/mail',
  'com/mail',
  'com..acme/mail',
  '.com.acme/mail',
  'com.acme./mail',
  'com.-acme/mail',
  'com.acme-/mail',
  'com.ac_me/mail',
  'com.acme//mail',
  'com.acme/mail/x',
  'com.acme/../mail',
  'com.acme/.mail',
  'com.acme/mail.',
  'com.acme/-mail',
  'com.acme/mail-',
  'com.acme/_mail',
  `com.${'a'.repeat(64)}/mail`,
  `com.${'a'.repeat(65)}/mail`,
  `com.acme/${'a'.repeat(101)}`,
  `${'a.'.repeat(60)}com/${'a'.repeat(99)}`,
  `p${'a'.repeat(51)}/mail`,
  `p${'a'.repeat(51)}b/mail`,
  'https://com.acme/mail',
  'com.acme/mail?x=1',
  '~/mail',
]

const hostile = [
  ...CHARACTERS.flatMap(([what, text]): (readonly [string, string])[] => [
    [`${what} in the namespace`, `com.ac${text}me/mail`],
    [`${what} in the name`, `com.acme/ma${text}il`],
    [`${what} before`, `${text}com.acme/mail`],
    [`${what} after`, `com.acme/mail${text}`],
  ]),
  ...SHAPES.map((name) => [`the shape ${JSON.stringify(name)}`, name] as const),
]

test('there are two hundred of them or more', () => {
  expect(new Set(hostile.map(([, name]) => name)).size).toBeGreaterThanOrEqual(200)
})

test.each(hostile)('t11-confusables: %s is refused', (_what, name) => {
  for (const parse of [parseName, parseReference]) {
    const error = refusal(() => parse(name))
    expect(error.code).toBe('NAME_INVALID')
    expect(error.details.expected).toBeTypeOf('string')
    expect(error.details.next).toBeTypeOf('string')
    // The message itself names code points and shows none of them.
    expect(error.message).toMatch(/^[\x20-\x7e]+$/)
  }
  if (name !== 'mail' && name !== 'com.acme') expect(isBareName(name)).toBe(false)
})

function refusal(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
  throw new Error('it was accepted')
}
