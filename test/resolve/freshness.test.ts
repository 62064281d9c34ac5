// How old a state is, as witnesses say: the k-th newest word counts, whoever writes what else below a checkpoint.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assertFresh,
  freshnessOf,
  parseWitnessPolicy,
  type WitnessWords,
} from '../../src/resolve/index.ts'
import { refusalOf } from '../log/helpers.ts'
import { openWitness, type TestWitness, withLines } from '../support/witness.ts'

const TEXT = 'example.com/log\n7\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n'
const NOTE = Buffer.from(
  `${TEXT}\n\u2014 example.com/log ${Buffer.alloc(68, 7).toString('base64')}\n`,
)
const NOW = new Date('2026-06-01T00:00:00Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ago = (ms: number): Date => new Date(Number(NOW) - ms)

const witnesses: readonly TestWitness[] = ['w0', 'w1', 'w2', 'w3'].map(openWitness)
const [w0, w1, w2] = witnesses as [TestWitness, TestWitness, TestWitness]
const stranger = openWitness('w0')
const policyOf = (words: Partial<WitnessWords> = {}) =>
  parseWitnessPolicy({ witnesses: witnesses.map(({ vkey }) => vkey), ...words })
const freshness = (lines: readonly string[], words: Partial<WitnessWords> = {}) =>
  freshnessOf(withLines(NOTE, ...lines), policyOf(words), NOW)

test('the k-th newest time of as many witnesses, each counted once', () => {
  const said = fc.record({
    who: fc.integer({ min: 0, max: 3 }),
    minutes: fc.integer({ min: -60, max: 20_000 }),
    what: fc.constantFrom('good', 'good', 'good', 'stranger', 'other text'),
  })
  const cases = fc.tuple(fc.array(said, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }))
  fc.assert(
    fc.property(cases, ([saids, quorum]) => {
      const lines = saids.map(({ who, minutes, what }) => {
        const by = what === 'stranger' ? stranger : (witnesses[who] as TestWitness)
        const signed = what === 'other text' ? TEXT.replace('7', '8') : TEXT
        return by.line(TEXT, ago(minutes * MINUTE), signed)
      })
      const newest = new Map<number, number>()
      for (const { who, minutes, what } of saids) {
        if (what !== 'good' || minutes < -5) continue
        newest.set(who, Math.min(minutes, newest.get(who) ?? Number.POSITIVE_INFINITY))
      }
      const minutes = [...newest.values()].sort((a, b) => a - b)[quorum - 1]
      const { time, by } = freshness(lines, { quorum })
      expect(time).toEqual(minutes === undefined ? undefined : ago(minutes * MINUTE))
      expect([...by].sort()).toEqual([...newest.keys()].sort().map((who) => `w${who}`))
    }),
    { numRuns: 150 },
  )
})

test('one witness that says it again and again is one witness', () => {
  const lines = [HOUR, 2 * HOUR, 3 * HOUR].map((ms) => w0.line(TEXT, ago(ms)))
  expect(freshness(lines, { quorum: 2 })).toEqual({ time: undefined, by: ['w0'], ahead: [] })
  expect(freshness([...lines, w1.line(TEXT, ago(DAY))], { quorum: 2 })).toEqual({
    time: ago(DAY),
    by: ['w0', 'w1'],
    ahead: [],
  })
})

describe('a clock that is wrong', () => {
  test('five minutes ahead count, a second more is told and does not', () => {
    const late = ago(-5 * MINUTE)
    expect(freshness([w0.line(TEXT, late)], { quorum: 1 }).time).toEqual(late)
    const later = ago(-5 * MINUTE - 1000)
    const { time, by, ahead } = freshness([w0.line(TEXT, later)], { quorum: 1 })
    expect({ time, by }).toEqual({ time: undefined, by: [] })
    expect(ahead.map(({ witness, time: at }) => [witness.name, at])).toEqual([['w0', later]])
  })

  test('does not hide what the same witness said before', () => {
    const lines = [
      w0.line(TEXT, ago(-HOUR)),
      w0.line(TEXT, ago(-2 * HOUR)),
      w0.line(TEXT, ago(HOUR)),
    ]
    const { time, by, ahead } = freshness(lines, { quorum: 1 })
    expect({ time, by, ahead: ahead.length }).toEqual({ time: ago(HOUR), by: ['w0'], ahead: 1 })
  })
})

describe('STALE', () => {
  const refusal = (lines: readonly string[], words: Partial<WitnessWords> = {}): string =>
    refusalOf(() =>
      assertFresh(freshness(lines, words), policyOf(words), { now: NOW, what: 'The log' }),
    )
  const start =
    'STALE: The log: nothing says that this is still its newest state. expected cosigned by'

  test('to the second', () => {
    const at = (ms: number) => () =>
      assertFresh(freshness([w0.line(TEXT, ago(ms))], { quorum: 1 }), policyOf({ quorum: 1 }), {
        now: NOW,
        what: 'The log',
      })
    expect(at(7 * DAY)).not.toThrow()
    expect(at(7 * DAY + 1000)).toThrow()
  })

  test.each([
    [
      'nobody',
      [],
      {},
      '3 of 4 witnesses within the last 7 days; got no cosignature by any of them',
    ],
    [
      'too few',
      [w0.line(TEXT, ago(HOUR)), w1.line(TEXT, NOW)],
      {},
      '3 of 4 witnesses within the last 7 days; got 2 of them',
    ],
    [
      'too old',
      [w0.line(TEXT, ago(8 * DAY))],
      { quorum: '1' },
      '1 of 4 witnesses within the last 7 days; got 2026-05-24T00:00:00.000Z, 8 days ago',
    ],
    [
      'one of two too old',
      [w0.line(TEXT, NOW), w1.line(TEXT, ago(37 * HOUR))],
      { quorum: 2, maxAge: '36h' },
      '2 of 4 witnesses within the last 36 hours; got 2026-05-30T11:00:00.000Z, 37 hours ago',
    ],
    [
      'minutes',
      [w0.line(TEXT, ago(200_000))],
      { quorum: 1, maxAge: '90s' },
      '1 of 4 witnesses within the last 90 seconds; got 2026-05-31T23:56:40.000Z, 3 minutes ago',
    ],
    [
      'from the future',
      [w2.line(TEXT, ago(-DAY))],
      { quorum: 1, maxAge: '90m' },
      '1 of 4 witnesses within the last 90 minutes; got no cosignature by any of them; 1 from the future',
    ],
  ] as const)('%s', (_, lines, words, text) => {
    expect(refusal(lines, words)).toBe(`${start} ${text}`)
  })
})

describe('what may be asked', () => {
  const one = w0.vkey
  const renamed = one.replace('w0+', 'w9+')

  test('more than half, and seven days, unless said', () => {
    const ask = (count: number) =>
      parseWitnessPolicy({ witnesses: witnesses.slice(0, count).map(({ vkey }) => vkey) }).threshold
    expect([1, 2, 3, 4].map(ask)).toEqual([1, 2, 2, 3])
    expect(policyOf().maxAgeMs).toBe(7 * DAY)
    expect(policyOf({ quorum: '2', maxAge: '36h' })).toMatchObject({
      threshold: 2,
      maxAgeMs: 36 * HOUR,
    })
  })

  test.each([
    [
      'no witness',
      { witnesses: [] },
      'Freshness needs witnesses to ask. expected witnesses, each with a key of its own; got none',
    ],
    [
      't15-one-key-twice',
      { witnesses: [one, one] },
      'Freshness needs witnesses to ask. expected witnesses, each with a key of its own; got the same key twice',
    ],
    [
      'quorum 0',
      { quorum: '0' },
      'That many witnesses cannot be asked for. expected a number from 1 to 4; got "0"',
    ],
    [
      'quorum 5',
      { quorum: 5 },
      'That many witnesses cannot be asked for. expected a number from 1 to 4; got 5',
    ],
    [
      'quorum two',
      { quorum: 'two' },
      'That many witnesses cannot be asked for. expected a number from 1 to 4; got "two"',
    ],
    [
      'quorum 1.5',
      { quorum: 1.5 },
      'That many witnesses cannot be asked for. expected a number from 1 to 4; got 1.5',
    ],
    [
      'empty quorum',
      { quorum: '' },
      'That many witnesses cannot be asked for. expected a number from 1 to 4; got ""',
    ],
    ...['7', '0d', '7 d', '-1d', '1w', '', '999999d'].map(
      (maxAge) =>
        [
          `age ${maxAge}`,
          { maxAge },
          `This is not an age. expected a number and s, m, h or d, such as 7d; got "${maxAge}"`,
        ] as const,
    ),
  ] as const)('refused: %s', (_, words, text) => {
    expect(refusalOf(() => policyOf(words))).toBe(`USAGE: ${text}`)
  })

  test('a key of another name has another id', () => {
    expect(refusalOf(() => policyOf({ witnesses: [one, renamed] }))).toMatch(/^KEY_INVALID/)
  })
})
