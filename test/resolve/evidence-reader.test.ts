// Many proofs of few heads are read as the one-by-one parser reads them, whatever their bytes are.

import { describe, expect, test } from 'vitest'
import { isRegistryError, utf8 } from '../../src/lib/index.ts'
import { createEvidenceReader, formatEvidence, parseEvidence } from '../../src/resolve/index.ts'
import { publisherIdOf } from '../../src/spec/index.ts'

type Evidence = Parameters<typeof formatEvidence>[0]

const signed = (text: string) => ({ statement: utf8(text), bundles: [utf8(`bundle of ${text}`)] })

function evidence(release: string, head = 'newest'): Evidence {
  return {
    publisher: publisherIdOf(utf8('alice')),
    checkpoint: utf8(`note over ${head}`),
    genesis: signed('genesis'),
    head: signed(head),
    headProof: [utf8('a'), utf8('b')],
    authorityPath: [utf8('state')],
    keys: [signed('keys')],
    entry: signed(release),
    entryProof: [utf8(`${release} c`), utf8('d')],
    indexPath: [utf8('root'), utf8(`history of ${release}`)],
  }
}

function read(one: Uint8Array, reader = createEvidenceReader()): unknown {
  const { of, ...parts } = reader(one)
  return { ...of, ...parts }
}

describe('many proofs', () => {
  test('of one head share it, and each has its own release', () => {
    const reader = createEvidenceReader()
    const records = ['one', 'the second', '3'].map((release) => formatEvidence(evidence(release)))
    const parts = records.map(reader)
    expect(parts.map(({ of, ...own }) => ({ ...of, ...own }))).toEqual(records.map(parseEvidence))
    expect(new Set(parts.map(({ of }) => of)).size).toBe(1)
  })

  test.each<[string, Partial<Evidence>]>([
    ['checkpoint', { checkpoint: utf8('another note') }],
    ['genesis', { genesis: signed('another') }],
    ['head', { head: signed('another') }],
    ['path of the head', { headProof: [utf8('a')] }],
    ['state', { authorityPath: [] }],
    ['key entry', { keys: [] }],
    ['publisher', { publisher: publisherIdOf(utf8('bob')) }],
  ])('with another %s do not', (_, change) => {
    const reader = createEvidenceReader()
    const first = reader(formatEvidence(evidence('one')))
    const other = formatEvidence({ ...evidence('two'), ...change })
    expect(read(other, reader)).toEqual(parseEvidence(other))
    expect(reader(other).of).not.toBe(first.of)
  })

  test('with any byte changed are read as they would be alone, or refused', () => {
    const good = formatEvidence(evidence('one'))
    const outcome = (act: () => unknown): unknown => {
      try {
        return act()
      } catch (error) {
        return isRegistryError(error) ? error.code : error
      }
    }
    const text = Buffer.from(good)
    for (let at = 0; at < text.length; at++) {
      for (const byte of [0x22, 0x2c, 0x41, 0x7d]) {
        const other = Buffer.from(text)
        other[at] = byte
        const reader = createEvidenceReader()
        reader(good)
        expect(
          outcome(() => read(other, reader)),
          `${at}`,
        ).toEqual(outcome(() => read(other)))
      }
    }
  })
})
