// What is taken out of a store goes with everything that only it needed; nothing else does, and nothing that was learned.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Cid } from '../../src/cid/index.ts'
import { isRegistryError } from '../../src/lib/index.ts'
import { originOf } from '../../src/log/index.ts'
import { forget, holdLocked, pull, revokeBlock, verifyName } from '../../src/registry/index.ts'
import { EMPTY_LOCK, formatLock, lockRelease, withLocked } from '../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { bringLog } from '../support/follower.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'

const A = 'com.example/a'
const B = 'com.example/b'
const OTHER = 'org.other/a'

let alice: TestPublisher
let carol: TestPublisher
beforeAll(async () => {
  alice = await openPublisher()
  carol = await openPublisher()
  // One tool more in each version; the others are the same blocks, also those of B.
  await alice.publish(toolkit(A, '1.0.0', 1), toolkit(A, '1.1.0', 2), toolkit(A, '2.0.0-rc.1', 3))
  await alice.publish(toolkit(B, '1.0.0', 1))
  await carol.publish(toolkit(OTHER, '1.0.0', 1))
})
afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await carol[Symbol.asyncDispose]()
})

let store: Store
beforeEach(() => {
  store = openMemoryStore()
})

async function pulled(reference: string, from = alice) {
  const workspace = { ...alice.workspace, store }
  const asked = { reference, peers: [peerOf(from.source)], publisher: from.id }
  return (await pull(workspace, asked)).release
}

async function blocksHere(): Promise<readonly Cid[]> {
  return await Array.fromAsync(store.listBlocks())
}

async function held(): Promise<readonly string[]> {
  const keys = await Array.fromAsync(store.listRecords('evidence'), ({ key }) => key)
  return keys.map((key) => key.slice(0, key.lastIndexOf('/')))
}

async function refusal(act: Promise<unknown>): Promise<unknown> {
  const error = await act.catch((cause: unknown) => cause)
  return isRegistryError(error)
    ? [error.code, error.message, error.details.got, error.details.next]
    : error
}

test('a release alone leaves nothing but what was learned of its publisher', async () => {
  await pulled(`${A}@1.0.0`)
  expect(await blocksHere()).toHaveLength(3)
  const floor = await store.findFloor(originOf(alice.id))
  expect(await forget(store, { references: [A] })).toEqual([
    { name: A, version: '1.0.0', publisher: alice.id, blocks: 2 },
  ])
  expect(await blocksHere()).toEqual([])
  for (const table of ['evidence', 'use'] as const) {
    expect(await Array.fromAsync(store.listRecords(table))).toEqual([])
  }
  expect(await store.findFloor(originOf(alice.id))).toEqual(floor)
  for (const table of ['seen', 'pin'] as const) {
    expect(await Array.fromAsync(store.listRecords(table))).toHaveLength(1)
  }
  await pulled(`${A}@1.0.0`)
  expect((await verifyName(store, A)).release.entry.version).toBe('1.0.0')
})

test('what other releases need stays, and belongs to them', async () => {
  const b = await pulled(`${B}@1.0.0`)
  const before = await blocksHere()
  const [tool] = b.tools
  await pulled(`${A}@1.1.0`)
  const [forgotten] = await forget(store, { references: [`${A}@^1`] })
  expect(forgotten).toMatchObject({ version: '1.1.0', blocks: 2 })
  expect(await blocksHere()).toEqual(before)
  const [use] = await store.findRecords([{ table: 'use', key: `${tool?.cid}/${alice.id}` }])
  expect(Buffer.from(use ?? []).toString()).toBe(`${B}@1.0.0`)
  expect((await verifyName(store, B)).release.tools).toHaveLength(1)
})

test('what another publisher’s release needs stays', async () => {
  const before = await pulled(OTHER, carol)
  const kept = await blocksHere()
  const same = await pulled(B)
  expect(same.tools[0]?.cid).toBe(before.tools[0]?.cid)
  expect(await forget(store, { references: [B] })).toMatchObject([{ blocks: 1 }])
  expect(await blocksHere()).toEqual(kept)
  expect((await verifyName(store, OTHER)).release.tools).toEqual(before.tools)
  const users = await Array.fromAsync(store.listRecords('use'), ({ key }) => key.split('/')[1])
  expect(new Set(users)).toEqual(new Set([carol.id]))
})

test.each([
  [A, ['1.0.0', '1.1.0', '2.0.0-rc.1']],
  [`${A}@^1`, ['1.0.0', '1.1.0']],
  [`${A}@latest`, ['1.1.0']],
  [`${A}@2.0.0-rc.1`, ['2.0.0-rc.1']],
])('%s', async (reference, versions) => {
  for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1']) await pulled(`${A}@${version}`)
  const forgotten = await forget(store, { references: [reference, reference] })
  expect(forgotten.map(({ version }) => version)).toEqual(versions)
  expect(await held()).toHaveLength(3 - versions.length)
})

test('releases that share blocks leave none of them when they go together', async () => {
  for (const version of ['1.0.0', '1.1.0']) await pulled(`${A}@${version}`)
  const here = (await blocksHere()).length
  const forgotten = await forget(store, { references: [A] })
  // What both had counts for the last; two statements count for nobody.
  expect(forgotten.map(({ blocks }) => blocks)).toEqual([1, 3])
  expect([here, await blocksHere()]).toEqual([6, []])
  expect(await Array.fromAsync(store.listRecords('use'))).toEqual([])
})

test('of another publisher nothing is forgotten', async () => {
  await pulled(`${A}@1.0.0`)
  const other = forget(store, { references: [A], publisher: carol.id })
  expect(await refusal(other)).toEqual([
    'NOT_FOUND',
    `${A} has not been pulled here.`,
    'nothing',
    'See `registry list`.',
  ])
  expect(await held()).toEqual([`${A}@1.0.0`])
})

test('one that is not here, and none is forgotten', async () => {
  await pulled(`${A}@1.0.0`)
  expect(await refusal(forget(store, { references: [A, `${A}@^2`] }))).toEqual([
    'NOT_FOUND',
    `${A}@^2 has not been pulled here.`,
    '1.0.0',
    'See `registry list`.',
  ])
  expect(await held()).toEqual([`${A}@1.0.0`])
})

test('what is in a log that is kept whole is not taken out of it', async () => {
  expect(await refusal(forget(alice.workspace.store, { references: [A] }))).toEqual([
    'NOT_FOUND',
    `${A} has not been pulled here.`,
    'nothing',
    'It is part of a log that is kept here whole: `registry unfollow` drops the logs of others.',
  ])
})

test('of a release whose log has come since, only the proof of the pull goes', async () => {
  await pulled(`${A}@1.0.0`)
  await bringLog(store, alice)
  const before = await blocksHere()
  expect(await forget(store, { references: [A] })).toMatchObject([{ blocks: 0 }])
  expect(await held()).toEqual([])
  expect(await blocksHere()).toEqual(before)
  expect((await verifyName(store, `${A}@1.0.0`)).release.tools).toHaveLength(1)
})

test('a tool alone is not forgotten', async () => {
  expect(await refusal(forget(store, { references: [`${A}#tool_0`] }))).toEqual([
    'USAGE',
    'A release is forgotten as a whole.',
    `${A}#tool_0`,
    'Leave out what follows the `#`.',
  ])
})

test('a proof that cannot be read goes too', async () => {
  await pulled(`${A}@1.0.0`)
  const key = `${A}@1.0.0/${alice.id}`
  await store.commit({ put: [{ table: 'evidence', key, value: Buffer.from('{}') }] })
  expect(await forget(store, { references: [A] })).toMatchObject([{ blocks: 0 }])
  expect(await held()).toEqual([])
})

test('a withdrawal stays known', async () => {
  const dave = await openPublisher()
  await dave.publish(toolkit(A, '1.0.0', 1))
  await pulled(A, dave)
  await revokeBlock(dave.workspace, `${A}@1.0.0`, { reason: 'sends its input away' })
  await dave.publish(toolkit(B, '1.0.0', 1))
  await pulled(B, dave)
  expect(await refusal(verifyName(store, A))).toContain('REVOKED')
  await forget(store, { references: [A] })
  expect(await refusal(verifyName(store, A))).toContain('NOT_FOUND')
  expect(await refusal(pulled(A, dave))).toContain('REVOKED')
  await dave[Symbol.asyncDispose]()
})

test('a lockfile keeps what it names, for as long as it names it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'toolmark-forget-'))
  const file = join(folder, 'tools.lock.json')
  const release = await pulled(`${A}@1.0.0`)
  await pulled(`${A}@1.1.0`)
  const lock = withLocked(
    EMPTY_LOCK,
    release,
    lockRelease(release, () => undefined),
  )
  await holdLocked(store, file, lock)
  await writeFile(file, formatLock(lock))
  const refused = [
    'CONFLICT',
    `A lockfile rests on ${A}@1.0.0.`,
    file,
    `Nothing was forgotten. Take it out there first: \`registry remove ${A}\`.`,
  ]
  expect(await refusal(forget(store, { references: [A] }))).toEqual(refused)
  expect(await held()).toHaveLength(2)
  await forget(store, { references: [`${A}@1.1.0`] })
  await writeFile(file, 'what is this')
  expect(await refusal(forget(store, { references: [A] }))).toEqual(refused)
  await rm(folder, { recursive: true })
  expect(await forget(store, { references: [A] })).toHaveLength(1)
})
