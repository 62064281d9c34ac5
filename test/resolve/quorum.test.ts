// Witness quorums of C2SP tlog-policy files: which are good, and when enough witnesses have said a word.

import { beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError } from '../../src/lib/index.ts'
import { parseQuorum, quorumTime } from '../../src/resolve/index.ts'
import { openPublisher } from '../support/publisher.ts'
import { cosigned, openWitness } from '../support/witness.ts'

const NOW = new Date('2026-11-21T12:00:00.000Z')
const hoursAgo = (hours: number) => new Date(Number(NOW) - hours * 3_600_000)
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) =>
  openWitness(`${name}.example`),
) as never as [W, W, W, W]
type W = ReturnType<typeof openWitness>

const HEAD = `# Whom we believe\n\nwitness A ${a.vkey}\n\twitness  B\t${b.vkey} https://b.example/\nwitness C ${c.vkey}\nwitness D ${d.vkey}\n`
const read = (text: string) => parseQuorum(Buffer.from(text), 'w.policy')

let note: Uint8Array

beforeAll(async () => {
  await using publisher = await openPublisher()
  note = await publisher.source.checkpoint(publisher.id)
})

describe('enough witnesses', () => {
  const words = () => cosigned(note, [a, hoursAgo(1)], [b, hoursAgo(5)], [c, hoursAgo(9)])

  test.each([
    ['one', 'quorum A', 1],
    ['one who has said nothing', 'quorum D', undefined],
    ['any', 'group g any B C D\nquorum g', 5],
    ['all', 'group g all A B C\nquorum g', 9],
    ['all, and one is silent', 'group g all A B D\nquorum g', undefined],
    ['two of four', 'group g 2 A B C D\nquorum g', 5],
    ['groups in groups', 'group x 1 C D\ngroup y any A B\ngroup z all x y\nquorum z', 9],
    ['a group of which nobody spoke', 'group x 1 D\ngroup z all x A\nquorum z', undefined],
  ])('%s', (_, lines, hours) => {
    const time = quorumTime(read(`${HEAD}${lines}\n`), words(), NOW)
    expect(time).toEqual(hours === undefined ? undefined : hoursAgo(hours))
  })

  test('of one witness the newest word counts, once, and none from the future', () => {
    const quorum = read(`${HEAD}group g 2 A B\nquorum g\n`)
    const twice = cosigned(note, [a, hoursAgo(1)], [a, hoursAgo(2)])
    expect(quorumTime(quorum, twice, NOW)).toBeUndefined()
    const newer = cosigned(note, [a, hoursAgo(8)], [a, hoursAgo(2)], [b, hoursAgo(1)])
    expect(quorumTime(quorum, newer, NOW)).toEqual(hoursAgo(2))
    const future = cosigned(note, [a, hoursAgo(-1)], [b, hoursAgo(1)])
    expect(quorumTime(quorum, future, NOW)).toBeUndefined()
  })
})

function refusal(text: string): RegistryError {
  try {
    read(text)
  } catch (error) {
    if (isRegistryError(error, 'POLICY_INVALID')) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('refused, with the line', () => {
  test.each([
    ['no quorum', HEAD, 7, 'a line "quorum NAME"', 'none'],
    ['two quorums', `${HEAD}quorum A\nquorum B`, 8, 'one quorum line', 'a second one'],
    ['quorum none', 'quorum none', 1, '`quorum = "none"` in the trust policy itself', 'none'],
    ['an unknown name', `${HEAD}quorum E`, 7, 'a name of a line above', 'E'],
    ['an unknown word', `${HEAD}witnes E x`, 7, 'witness, group or quorum', 'witnes'],
    ['a log', `log ${a.vkey}`, 1, 'witness, group or quorum', 'log'],
    ['a name twice', `${HEAD}group A any B`, 7, 'a new name, and not "none"', 'A'],
    ['a key twice', `${HEAD}witness E ${a.vkey}`, 7, 'a key of its own', 'the key of another'],
    ['a key that is none', 'witness E x', 1, 'NAME+KEYID+BASE64', '"x"'],
    ['a later member', `group g any A\n${HEAD}`, 1, 'names of lines above', 'A'],
    [
      'a member of two groups',
      `${HEAD}group g any A\ngroup h any A`,
      8,
      'each name in one group',
      'A',
    ],
    ['a member twice', `${HEAD}group g 2 A A`, 7, 'each name in one group', 'A'],
    ['too many of few', `${HEAD}group g 3 A B`, 7, 'any, all, or a number from 1 to 2', '3'],
    ['none of some', `${HEAD}group g 0 A B`, 7, 'any, all, or a number from 1 to 2', '0'],
    ['all of nobody', `${HEAD}group g all`, 7, 'any, all, or a number from 1 to 0', 'all'],
    [
      'a control character',
      `${HEAD}quorum A\r`,
      7,
      'text without control characters',
      'something else',
    ],
  ])('%s', (_, text, line, expected, got) => {
    const error = refusal(text)
    expect(error.message).toBe(
      `w.policy, line ${line}: This is not a C2SP tlog-policy that can be used here.`,
    )
    expect(error.details).toMatchObject({
      line,
      expected,
      got,
      next: 'Correct it; until then no witness is believed.',
    })
  })
})
