// The index map against its definition: one shape per content, proofs that say exactly what the map says.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import { canonicalBytes } from '../../src/lib/index.ts'
import {
  EMPTY_INDEX,
  type IndexEntry,
  proveName,
  type ReadNodes,
  updateIndex,
  verifyName,
} from '../../src/log/index.ts'
import { pathOf } from '../../src/log/map/index-node.ts'
import { openIndex } from '../../src/log/map/index-tree.ts'
import type { Block } from '../../src/store/index.ts'
import { refusalOf, rejectionOf } from './helpers.ts'

interface TestIndex {
  root: Cid
  readonly nodes: Map<Cid, Uint8Array>
  readonly read: ReadNodes
}

function createIndex(): TestIndex {
  const nodes = new Map<Cid, Uint8Array>()
  return { root: EMPTY_INDEX.cid, nodes, read: async (cids) => cids.map((cid) => nodes.get(cid)) }
}

async function put(index: TestIndex, entries: readonly IndexEntry[]): Promise<void> {
  const { root, added, removed } = await updateIndex(index.root, entries, index.read)
  for (const { cid, bytes } of added) index.nodes.set(cid, bytes)
  for (const cid of removed) expect(index.nodes.delete(cid) || cid === EMPTY_INDEX.cid).toBe(true)
  index.root = root
}

const historyOf = (text: string): Cid => cidOf(Buffer.from(text))
const entry = (i: number, text = `history ${i}`): IndexEntry => ({
  name: `com.example/tool-${i}`,
  history: historyOf(text),
})
const many = (count: number): IndexEntry[] => Array.from({ length: count }, (_, i) => entry(i))

/** The definition, in one step: no updates, no splits. */
function define(entries: readonly IndexEntry[], depth = 0): Block {
  const put = (value: object): Block => {
    const bytes = canonicalBytes({ kind: 'index/v1', ...value })
    return { cid: cidOf(bytes), bytes }
  }
  if (entries.length <= 16) {
    return put({ entries: Object.fromEntries(entries.map(({ name, history }) => [name, history])) })
  }
  const groups = Map.groupBy(entries, ({ name }) => pathOf(name)[depth] ?? '')
  return put({
    children: Object.fromEntries(
      [...groups].map(([digit, group]) => [digit, define(group, depth + 1).cid]),
    ),
  })
}

test('the empty map is the leaf without entries', () => {
  expect(Buffer.from(EMPTY_INDEX.bytes).toString()).toBe('{"entries":{},"kind":"index/v1"}')
  expect(EMPTY_INDEX.cid).toBe(define([]).cid)
})

describe.each([1, 16, 17, 18, 256, 257, 1000])('%i names', (count) => {
  test('every order and batching gives the defined root, and the same nodes', async () => {
    const entries = many(count)
    const whole = createIndex()
    await put(whole, entries)
    expect(whole.root).toBe(define(entries).cid)
    const reversed = createIndex()
    for (let i = count; i > 0; i -= 7) await put(reversed, entries.slice(Math.max(0, i - 7), i))
    expect(reversed.root).toBe(whole.root)
    expect([...reversed.nodes.keys()].sort()).toEqual([...whole.nodes.keys()].sort())
  })

  test('present and absent names are proven, and only as they are', async () => {
    const index = createIndex()
    await put(index, many(count))
    for (const { name, history } of [entry(0), entry(count - 1)]) {
      const nodes = await proveName(index.root, name, index.read)
      expect(verifyName({ root: index.root, name, nodes })).toBe(history)
    }
    for (let i = count; i < count + 40; i++) {
      const { name } = entry(i)
      const nodes = await proveName(index.root, name, index.read)
      expect(verifyName({ root: index.root, name, nodes })).toBeUndefined()
    }
  })
})

test('order does not matter, nor do values that were replaced (property)', async () => {
  const step = fc.record({ i: fc.nat(60), text: fc.constantFrom('a', 'b', 'c') })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { maxLength: 30 }), { maxLength: 6 }),
      async (batches) => {
        const index = createIndex()
        const content = new Map<string, IndexEntry>()
        for (const batch of batches) {
          const entries = batch.map(({ i, text }) => entry(i, text))
          for (const one of entries) content.set(one.name, one)
          await put(index, entries)
          expect(index.root).toBe(define([...content.values()]).cid)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('setting what is there changes nothing', async () => {
  const index = createIndex()
  await put(index, many(40))
  expect(await updateIndex(index.root, many(40), index.read)).toEqual({
    root: index.root,
    added: [],
    removed: [],
  })
  expect(await updateIndex(index.root, [], index.read)).toEqual({
    root: index.root,
    added: [],
    removed: [],
  })
})

describe('forged proofs', () => {
  test('every bit of a node is under the root (presence and absence)', async () => {
    const index = createIndex()
    await put(index, many(300))
    for (const name of [entry(5).name, entry(900).name]) {
      const nodes = await proveName(index.root, name, index.read)
      for (const [at, node] of nodes.entries()) {
        for (let i = 0; i < node.length; i++) {
          const bad = Buffer.from(node)
          bad[i] = (bad[i] ?? 0) ^ (1 << (i % 8))
          const forged = nodes.with(at, bad)
          expect(refusalOf(() => verifyName({ root: index.root, name, nodes: forged }))).toMatch(
            /^PROOF_INVALID/,
          )
        }
      }
    }
  })

  test('nodes missing, added, doubled or swapped', async () => {
    const index = createIndex()
    await put(index, many(300))
    const { name } = entry(5)
    const nodes = await proveName(index.root, name, index.read)
    const check = (forged: readonly Uint8Array[]): string =>
      refusalOf(() => verifyName({ root: index.root, name, nodes: forged }))
    expect(nodes).toHaveLength(2)
    const cids = nodes.map(cidOf)
    const words = 'PROOF_INVALID: This is not a proof from the publisher’s index. expected'
    expect(check([])).toBe(`${words} the node ${index.root}; got the end of the proof`)
    expect(check(nodes.slice(0, -1))).toBe(
      `${words} the node ${cids.at(-1)}; got the end of the proof`,
    )
    expect(check([...nodes, EMPTY_INDEX.bytes])).toBe(`${words} no node after a leaf; got one more`)
    expect(check(nodes.toReversed())).toBe(
      `${words} the node ${index.root}; got the node ${cids.at(-1)}`,
    )
    expect(check([...nodes.slice(0, 1), ...nodes])).toMatch(/^PROOF_INVALID/)
  })

  test('a proof for one name is none for another', async () => {
    const index = createIndex()
    await put(index, many(300))
    const nodes = await proveName(index.root, entry(5).name, index.read)
    const others = many(60).filter(({ name }) => pathOf(name)[0] !== pathOf(entry(5).name)[0])
    for (const { name } of others) {
      expect(refusalOf(() => verifyName({ root: index.root, name, nodes }))).toMatch(
        /^PROOF_INVALID/,
      )
    }
  })

  test('a node after a branch without that child', async () => {
    const bytes = canonicalBytes({ kind: 'index/v1', children: { [opposite(0)]: historyOf('x') } })
    const proof = { root: cidOf(bytes), name: entry(0).name }
    expect(verifyName({ ...proof, nodes: [bytes] })).toBeUndefined()
    expect(refusalOf(() => verifyName({ ...proof, nodes: [bytes, bytes] }))).toMatch(
      /no node after the end of the path; got one more$/,
    )
  })

  const x = historyOf('x')
  const hex = (i: number): string => pathOf(entry(i).name).charAt(0)
  const opposite = (i: number): string => (hex(i) === '0' ? '1' : '0')
  const seventeen = Object.fromEntries(many(17).map(({ name, history }) => [name, history]))
  const form = 'This is not a node of a publisher’s index. expected'
  test.each([
    [
      '17 names in a leaf',
      { kind: 'index/v1', entries: seventeen },
      ` at /entries: ${form} 0 to 16 names in a leaf; got 17`,
    ],
    [
      'another kind',
      { kind: 'index/v2', entries: {} },
      ` at /kind: ${form} "index/v1"; got "index/v2"`,
    ],
    [
      'both forms',
      { kind: 'index/v1', entries: {}, children: { 0: x } },
      ` at : ${form} only the fields kind, children; got a field "entries"`,
    ],
    ['neither form', { kind: 'index/v1' }, ` at : ${form} a field entries; got none`],
    [
      'a list',
      { kind: 'index/v1', entries: [] },
      ` at /entries: ${form} an object; got a list of 0`,
    ],
    [
      'no child',
      { kind: 'index/v1', children: {} },
      ` at /children: ${form} one child or more; got none`,
    ],
    [
      'an odd digit',
      { kind: 'index/v1', children: { A: x } },
      ` at /children: ${form} hex digits as children; got "A"`,
    ],
    [
      'no CID',
      { kind: 'index/v1', children: { 0: 'bafk' } },
      ` at /children/0: ${form} a CID (bafkrei…, 59 characters); got "bafk"`,
    ],
  ])('well hashed, still refused: %s', (_, node, text) => {
    const bytes = canonicalBytes(node)
    expect(
      refusalOf(() => verifyName({ root: cidOf(bytes), name: entry(0).name, nodes: [bytes] })),
    ).toBe(`PROOF_INVALID${text}`)
  })

  test('well hashed, still refused: a name where it does not belong, an empty leaf, a needless branch', () => {
    const under = (entries: object, children: object = {}): (() => unknown) => {
      const leaf = canonicalBytes({ kind: 'index/v1', entries })
      const branch = canonicalBytes({
        kind: 'index/v1',
        children: { [hex(0)]: cidOf(leaf), ...children },
      })
      return () => verifyName({ root: cidOf(branch), name: entry(0).name, nodes: [branch, leaf] })
    }
    const sibling = { [opposite(0)]: x }
    const stray = many(40).find(({ name }) => pathOf(name).charAt(0) !== hex(0)) ?? entry(0)
    expect(refusalOf(under({ [stray.name]: x }, sibling))).toBe(
      `PROOF_INVALID at /entries: ${form} names whose path begins with "${hex(0)}"; got "${stray.name}"`,
    )
    expect(refusalOf(under({}, sibling))).toBe(
      `PROOF_INVALID at /entries: ${form} 1 to 16 names in a leaf; got 0`,
    )
    expect(refusalOf(under({ [entry(0).name]: x }))).toBe(
      'PROOF_INVALID: This is not a proof from the publisher’s index. expected a branch only over more than 16 names; got a branch over one leaf',
    )
    expect(under({ [entry(0).name]: x }, sibling)()).toBe(x)
  })

  test('well hashed, still refused: bytes that are no canonical JSON, names that are none', () => {
    const spaced = Buffer.from('{ "entries":{},"kind":"index/v1"}')
    expect(
      refusalOf(() => verifyName({ root: cidOf(spaced), name: 'a.b/c', nodes: [spaced] })),
    ).toMatch(/^PROOF_INVALID: This JSON is not in its canonical form/)
    const odd = canonicalBytes({ kind: 'index/v1', entries: { 'A.b/c': x } })
    expect(refusalOf(() => verifyName({ root: cidOf(odd), name: 'a.b/c', nodes: [odd] }))).toMatch(
      /^PROOF_INVALID: This is not a name/,
    )
    expect(
      refusalOf(() => verifyName({ root: EMPTY_INDEX.cid, name: 'a.b/c', nodes: [odd] })),
    ).toMatch(/^PROOF_INVALID/)
  })
})

test('a missing or rotten node stops an update', async () => {
  const index = createIndex()
  await put(index, many(40))
  const absent = async (): Promise<undefined[]> => [undefined]
  expect(await rejectionOf(() => proveName(index.root, entry(1).name, absent))).toBe(
    `NOT_FOUND: A node of this index is not here. expected ${index.root}; got nothing`,
  )
  const rotten: ReadNodes = async () => [EMPTY_INDEX.bytes]
  expect(await rejectionOf(() => updateIndex(index.root, [entry(1, 'new')], rotten))).toBe(
    `PROOF_INVALID: The bytes of an index node are not the ones it is named by. expected ${index.root}; got ${EMPTY_INDEX.cid}`,
  )
})

test('a map that is set again and again has the defined root each time, and what it handed out stays (property)', async () => {
  const change = fc.record({ i: fc.nat(60), text: fc.constantFrom('a', 'b', 'c') })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 120 }), async (changes) => {
      const tree = openIndex(EMPTY_INDEX.cid, async (cids) => cids.map(() => undefined))
      const entries = new Map<number, IndexEntry>()
      const given: Block[] = []
      for (const { i, text } of changes) {
        entries.set(i, entry(i, text))
        expect(await tree.set([entry(i, text)])).toBe(define([...entries.values()]).cid)
        given.push(...tree.changes().added)
      }
      for (const { cid, bytes } of given) expect(cidOf(bytes)).toBe(cid)
    }),
    { numRuns: 40 },
  )
})
