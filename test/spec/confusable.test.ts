// Names that look alike or are a slip apart.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasPunycode, isNear, skeletonOf } from '../../src/spec/index.ts'

describe('skeletonOf', () => {
  test.each([
    ['com.acme/rnail', 'com.acme/mail'],
    ['com.acme/mail', 'corn.acme/mail'],
    ['com.vvallet/pay', 'com.wallet/pay'],
    ['com.acme/t00ls', 'com.acme/tools'],
    ['com.paypa1/x', 'com.paypal/x'],
    ['com.paypai/x', 'com.paypal/x'],
    ['com.acme/5earch', 'com.acme/search'],
    ['com.acme/web-search', 'com.acme/web_search'],
    ['com.acme/web-search', 'com.acme/websearch'],
    ['com.acme/web.search', 'com.acme/web-search'],
    ['com.acme/serch', 'com.acme/seerch'],
    ['com.google/x', 'com.gogle/x'],
    ['com.g00gle/x', 'com.google/x'],
    ['io.github/alice-weather', 'io.github.alice/weather'],
    ['com.acme/small', 'com.acme/smal1'],
  ])('%s looks like %s', (a, b) => {
    expect(skeletonOf(a)).toBe(skeletonOf(b))
  })

  test.each([
    ['com.acme/mail', 'com.acme/maps'],
    ['com.acme/mail', 'com.acme/snail'],
    ['com.acme/mail', 'org.acme/mail'],
    ['com.acme/bar-n', 'com.acme/bam'],
    ['com.acme/weather2', 'com.acme/weather3'],
  ])('%s does not look like %s', (a, b) => {
    expect(skeletonOf(a)).not.toBe(skeletonOf(b))
  })
})

describe('isNear', () => {
  test.each([
    ['com.acme', 'com.acne', 'a letter changed'],
    ['com.acme', 'com.amce', 'neighbours swapped'],
    ['com.acme', 'com.acmee', 'a letter more'],
    ['com.acme', 'com.acm', 'a letter less'],
    ['com.acme', 'co.acme', 'another ending'],
    ['com.weather-tools', 'com.waether-tool', 'two slips in a long word'],
    ['io.github.alice-lidell', 'io.github.alice-liddel', 'the labels before it are no help'],
    ['weather', 'wether', 'a bare word'],
  ])('%s and %s: %s', (a, b) => {
    expect(isNear(a, b)).toBe(true)
  })

  test.each([
    ['com.acme', 'com.acme', 'the same'],
    ['com.acme', 'com.aceem', 'two slips in a short word'],
    ['com.acme', 'org.acme', 'other letters'],
    ['io.github.bob', 'io.github.ann', 'short, however long what is before it'],
    ['ab', 'ac', 'two letters'],
    ['io.acme', 'ai.acme', 'two letters in a label'],
    ['com.ab.weather-tools', 'com.xy.weather-tools', 'short, however long what is after it'],
    ['com.weather-tools', 'com.whether-stool', 'three slips'],
    ['com.acme', 'com.acme.tools', 'inside it'],
  ])('not %s and %s: %s', (a, b) => {
    expect(isNear(a, b)).toBe(false)
  })

  const label = fc.stringMatching(/^[a-c]{1,12}$/)
  const namespace = fc
    .array(label, { minLength: 1, maxLength: 3 })
    .map((labels) => labels.join('.'))

  test('is mutual, and never of a name and itself', () => {
    fc.assert(
      fc.property(namespace, namespace, (a, b) => {
        expect(isNear(a, b)).toBe(isNear(b, a))
        expect(isNear(a, a)).toBe(false)
      }),
    )
  })

  test('one slip in a word of three letters or more is near', () => {
    const word = fc.stringMatching(/^[a-z]{3,20}$/)
    const slip = fc.constantFrom('insert', 'delete', 'change', 'swap')
    fc.assert(
      fc.property(word, fc.nat(), slip, (text, seed, kind) => {
        const at = seed % (text.length - 1)
        const [head, a = '', b = '', tail] = [
          text.slice(0, at),
          text[at],
          text[at + 1],
          text.slice(at + 2),
        ]
        const slipped = {
          insert: `${head}${a}0${b}${tail}`,
          delete: `${head}${b}${tail}`,
          change: `${head}0${b}${tail}`,
          swap: `${head}${b}${a}${tail}`,
        }[kind]
        expect(isNear(text, slipped)).toBe(text !== slipped)
      }),
    )
  })
})

test('hasPunycode looks at the beginning of each label', () => {
  expect(hasPunycode('com.xn--80ak6aa92e')).toBe(true)
  expect(hasPunycode('xn--p1ai.acme')).toBe(true)
  expect(hasPunycode('com.axn--b')).toBe(false)
  expect(hasPunycode('com.acme')).toBe(false)
})
