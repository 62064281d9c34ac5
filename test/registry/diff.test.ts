// What is compared was proven first: by name, by CID, by its bytes alone.

import { describe, expect, test } from 'vitest'
import type { Cid } from '../../src/cid/index.ts'
import { type DiffTarget, diff, verifyName } from '../../src/registry/index.ts'
import { splitToolkit } from '../../src/spec/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'

const NAME = 'com.example/weather'

function named(label: string): DiffTarget {
  return { kind: 'name', label }
}

function byCid(cid: Cid): DiffTarget {
  return { kind: 'cid', label: cid, cid }
}

async function openTwoVersions(): Promise<TestPublisher> {
  const alice = await openPublisher()
  await alice.publish(toolkit(NAME, '1.0.0'), toolkit(NAME, '1.1.0', 3))
  return alice
}

describe('two releases', () => {
  test('by name: the newest here without a version', async () => {
    await using alice = await openTwoVersions()
    const { store } = alice.workspace
    const compared = await diff(store, named(`${NAME}@1.0.0`), named(NAME))
    expect([compared.kind, compared.before.version, compared.after.version]).toEqual([
      'release',
      '1.0.0',
      '1.1.0',
    ])
    expect(compared.before).toMatchObject({ verdict: 'VERIFIED', publisher: alice.id, name: NAME })
    expect(compared.diff).toMatchObject({
      visible: true,
      risks: ['schema-compatible'],
      tools: [{ kind: 'added', name: 'tool_2' }],
      unchanged: ['tool_0', 'tool_1'],
      step: { suggested: 'minor', actual: 'minor', tooSmall: false },
    })
  })

  test('by CID: as verified as by name', async () => {
    await using alice = await openTwoVersions()
    const { store } = alice.workspace
    const { cid } = await verifyName(store, `${NAME}@1.0.0`)
    const compared = await diff(store, byCid(cid), named(NAME))
    expect(compared.before).toMatchObject({ verdict: 'VERIFIED', cid, version: '1.0.0' })
    expect(compared.diff).toEqual((await diff(store, named(`${NAME}@1.0.0`), named(NAME))).diff)
  })

  test('one as it would be published', async () => {
    await using alice = await openTwoVersions()
    const { store } = alice.workspace
    const next = {
      kind: 'toolkit',
      label: 'next.json',
      toolkit: toolkit(NAME, '1.1.1', 3),
    } as const
    const { after, diff: changes } = await diff(store, named(NAME), next)
    const { release } = splitToolkit(next.toolkit, alice.id)
    expect(after).toEqual({
      target: 'next.json',
      verdict: 'UNSIGNED',
      cid: release.cid,
      name: NAME,
      version: '1.1.1',
    })
    expect(changes.risks).toEqual([])
    const bare = { ...next, toolkit: toolkit('weather', '1.0.0') }
    expect((await diff(store, bare, bare)).after.name).toBe(`${alice.id}/weather`)
  })
})

describe('blocks that nobody vouches for', () => {
  test('are compared, and called unsigned', async () => {
    await using alice = await openPublisher()
    const store = openMemoryStore()
    const [one, other] = ['Says hello.', 'Says good-bye.'].map((text) =>
      splitToolkit(toolkit(NAME, '1.0.0', 1, text), alice.id),
    )
    if (one === undefined || other === undefined) throw new Error('two expected')
    const blocks = [one, other].flatMap(({ release, tools }) => [release, ...tools])
    await store.commit({ blocks: blocks.map(({ cid, bytes }) => ({ cid, bytes })) })
    const releases = await diff(store, byCid(one.release.cid), byCid(other.release.cid))
    expect(releases).toMatchObject({
      before: { verdict: 'UNSIGNED', version: '1.0.0' },
      diff: { risks: ['text'], step: { tooSmall: true } },
    })
    const [tool, changed] = [one.tools[0]?.cid, other.tools[0]?.cid] as [Cid, Cid]
    const tools = await diff(store, byCid(tool), byCid(changed))
    expect(tools).toMatchObject({ kind: 'tool', before: { name: 'tool_0', verdict: 'UNSIGNED' } })
    expect(tools.diff.tools[0]?.changes).toMatchObject([{ path: '/description', risk: 'text' }])
    await expect(diff(store, byCid(tool), byCid(other.release.cid))).rejects.toMatchObject({
      code: 'USAGE',
      message: 'A tool and a release cannot be compared.',
      details: {
        expected: 'two releases, or two tools',
        got: 'a tool and a release',
        next: 'Name the tool on both sides: NAME@VERSION#TOOL, or its CID.',
      },
    })
  })

  test('and not when a tool of them is missing', async () => {
    await using alice = await openPublisher()
    const store = openMemoryStore()
    const { release } = splitToolkit(toolkit(NAME, '1.0.0', 1), alice.id)
    await store.commit({ blocks: [{ cid: release.cid, bytes: release.bytes }] })
    const target = byCid(release.cid)
    await expect(diff(store, target, target)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

test('tools of two releases', async () => {
  await using alice = await openPublisher()
  await alice.publish(toolkit(NAME, '1.0.0'), toolkit(NAME, '1.0.1', 2, 'Otherwise.'))
  const { store } = alice.workspace
  const tool = (version: string): DiffTarget => named(`${NAME}@${version}#tool_1`)
  expect((await diff(store, tool('1.0.0'), tool('1.0.1'))).diff).toMatchObject({
    risks: ['text'],
    tools: [{ name: 'tool_1', changes: [{ path: '/description' }] }],
  })
  expect((await diff(store, tool('1.0.0'), tool('1.0.0'))).diff).toMatchObject({
    risks: [],
    unchanged: ['tool_1'],
  })
})

test('bytes that have changed on disk are refused, not compared', async () => {
  await using alice = await openTwoVersions()
  const { store } = alice.workspace
  const { cid } = await verifyName(store, `${NAME}@1.0.0`)
  const newest = (await verifyName(store, NAME)).cid
  const forged = {
    ...store,
    findBlocks: (cids: readonly Cid[]) =>
      store.findBlocks(cids.map((one) => (one === cid ? newest : one))),
  }
  for (const target of [byCid(cid), named(`${NAME}@1.0.0`)]) {
    await expect(diff(forged, target, named(NAME))).rejects.toMatchObject({ code: 'HASH_MISMATCH' })
  }
})
