// A lockfile as we write it is read at one look. Whatever is done to its text, it says what the strict parser says: a space before it sends the
// same text there.

import { describe, expect, test } from 'vitest'
import { cidOf } from '../../../src/cid/index.ts'
import { isRegistryError, utf8 } from '../../../src/lib/index.ts'
import { formatLock, type Lock, parseLock } from '../../../src/resolve/index.ts'
import { readPlainLock } from '../../../src/resolve/lock/plain-lock.ts'
import { publisherIdOf } from '../../../src/spec/index.ts'

const CID = cidOf(utf8('a'))
const OTHER = cidOf(utf8('b'))
const ALICE = publisherIdOf(utf8('alice'))
const SURFACE = `sha256-${'a'.repeat(64)}`

const tool = (cid = CID, by = 'alice') => ({ cid, surface: SURFACE, approved: { by, cid } })

function lockOf(by = 'alice', range: string | undefined = '>=1.0.0 <2 || ^3'): Lock {
  const release = {
    range,
    version: '1.4.2-rc.1',
    release: CID,
    publisher: ALICE,
    statement: OTHER,
    log: { index: 41, size: 57, root: '0'.repeat(64) },
    tools: new Map([
      ['get_alerts', tool(OTHER)],
      ['get_forecast', tool(CID, by)],
    ]),
  }
  const { range: _, ...newest } = release
  return {
    releases: new Map([
      ['com.acme/a', newest],
      ['com.acme/b', release],
    ]),
    revocations: new Map([[ALICE, 3]]),
    policy: SURFACE,
  }
}

const TEXT = Buffer.from(formatLock(lockOf())).toString()

type Outcome = Lock | { readonly code: string; readonly line: unknown; readonly details: string }

function outcomeOf(text: string): Outcome {
  try {
    return parseLock(utf8(text))
  } catch (error) {
    if (!isRegistryError(error)) throw error
    const { expected, got, line, next } = error.details
    return { code: error.code, line, details: `${expected} ${got} ${next}` }
  }
}

function agree(text: string): void {
  expect(outcomeOf(text), text).toEqual(outcomeOf(` ${text}`))
}

describe('at one look', () => {
  test.each([
    ['a policy and a range', lockOf()],
    ['no policy', { ...lockOf(), policy: undefined }],
    ['a name in another script', lockOf('Zoë 雪')],
  ])('a lock with %s is what the strict parser reads', (_, lock) => {
    const bytes = formatLock(lock)
    const text = Buffer.from(bytes).toString()
    expect(readPlainLock(text)).toEqual(parseLock(utf8(` ${text}`)))
    expect(formatLock(parseLock(bytes))).toEqual(bytes)
  })

  test.each([
    ['an empty lock', formatLock({ releases: new Map(), revocations: new Map() })],
    ['another spelling', utf8(TEXT.replace('  "policy"', '   "policy"'))],
    ['a tool that nobody approved', utf8(TEXT.replace(/,\n +"approved".*/, ''))],
    [
      'an approval of another CID',
      utf8(TEXT.replace(`"alice", "cid": "${OTHER}"`, `"alice", "cid": "${CID}"`)),
    ],
    ['an escape', utf8(TEXT.replace('"alice"', '"\\u0061lice"'))],
  ])('%s is left to the strict parser', (_, bytes) => {
    expect(readPlainLock(Buffer.from(bytes).toString())).toBeUndefined()
    expect(parseLock(bytes)).toBeDefined()
  })
})

describe('another text', () => {
  const changes: readonly (readonly [string, string | RegExp, string])[] = [
    ['a tool twice', '"get_alerts"', '"get_forecast"'],
    ['a release twice', 'com.acme/a', 'com.acme/b'],
    ['a key that is no key', '"get_alerts"', '"__proto__"'],
    ['a name that leads out of a folder', 'com.acme/a', 'com.acme/..'],
    ['an entry beyond the log', '"index": 41', '"index": 57'],
    ['a number with a zero before it', '"index": 41', '"index": 041'],
    ['a fraction', '"size": 57', '"size": 57.0'],
    ['no count', `"${ALICE}": 3`, `"${publisherIdOf(utf8('bob'))}": 3`],
    ['a newer version', '"lockVersion": 1', '"lockVersion": 2'],
    ['a name like that key', '"by": "alice"', '"by": "__proto__"'],
    ['an invisible name', '"by": "alice"', '"by": "\u200b"'],
    ['a control character in a name', '"by": "alice"', '"by": "a\u0007"'],
    ['a line break in a name', '"by": "alice"', '"by": "a\nb"'],
    ['no name', '"by": "alice"', '"by": ""'],
    ['half a range', '"range": ">=', '"range": "=>'],
    ['upper case', SURFACE, SURFACE.toUpperCase()],
    ['another spelling of a CID', CID, `${CID.slice(0, -1)}b`],
    [
      'a longer CID',
      new RegExp(`"cid": "${CID}`, 'g'),
      `"cid": "${CID.slice(0, 9)}a${CID.slice(9)}`,
    ],
    ['a shorter surface', 'aaa",', 'aa",'],
    ['a word too many', '"cid"', '"cidd"'],
    ['text after it', /\n$/, '\n{}'],
    ['no newline', /\n$/, ''],
  ]

  test.each(changes)('with %s is judged as the strict parser judges it', (_, from, to) => {
    const text = TEXT.replace(from, to)
    expect(text).not.toBe(TEXT)
    agree(text)
  })

  test('with any one character changed, doubled or left out, too', () => {
    for (let at = 0; at < TEXT.length; at += 11) {
      const [before, char, after] = [TEXT.slice(0, at), TEXT[at] ?? '', TEXT.slice(at + 1)]
      for (const other of ['', char + char, '"', ',', '}', '0', '\\']) agree(before + other + after)
    }
  })
})
