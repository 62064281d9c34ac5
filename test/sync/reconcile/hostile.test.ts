// Messages that nobody honest sends: refused in words, in bounded time and memory, or answered within the limit.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { createItemSet } from '../../../src/sync/reconcile/item-set.ts'
import { MESSAGE_BYTES } from '../../../src/sync/reconcile/message.ts'
import {
  answerReconcile,
  continueReconcile,
  type Reconciling,
  startReconcile,
} from '../../../src/sync/reconcile/reconcile.ts'
import { processorMs } from '../../support/processor-time.ts'
import { numberedItem, numberedSet } from './numbered-items.ts'

const END = [0, 0]
const PRINT = new Array<number>(16).fill(9)
const set = numberedSet([[0, 20_000, 1]])

function message(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from([0x61, ...parts.flatMap((part) => [...part])])
}

function below(...prefix: readonly number[]): readonly number[] {
  return [1, prefix.length, ...prefix]
}

function repeated(count: number, part: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(1 + count * part.length)
  bytes[0] = 0x61
  for (let i = 0; i < count; i++) bytes.set(part, 1 + i * part.length)
  return bytes
}

function padded(...bytes: readonly number[]): Uint8Array {
  const item = new Uint8Array(32)
  item.set(bytes)
  return item
}

interface Refused {
  readonly attack: string
  readonly sent: Uint8Array
  readonly says: string
  readonly expected: string
  readonly got: string
}

const REFUSED: readonly Refused[] = [
  {
    attack: 'nothing',
    sent: new Uint8Array(0),
    says: 'has no version',
    expected: 'a first byte of 60 to 6f',
    got: 'no bytes',
  },
  {
    attack: 'another protocol',
    sent: Uint8Array.of(0x7b),
    says: 'has no version',
    expected: 'a first byte of 60 to 6f',
    got: '7b',
  },
  {
    attack: 'a message that is too long',
    sent: new Uint8Array(MESSAGE_BYTES + 1).fill(0x61),
    says: 'is too long',
    expected: 'at most 524288 bytes',
    got: '524289 bytes',
  },
  {
    attack: 'endless ranges',
    sent: repeated(70_000, [...below(), 0]),
    says: 'has too many ranges',
    expected: 'at most 65536',
    got: 'more',
  },
  {
    attack: 'ranges behind the end',
    sent: message(END, [0], END, [0]),
    says: 'goes on behind its end',
    expected: 'nothing',
    got: 'another range',
  },
  {
    attack: 'overlapping ranges',
    sent: message(below(5), [1], PRINT, below(4, 255), [1], PRINT),
    says: 'has ranges out of order',
    expected: 'a bound from 05',
    got: '04ff',
  },
  {
    attack: 'a bound of 33 bytes',
    sent: message([1, 33], new Uint8Array(33), [0]),
    says: 'has a bound that is too long',
    expected: 'at most 32 bytes',
    got: '33',
  },
  {
    attack: 'a bound with a time',
    sent: message([2, 0], [0]),
    says: 'has a bound with a time',
    expected: 'time 0, or the end without bytes',
    got: 'another time',
  },
  {
    attack: 'an end with bytes',
    sent: message([0, 1, 9], [0]),
    says: 'has a bound with a time',
    expected: 'time 0, or the end without bytes',
    got: 'another time',
  },
  {
    attack: 'a number without end',
    sent: message(END, new Array<number>(500).fill(255)),
    says: 'has a number that is too long',
    expected: 'at most 4 digits, none in vain',
    got: 'more',
  },
  {
    attack: 'a number with a digit in vain',
    sent: message(END, [128, 0]),
    says: 'has a number that is too long',
    expected: 'at most 4 digits, none in vain',
    got: 'more',
  },
  {
    attack: 'an unknown kind of range',
    sent: message(END, [3]),
    says: 'has a range of an unknown kind',
    expected: 'mode 0, 1 or 2',
    got: '3',
  },
  {
    attack: 'a list of 200 million items',
    sent: message(END, [2, 223, 175, 136, 0]),
    says: 'ends early',
    expected: '6400016384 bytes more',
    got: '0 bytes',
  },
  {
    attack: 'half a fingerprint',
    sent: message(END, [1], PRINT.slice(8)),
    says: 'ends early',
    expected: '16 bytes more',
    got: '8 bytes',
  },
  {
    attack: 'an item twice',
    sent: message(END, [2, 2], padded(7), padded(7)),
    says: 'lists an item twice',
    expected: 'each item once',
    got: 'the same again',
  },
  {
    attack: 'an item above its range',
    sent: message(below(5), [2, 1], padded(5)),
    says: 'lists an item of another range',
    expected: 'items inside their range',
    got: 'one outside',
  },
  {
    attack: 'an item below its range',
    sent: message(below(5), [0], END, [2, 1], padded(4)),
    says: 'lists an item of another range',
    expected: 'items inside their range',
    got: 'one outside',
  },
]

describe('refused by both sides', () => {
  test.each(REFUSED)('$attack', ({ sent, says, expected, got }) => {
    const refusal = expect.objectContaining({
      code: 'MESSAGE_INVALID',
      message: `A message of set reconciliation ${says}.`,
      details: {
        expected,
        got,
        next: 'The other side speaks another version of the protocol or is broken; use another peer.',
      },
    })
    expect(() => answerReconcile(set, sent)).toThrow(refusal)
    expect(() => continueReconcile(startReconcile(set).state, sent)).toThrow(refusal)
  })

  test('bytes of any kind end in an answer within the limit, or in that code', () => {
    const byte = fc.oneof(fc.constantFrom(0, 1, 2, 16, 32, 128), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 300, size: 'max' }), (bytes) => {
        for (const run of [
          () => answerReconcile(set, message(bytes)),
          () => continueReconcile(startReconcile(set).state, message(bytes)).message,
        ]) {
          try {
            expect(run()?.length ?? 0).toBeLessThanOrEqual(MESSAGE_BYTES)
          } catch (error) {
            if (!isRegistryError(error, 'MESSAGE_INVALID')) throw error
          }
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('one changed byte of an honest message is no way in either', () => {
    const [start, other] = [startReconcile(set), numberedSet([[4, 20_004, 1]])]
    const answer = answerReconcile(other, start.message)
    fc.assert(
      fc.property(fc.nat(answer.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = Uint8Array.from(answer)
        changed[at] = byte
        try {
          const { message: next } = continueReconcile(start.state, changed)
          expect(next?.length ?? 0).toBeLessThanOrEqual(MESSAGE_BYTES)
        } catch (error) {
          if (!isRegistryError(error, 'MESSAGE_INVALID')) throw error
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('other versions', () => {
  test('a server answers with its own', () => {
    expect(answerReconcile(set, Uint8Array.of(0x62, 1, 2, 3))).toEqual(Uint8Array.of(0x61))
  })

  test('a client says so', () => {
    expect(() => continueReconcile(startReconcile(set).state, Uint8Array.of(0x60))).toThrow(
      expect.objectContaining({
        code: 'MESSAGE_INVALID',
        message: 'A message of set reconciliation is of another version.',
        details: expect.objectContaining({ expected: 'version 1', got: 'version 0' }),
      }),
    )
  })
})

describe('bounded', () => {
  const large = numberedSet([[0, 100_000, 1]])

  test('a few bytes that ask for everything get one message', () => {
    const answer = answerReconcile(large, message(END, [2, 0]))
    expect(answer.length).toBeLessThanOrEqual(MESSAGE_BYTES)
    expect(answer.length).toBeGreaterThan(MESSAGE_BYTES - 400)
  })

  test.each([
    ['fingerprints that differ', [1, ...PRINT]],
    ['empty lists', [2, 0]],
  ])('a message full of %s takes less than half a second', (_, mode) => {
    const bounds = Array.from({ length: 20_000 }, (_, i) => below(2, i >> 7, (i & 127) * 2))
    const sent = message(...bounds.map((bound) => [...bound, ...mode]))
    answerReconcile(large, message(END, [2, 0]))
    const answer = (): number => answerReconcile(large, sent).length
    expect(processorMs(() => expect(answer()).toBeLessThanOrEqual(MESSAGE_BYTES))).toBeLessThan(500)
  })

  test('a peer that never agrees is left after 32 rounds and as many bytes as it fills', () => {
    const rounds = countRounds(() => message(END, [1], PRINT))
    expect(rounds).toBeGreaterThanOrEqual(31)
    expect(rounds).toBeLessThan(45)
  })

  test('and so is one that names one thing more each time', () => {
    const rounds = countRounds((round) => {
      return message(below(0, round + 1), [2, 1], padded(0, round), END, [1], PRINT)
    })
    expect(rounds).toBeLessThan(70)
  })

  test('a list in any order is a list', () => {
    const [a, b, c] = [padded(1), padded(2), padded(3)]
    const { state } = startReconcile(createItemSet([b]))
    const { need, have } = continueReconcile(state, message(END, [2, 3], c, a, b))
    expect([need, have]).toEqual([[a, c], []])
  })

  test('an empty answer ends it', () => {
    const next = continueReconcile(startReconcile(set).state, message())
    expect([next.message, next.need, next.have]).toEqual([undefined, [], []])
  })

  test('items named without end are refused', () => {
    const { state } = startReconcile(createItemSet())
    const full: Reconciling = { ...state, named: 4_194_304 }
    expect(() => continueReconcile(full, message(END, [2, 1], numberedItem(1)))).toThrow(
      expect.objectContaining({
        code: 'MESSAGE_INVALID',
        message: 'A message of set reconciliation names too many items.',
        details: expect.objectContaining({ expected: 'at most 4194304', got: 'more' }),
      }),
    )
  })
})

/** Until it is refused. */
function countRounds(answer: (round: number) => Uint8Array): number {
  let { state } = startReconcile(set)
  for (let round = 0; ; round++) {
    try {
      state = continueReconcile(state, answer(round)).state
    } catch (error) {
      expect(error).toMatchObject({
        code: 'MESSAGE_INVALID',
        message: 'A message of set reconciliation comes to no end.',
        details: { got: `round ${round + 1}` },
      })
      return round
    }
  }
}
