// Two heads of one log that contradict each other, in whichever order they come: proven to strangers, kept for good, and no more entries.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { findHead, verifyForkProof } from '../../../src/log/index.ts'
import { listForks, publish, pull, rotate, verifyName } from '../../../src/registry/index.ts'
import { localSource, type Source } from '../../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { loadVerifier } from '../../../src/trust/index.ts'
import { rejectionOf } from '../../log/helpers.ts'
import { copyStore, dump } from '../../support/copy-store.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { openFrom, replicate } from '../../support/replicate.ts'

let alice: TestPublisher
beforeEach(async () => {
  alice = await openPublisher()
  await alice.publish(toolkit('hello', '1.0.0'))
})
afterEach(() => alice[Symbol.asyncDispose]())

type Step = (publisher: TestPublisher) => Promise<unknown>
const releases = (...versions: readonly string[]): readonly Step[] =>
  versions.map((version) => (it) => it.publish(toolkit('hello', version)))
const rotates: Step = ({ workspace }) => rotate(workspace, { log: true })

/** What a copy of Alice's store, as of now, grows into by these steps. */
async function branch(steps: readonly Step[]): Promise<Source> {
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

async function assertForked(store: Store, fork: Uint8Array, honest: Source): Promise<void> {
  const { publisher } = verifyForkProof(fork, await loadVerifier())
  expect(publisher).toBe(alice.id)
  expect(await listForks(store)).toHaveLength(1)
  const before = await dump(store)
  const refused = 'FORKED: This publisher has signed two histories of its log.'
  expect(await rejectionOf(() => replicate(store, honest, alice.id))).toContain(refused)
  expect(await rejectionOf(() => verifyName(store, `${alice.id}/hello`))).toContain(refused)
  expect(await dump(store)).toEqual(before)
}

const CASES: Readonly<
  Record<string, readonly [readonly Step[], readonly Step[], readonly Step[]]>
> = {
  'one size': [[], releases('2.0.0'), releases('3.0.0')],
  'a larger one, of no whole tree': [[], releases('2.0.0'), releases('3.0.0', '3.1.0')],
  'a larger one, of a whole tree': [
    [],
    releases('2.0.0', '2.1.0'),
    releases('3.0.0', '3.1.0', '3.2.0'),
  ],
  'whole trees both': [
    releases('1.1.0'),
    releases('2.0.0'),
    releases('3.0.0', '3.1.0', '3.2.0', '3.3.0', '3.4.0'),
  ],
  'after a rotation': [[rotates], releases('2.0.0'), releases('3.0.0', '3.1.0')],
}

describe.each(Object.entries(CASES))('t05-split-view: %s', (_, [shared, one, other]) => {
  test('whichever comes first', async () => {
    for (const step of shared) await step(alice)
    const [a, b] = [await branch(one), await branch(other)]
    for (const [first, second] of [
      [a, b],
      [b, a],
    ] as const) {
      const store = openMemoryStore()
      expect(await replicate(store, first, alice.id)).toBe('done')
      const head = await findHead(store, alice.id)
      const opened = await openFrom(store, second, alice.id)
      if (opened.kind !== 'fork') throw new Error(opened.kind)
      await assertForked(store, opened.proof.bytes, first)
      expect(await findHead(store, alice.id)).toEqual(head)
    }
  })

  test('a state that was accepted by a pull, and a log that is not a continuation of it', async () => {
    for (const step of shared) await step(alice)
    const [a, b] = [await branch(one), await branch(other)]
    const store = openMemoryStore()
    const reference = `${alice.id}/hello`
    await pull(
      { ...alice.workspace, store },
      { reference, peers: [peerOf(a)], publisher: alice.id },
    )
    expect(await rejectionOf(() => replicate(store, b, alice.id))).toContain('FORKED')
    expect(await findHead(store, alice.id)).toBeUndefined()
    const [fork] = await listForks(store)
    const [bytes] = await store.findBlocks(fork === undefined ? [] : [fork.fork])
    await assertForked(store, bytes ?? new Uint8Array(), b)
  })
})

test('a history that rotated elsewhere is refused, if not proven', async () => {
  const [a, b] = [await branch(releases('2.0.0')), await branch([rotates, ...releases('3.0.0')])]
  const store = openMemoryStore()
  await replicate(store, a, alice.id)
  expect(await rejectionOf(() => replicate(store, b, alice.id))).toContain('PROOF_INVALID')
  expect(await replicate(store, a, alice.id)).toBe('same')
})

test('less than is held is no news, and no more than a pull has accepted is taken back', async () => {
  const old = await branch([])
  const now = await branch(releases('2.0.0', '3.0.0'))
  const store = openMemoryStore()
  await replicate(store, now, alice.id)
  expect(await replicate(store, old, alice.id)).toBe('behind')
  const puller = openMemoryStore()
  const request = { reference: `${alice.id}/hello`, peers: [peerOf(now)], publisher: alice.id }
  await pull({ ...alice.workspace, store: puller }, request)
  expect(await replicate(puller, old, alice.id)).toBe('behind')
  expect(await replicate(puller, now, alice.id)).toBe('done')
})

test('of this node’s own log nothing is taken, and a contradiction is kept', async () => {
  const more = await branch(releases('2.0.0'))
  const { store } = alice.workspace
  const before = await dump(store)
  expect(await rejectionOf(() => replicate(store, more, alice.id))).toContain(
    'ROLLBACK: this node shows more of this node’s own log than it has. expected at most 2 entries, as they are here; got 3 entries',
  )
  expect(await dump(store)).toEqual(before)
  await alice.publish(toolkit('hello', '3.0.0'), toolkit('hello', '3.1.0'))
  const opened = await openFrom(store, more, alice.id)
  expect(opened.kind).toBe('fork')
})

test('what was on its way when its publisher forked goes, and what is visible stays', async () => {
  const store = openMemoryStore()
  expect(await replicate(store, alice.source, alice.id)).toBe('done')
  const [a, b] = [
    await branch(releases('2.0.0', '2.1.0', '2.2.0')),
    await branch(releases('3.0.0', '3.1.0', '3.2.0', '3.3.0')),
  ]
  expect(await replicate(store, a, alice.id, { step: 2, steps: 1 })).toBe('cut')
  expect(await rejectionOf(() => replicate(store, b, alice.id))).toContain(
    'PROOF_INVALID: What was fetched of this log is not in the log shown.',
  )
  const { records } = await dump(store)
  expect(records.filter(({ table }) => table === 'partial')).toEqual([])
  expect(records.filter(({ table }) => table === 'entry')).toHaveLength(2)
  expect(await replicate(store, b, alice.id)).toBe('done')
  const error = await openFrom(store, a, alice.id).catch((cause: unknown) => cause)
  expect(isRegistryError(error) ? error.code : (error as { kind: string }).kind).toBe('fork')
})

test('what is accepted while a log is on its way is not taken back', async () => {
  const old = await branch(releases('2.0.0'))
  const store = openMemoryStore()
  const opened = await openFrom(store, old, alice.id)
  if (opened.kind !== 'open') throw new Error(opened.kind)
  const { replication } = opened
  await replication.take(await old.entries(alice.id, { start: 0, end: replication.to }))
  const origin = `toolmark/${alice.id}`
  await store.commit({ floors: [{ origin, size: 9, root: '0'.repeat(64) }] })
  expect(await rejectionOf(() => replication.commit())).toBe(
    'ROLLBACK: More of this log was accepted here meanwhile. expected at least 9 entries; got 3 entries',
  )
})

test('another history than the one accepted is refused, also where the accepted note is gone', async () => {
  const store = openMemoryStore()
  const origin = `toolmark/${alice.id}`
  await store.commit({ floors: [{ origin, size: 2, root: '0'.repeat(64) }] })
  const before = await dump(store)
  expect(await rejectionOf(() => replicate(store, alice.source, alice.id))).toMatch(
    /^FORKED: This log shows another history than the one accepted here\. expected 2 entries with root 0{64}; got root [0-9a-f]{64}$/,
  )
  expect(await dump(store)).toEqual(before)
})
