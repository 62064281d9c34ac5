// Replay and histories: what may follow what.

import { describe, expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import { canonicalBytes } from '../../src/lib/index.ts'
import {
  applyEntry,
  authorityFor,
  type History,
  historyAfter,
  historyBlock,
  parseHistory,
  parseStatement,
} from '../../src/log/index.ts'
import { publisherIdOf } from '../../src/spec/index.ts'
import { createPublisher, genesisStatement, refusalOf, releaseStatement } from './helpers.ts'

const cid = (text: string): Cid => cidOf(Buffer.from(text))

describe('replay', () => {
  const { roles } = createPublisher()
  const genesis = parseStatement(genesisStatement({ roles }))
  const start = applyEntry(undefined, genesis)
  const fields = {
    publisher: genesis.publisher,
    seq: 1,
    prev: genesis.cid,
    index: cid('index 1'),
    name: 'com.example/weather',
    version: '1.0.0',
    release: cid('release'),
  }
  const release = (change: Partial<typeof fields> = {}) =>
    parseStatement(releaseStatement({ ...fields, ...change }))

  test('a log grows entry by entry', () => {
    expect(start).toMatchObject({
      publisher: genesis.publisher,
      size: 1,
      head: genesis.cid,
      index: genesis.index,
      roles,
    })
    const first = release()
    const next = applyEntry(start, first)
    expect(next).toEqual({ ...start, size: 2, head: first.cid, index: cid('index 1') })
    expect(start.size).toBe(1)
    expect(applyEntry(next, release({ seq: 2, prev: first.cid })).size).toBe(3)
  })

  const other = publisherIdOf(Buffer.from('other'))
  const words = 'SEQUENCE_INVALID: This entry does not follow in the publisher’s log. expected'
  test.each([
    ['a gap', release({ seq: 2 }), 'seq 1; got seq 2'],
    ['fast-forward', release({ seq: 2 ** 53 - 2 }), 'seq 1; got seq 9007199254740990'],
    [
      'another publisher’s entry',
      release({ publisher: other }),
      `publisher ${genesis.publisher}; got ${other}`,
    ],
    [
      'another predecessor',
      release({ prev: cid('x') }),
      `prev ${genesis.cid}; got prev ${cid('x')}`,
    ],
    ['a second genesis', genesis, 'an entry with seq 1; got another genesis'],
  ])('refused: %s', (_, statement, text) => {
    expect(refusalOf(() => applyEntry(start, statement))).toBe(`${words} ${text}`)
  })

  test('refused: the same entry twice, and a log without genesis', () => {
    const next = applyEntry(start, release())
    expect(refusalOf(() => applyEntry(next, release()))).toBe(`${words} seq 2; got seq 1`)
    expect(refusalOf(() => applyEntry(undefined, release()))).toBe(
      `${words} a genesis; got a release with seq 1`,
    )
    expect(refusalOf(() => authorityFor(undefined, release()))).toBe(
      `${words} a genesis; got a release with seq 1`,
    )
  })

  test('a genesis answers to its own root, a release to the release role in force', () => {
    const foreign = createPublisher().roles
    const { authority: foreignAuthority } = applyEntry(
      undefined,
      parseStatement(genesisStatement({ roles: foreign })),
    )
    expect(authorityFor(undefined, genesis)).toEqual([[roles.root]])
    expect(authorityFor({ authority: foreignAuthority }, genesis)).toEqual([[roles.root]])
    expect(authorityFor({ authority: foreignAuthority }, release())).toEqual([[foreign.release]])
  })
})

describe('histories', () => {
  const name = 'com.example/weather'
  const first = historyAfter(
    undefined,
    { kind: 'release', name, version: '1.0.0', subject: cid('a') },
    1,
  )

  test('versions are added, and read back', () => {
    const both = historyAfter(
      first,
      { kind: 'release', name, version: '1.1.0', subject: cid('b') },
      4,
    )
    expect(both.versions).toEqual({
      '1.0.0': { release: cid('a'), seq: 1 },
      '1.1.0': { release: cid('b'), seq: 4 },
    })
    const { cid: at, bytes } = historyBlock(both)
    expect(parseHistory(bytes)).toEqual(both)
    expect(at).toBe(cidOf(bytes))
    expect(Object.keys(first.versions)).toEqual(['1.0.0'])
  })

  test('the same again is the same', () => {
    expect(
      historyAfter(first, { kind: 'release', name, version: '1.0.0', subject: cid('a') }, 9),
    ).toBe(first)
  })

  test('a version never names anything else', () => {
    expect(
      refusalOf(() =>
        historyAfter(first, { kind: 'release', name, version: '1.0.0', subject: cid('b') }, 2),
      ),
    ).toBe(
      `VERSION_EXISTS: com.example/weather@1.0.0 was released before with other content. expected ${cid('a')}; got ${cid('b')}`,
    )
  })

  test('another name’s history is not extended', () => {
    expect(
      refusalOf(() =>
        historyAfter(
          first,
          { kind: 'release', name: 'com.example/x', version: '2.0.0', subject: cid('a') },
          1,
        ),
      ),
    ).toMatch(/^DOCUMENT_INVALID at \/name/)
  })

  const good = { release: cid('a'), seq: 1 }
  const words = 'This is not the history of a name. expected'
  test.each([
    [
      'another kind',
      { kind: 'history/v2', name, versions: { '1.0.0': good } },
      `DOCUMENT_INVALID at /kind: ${words} "history/v1"; got "history/v2"`,
    ],
    [
      'no versions',
      { kind: 'history/v1', name, versions: {} },
      `DOCUMENT_INVALID at /versions: ${words} one version or more; got none`,
    ],
    [
      'a list',
      { kind: 'history/v1', name, versions: [] },
      `DOCUMENT_INVALID at /versions: ${words} an object; got a list of 0`,
    ],
    [
      'a field more',
      { kind: 'history/v1', name, versions: { '1.0.0': { ...good, x: 1 } } },
      `DOCUMENT_INVALID at /versions/1.0.0: ${words} only the fields release, seq, deprecated, yanked; got a field "x"`,
    ],
    [
      'seq 0',
      { kind: 'history/v1', name, versions: { '1.0.0': { ...good, seq: 0 } } },
      `DOCUMENT_INVALID at /versions/1.0.0/seq: ${words} a whole number from 1 to 2^53 - 2; got 0`,
    ],
    [
      'no CID',
      { kind: 'history/v1', name, versions: { '1.0.0': { ...good, release: 'x' } } },
      `DOCUMENT_INVALID at /versions/1.0.0/release: ${words} a CID (bafkrei…, 59 characters); got "x"`,
    ],
  ])('refused: %s', (_, value, text) => {
    expect(refusalOf(() => parseHistory(canonicalBytes(value)))).toBe(text)
  })

  test('a history that nobody could read is not made', () => {
    const versions = Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`1.${i}.0`, good]))
    const long: History = { kind: 'history/v1', name, versions }
    expect(refusalOf(() => historyBlock(long))).toMatch(
      /^LIMIT_EXCEEDED: This name has too many versions. expected at most 786432 bytes/,
    )
    const shorter: History = {
      ...long,
      versions: Object.fromEntries(Object.entries(versions).slice(0, 7000)),
    }
    expect(Object.keys(parseHistory(historyBlock(shorter).bytes).versions)).toHaveLength(7000)
  })
})
