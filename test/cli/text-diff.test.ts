// What changed in a text, as a person is shown it: nothing that differs is left out, however long the text.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeTextChange } from '../../src/cli/text-diff.ts'

const long = Array.from({ length: 200 }, (_, i) => `word${i}`)

describe('a change in a text', () => {
  test.each([
    ['Says hello.', 'Says hullo.', ['Says [-hello.-]{+hullo.+}']],
    ['a', 'a b', ['a{+ b+}']],
    ['a b', 'b', ['[-a -]b']],
    ['', 'new', ['{+new+}']],
    ['a b', 'a  b', ['a[- -]{+  +}b']],
    ['one\ntwo', 'one\nTWO', ['one\n[-two-]{+TWO+}']],
  ])('%j → %j', (before, after, hunks) => {
    expect(describeTextChange(before, after)).toEqual(hunks)
  })

  test('far inside is shown with the words around it', () => {
    const after = long.with(100, 'evil')
    expect(describeTextChange(long.join(' '), after.join(' '))).toEqual([
      `…${long
        .slice(92, 100)
        .map((word) => ` ${word}`)
        .join('')
        .trimStart()} [-word100-]{+evil+} ${long.slice(101, 109).join(' ')}…`,
    ])
  })

  test('at both ends is two places', () => {
    const after = long.with(0, 'first').with(199, 'last')
    const [one, other, ...more] = describeTextChange(long.join(' '), after.join(' '))
    expect(one).toMatch(/^\[-word0-\]\{\+first\+\} word1 .*…$/)
    expect(other).toMatch(/^….* word198 \[-word199-\]\{\+last\+\}$/)
    expect(more).toEqual([])
  })

  test('of everything, in a text too long to align, is shown whole', () => {
    const before = Array.from({ length: 1500 }, (_, i) => `old${i}`).join(' ')
    const after = Array.from({ length: 1500 }, (_, i) => `new${i}`).join(' ')
    const [only = ''] = describeTextChange(before, after)
    expect(only.length).toBeGreaterThanOrEqual(before.length + after.length)
  })

  test('every word that went or came is shown (property)', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'evil', 'mail', '\u200b', 'x\u0430')
    const text = fc.array(word, { maxLength: 80 }).map((words) => words.join(' '))
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after)
        const shown = describeTextChange(before, after).join('\n')
        const only = (these: string, those: string): readonly string[] =>
          these.split(' ').filter((one) => one !== '' && !those.split(' ').includes(one))
        for (const came of only(after, before)) expect(shown).toContain(came)
        for (const gone of only(before, after)) expect(shown).toContain(gone)
        expect(shown).toMatch(/\[-[\s\S]*-\]|\{\+[\s\S]*\+\}/)
      }),
    )
  })
})
