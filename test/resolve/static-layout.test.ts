// Paths and contents of a static log, against the words and examples of C2SP tlog-tiles; proofs from tiles, against proofs from the
// tree itself.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { equalBytes, utf8 } from '../../src/lib/index.ts'
import {
  appendLeaves,
  type Hash,
  leafHash,
  proveConsistency,
  proveInclusion,
  type ReadHashes,
} from '../../src/log/index.ts'
import {
  decodeEntries,
  decodeSignatures,
  decodeTile,
  encodeEntries,
  encodeSignatures,
} from '../../src/resolve/static/encodings.ts'
import {
  blockFile,
  checkpointFile,
  entriesFile,
  indexFile,
  partsOf,
  signaturesFile,
  tileFile,
} from '../../src/resolve/static/layout.ts'
import { tileReader } from '../../src/resolve/static/tiles.ts'
import type { PublisherId } from '../../src/spec/index.ts'

const P = 'p1' as PublisherId

describe('paths', () => {
  test.each([
    [0, '000'],
    [67, '067'],
    [999, '999'],
    [1000, 'x001/000'],
    [1234067, 'x001/x234/067'],
    [2 ** 45, 'x035/x184/x372/x088/832'],
  ])('index %d is %s', (index, path) => {
    expect(tileFile(P, 0, { index, width: 256 }).path).toBe(`p1/tile/0/${path}`)
    expect(entriesFile(P, { index, width: 1 }).path).toBe(`p1/tile/entries/${path}.p/1`)
    expect(signaturesFile(P, { index, width: 255 }).path).toBe(`p1/signatures/${path}.p/255`)
  })

  test('of one name each', () => {
    const cid = cidOf(utf8('x'))
    expect(checkpointFile(P).path).toBe('p1/checkpoint')
    expect(indexFile(P, cid).path).toBe(`p1/index/${cid}`)
    expect(blockFile(cid).path).toBe(`block/${cid}`)
  })

  test('every file has a limit', () => {
    const part = { index: 0, width: 256 }
    const files = [tileFile(P, 0, part), entriesFile(P, part), signaturesFile(P, part)]
    expect(files.map(({ limit }) => limit)).toEqual([8192, 256 * 16_386, 16 * 1024 * 1024])
  })
})

describe('tiles of a tree', () => {
  const tiles = (size: number, level: number) => [...partsOf(size, level)]

  test('of 70,000, the example of the specification', () => {
    const level0 = tiles(70_000, 0)
    expect(level0.filter(({ width }) => width === 256)).toHaveLength(273)
    expect(level0.at(-1)).toEqual({ index: 273, width: 112 })
    expect(tiles(70_000, 1)).toEqual([
      { index: 0, width: 256 },
      { index: 1, width: 17 },
    ])
    expect(tiles(70_000, 2)).toEqual([{ index: 0, width: 1 }])
    expect(tiles(70_000, 3)).toEqual([])
  })

  test('of 256: a full tile, and one of width 1 above it', () => {
    expect(tiles(256, 0)).toEqual([{ index: 0, width: 256 }])
    expect(tiles(256, 1)).toEqual([{ index: 0, width: 1 }])
  })
})

describe('encodings', () => {
  const item = fc.uint8Array({ minLength: 1, maxLength: 300 })

  test('entries read back, and nothing else does', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 20 }), (entries) => {
        const bytes = encodeEntries(entries)
        expect(decodeEntries(bytes, entries.length).map((e) => Buffer.from(e))).toEqual(
          entries.map((e) => Buffer.from(e)),
        )
        for (const width of [entries.length - 1, entries.length + 1])
          expect(() => decodeEntries(bytes, width)).toThrow()
      }),
    )
  })

  test('signatures read back, and nothing else does', () => {
    const bundles = fc.array(item, { minLength: 1, maxLength: 16 })
    fc.assert(
      fc.property(fc.array(bundles, { minLength: 1, maxLength: 20 }), (entries) => {
        const bytes = encodeSignatures(entries)
        const decoded = decodeSignatures(bytes, entries.length)
        expect(decoded.map((list) => list.map((e) => Buffer.from(e)))).toEqual(
          entries.map((list) => list.map((e) => Buffer.from(e))),
        )
        expect(() => decodeSignatures(bytes, entries.length + 1)).toThrow()
        expect(() => decodeSignatures(bytes.subarray(0, -1), entries.length)).toThrow()
      }),
    )
  })

  test.each([
    ['no signature', [[]]],
    ['17 signatures', [Array.from({ length: 17 }, () => utf8('s'))]],
    ['an empty signature', [[new Uint8Array()]]],
    ['a signature above the limit', [[new Uint8Array(64 * 1024 + 1)]]],
  ])('%s is refused', (_, entries) => {
    expect(() => decodeSignatures(encodeSignatures(entries), 1)).toThrow(
      'These are not the bytes of such a file.',
    )
  })

  test('a tile has exactly its hashes', () => {
    expect(decodeTile(new Uint8Array(64), 2)).toHaveLength(2)
    for (const length of [0, 32, 63, 65, 96])
      expect(() => decodeTile(new Uint8Array(length), 2)).toThrow()
  })
})

test('proofs from tiles are the proofs of the tree', async () => {
  const size = 66_000
  const leaves = Array.from({ length: size }, (_, i) => leafHash(utf8(`leaf ${i}`)))
  const { hashes } = await appendLeaves(0, leaves, async () => [])
  const all = new Map(hashes.map(({ level, index, hash }) => [`${level}/${index}`, hash]))
  const at = (level: number, index: number) => all.get(`${level}/${index}`) as Hash
  const direct: ReadHashes = async (wanted) => wanted.map(({ level, index }) => at(level, index))
  const tiled = (size: number): ReadHashes =>
    tileReader(size, async (level, { index, width }) => {
      // No tile that a tree of this size has not.
      expect([...partsOf(size, level)]).toContainEqual({ index, width })
      return Array.from({ length: width }, (_, i) => at(level * 8, index * 256 + i))
    })
  const same = (a: readonly Hash[], b: readonly Hash[]) =>
    a.length === b.length && a.every((hash, i) => equalBytes(hash, b[i] as Hash))
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: size }),
    fc.constantFrom(1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537),
  )
  await fc.assert(
    fc.asyncProperty(sizes, sizes, async (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      const position = { index: from - 1, size: to }
      expect(
        same(await proveInclusion(position, tiled(to)), await proveInclusion(position, direct)),
      ).toBe(true)
      const grown = { from, to }
      expect(
        same(await proveConsistency(grown, tiled(to)), await proveConsistency(grown, direct)),
      ).toBe(true)
    }),
    { numRuns: 60 },
  )
})
