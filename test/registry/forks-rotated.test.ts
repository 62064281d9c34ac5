// A publisher whose log key was rotated shows two histories: proven to strangers, and refused for good, all the same.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError } from '../../src/lib/index.ts'
import {
  importFork,
  listForks,
  publish,
  pull,
  readFork,
  rotate,
  verifyName,
} from '../../src/registry/index.ts'
import { localSource, type Source } from '../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { copyStore } from '../support/copy-store.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'

let alice: TestPublisher
beforeEach(async () => {
  alice = await openPublisher()
  await alice.publish(toolkit('hello', '1.0.0'))
})
afterEach(() => alice[Symbol.asyncDispose]())

async function refusalOf(act: Promise<unknown>): Promise<RegistryError> {
  const error = await act.then(
    () => new Error('accepted'),
    (cause: unknown) => cause,
  )
  if (isRegistryError(error)) return error
  throw error
}

type Step = (publisher: TestPublisher) => Promise<unknown>
const releases: (version: string) => Step = (version) => (it) =>
  it.publish(toolkit('hello', version))
const rotates: Step = ({ workspace }) => rotate(workspace, { log: true })
const rotatesRoot: Step = ({ workspace }) => rotate(workspace, {})

/** What a copy of the store, as of now, grows into by these steps. */
async function branch(...steps: readonly Step[]): Promise<Source> {
  const store = await copyStore(alice.workspace.store)
  const workspace = { ...alice.workspace, store }
  const it: TestPublisher = {
    ...alice,
    workspace,
    publish: async (...toolkits) => {
      await publish(workspace, toolkits)
    },
  }
  for (const step of steps) await step(it)
  return localSource(store)
}

function pullFrom(store: Store, ...sources: readonly Source[]) {
  const peers = sources.map((source, i) => peerOf(source, `peer ${i}`))
  return pull(
    { ...alice.workspace, store },
    { reference: `${alice.id}/hello`, peers, publisher: alice.id },
  )
}

const CASES: readonly (readonly [string, readonly Step[], readonly Step[], readonly Step[]])[] = [
  ['both after one rotation', [rotates], [releases('2.0.0')], [releases('3.0.0')]],
  ['one rotated, one from a backup', [], [rotates, releases('2.0.0')], [releases('3.0.0')]],
  ['a backup that outgrew it', [], [rotates], [releases('3.0.0'), releases('3.1.0')]],
  ['each rotated', [], [rotates], [rotates, releases('3.0.0')]],
  ['root and log keys', [rotatesRoot, rotates], [releases('2.0.0')], [rotates, rotatesRoot]],
]

describe('t05-split-view: a rotated log', () => {
  test.each(CASES)('%s: one after the other', async (_, shared, one, other) => {
    for (const step of shared) await step(alice)
    const [a, b] = [await branch(...one), await branch(...other)]
    for (const [first, second] of [
      [a, b],
      [b, a],
    ] as const) {
      const store = openMemoryStore()
      await pullFrom(store, first)
      const size = (await store.listFloors())[0]?.size ?? 0
      const error = await refusalOf(pullFrom(store, second))
      // A shorter log is refused as what it is first of all.
      if (error.code === 'ROLLBACK') expect(size).toBeGreaterThan(3)
      else await assertSticky(store, error, first)
    }
  })

  test.each(CASES)('%s: two peers at once', async (_, shared, one, other) => {
    for (const step of shared) await step(alice)
    const store = openMemoryStore()
    const [a, b] = [await branch(...one), await branch(...other)]
    await assertSticky(store, await refusalOf(pullFrom(store, a, b)), a)
  })
})

async function assertSticky(store: Store, error: RegistryError, source: Source): Promise<void> {
  expect(error.message).toBe('This publisher has signed two histories of its log.')
  const [fork] = await listForks(store)
  if (fork === undefined) throw new Error('no fork was kept')
  expect(error.details.evidence).toMatchObject({ publisher: alice.id, fork: fork.fork })
  expect((await refusalOf(pullFrom(store, source))).code).toBe('FORKED')
  expect((await refusalOf(verifyName(store, `${alice.id}/hello`))).code).toBe('FORKED')
  // Whoever has seen nothing of this log believes the same bytes.
  const stranger = openMemoryStore()
  const bytes = await readFork(store, fork.fork)
  expect((await importFork(stranger, bytes)).fork.fork).toBe(fork.fork)
  expect((await refusalOf(pullFrom(stranger, source))).code).toBe('FORKED')
}
