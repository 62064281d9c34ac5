// After a fork: a consumer goes on with the history that the root role has named, once a person has said yes, and never before.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import { isRegistryError } from '../../src/lib/index.ts'
import { findHead, openDraft } from '../../src/log/index.ts'
import {
  acceptRecovery,
  importFork,
  listForks,
  publish,
  pull,
  type Recovery,
  readFork,
  recover,
  verifyName,
} from '../../src/registry/index.ts'
import { localSource, type Source } from '../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { signStatement } from '../../src/trust/index.ts'
import { createSigner } from '../log/helpers.ts'
import { copyStore, dump } from '../support/copy-store.ts'
import { followerOf } from '../support/follower.ts'
import { makeForkBytes } from '../support/fork-file.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { replicate } from '../support/replicate.ts'

let alice: TestPublisher
let abandoned: Store
let third: Store
let consumer: Store
let fork: Cid
beforeEach(async () => {
  alice = await openPublisher()
  await alice.publish(toolkit('hello', '1.0.0'))
  abandoned = await copyStore(alice.workspace.store)
  third = await copyStore(alice.workspace.store)
  for (const version of ['2.0.0', '2.1.0', '2.2.0']) {
    await publish({ ...alice.workspace, store: abandoned }, [toolkit('hello', version)])
  }
  await alice.publish(toolkit('hello', '3.0.0'))
  consumer = openMemoryStore()
  await pullFrom(localSource(abandoned))
  const proofs = openMemoryStore()
  await pullFrom(localSource(abandoned), alice.source, proofs).catch(() => undefined)
  const [known] = await listForks(proofs)
  if (known === undefined) throw new Error('no fork')
  fork = known.fork
  for (const store of [consumer, alice.workspace.store]) {
    await importFork(store, await readFork(proofs, fork))
  }
})
afterEach(() => alice[Symbol.asyncDispose]())

function pullFrom(source: Source, other?: Source, store = consumer) {
  const peers = [source, ...(other === undefined ? [] : [other])].map((it) => peerOf(it))
  const request = { reference: `${alice.id}/hello`, peers, publisher: alice.id }
  return pull({ ...alice.workspace, store }, request)
}

function accept(source: Source, isMeant = true, cid = fork): Promise<Recovery> {
  const request = { fork: cid, peers: [peerOf(source)], isMeant: async () => isMeant }
  return acceptRecovery({ ...alice.workspace, store: consumer }, request)
}

async function codeOf(act: Promise<unknown>): Promise<string> {
  const error = await act.then(
    () => 'accepted',
    (cause: unknown) => cause,
  )
  if (error === 'accepted') return error
  if (isRegistryError(error)) return `${error.code}: ${error.message}`
  throw error
}

async function assertUnchanged(act: Promise<unknown>, text: RegExp): Promise<void> {
  const before = [await dump(consumer), await consumer.listFloors()]
  expect(await codeOf(act)).toMatch(text)
  expect([await dump(consumer), await consumer.listFloors()]).toEqual(before)
  expect(await codeOf(pullFrom(alice.source))).toMatch(/^FORKED: This publisher has signed two/)
}

describe('a recovery', () => {
  test('is accepted by a yes: down to the other history, and what was pulled of the first is forgotten', async () => {
    await recover(alice.workspace, fork, { reason: 'an old backup' })
    expect((await consumer.listFloors())[0]?.size).toBe(5)
    const recovery = await accept(alice.source)
    expect(recovery).toMatchObject({ publisher: alice.id, fork, size: 4, seq: 3 })
    expect([recovery.kept.size, recovery.abandoned.size]).toEqual([3, 5])
    expect(recovery.reason).toBe('an old backup')
    expect((await consumer.listFloors())[0]).toMatchObject({ size: 4, root: recovery.root })
    expect(await listForks(consumer)).toEqual([])
    expect(await codeOf(verifyName(consumer, `${alice.id}/hello@2.2.0`))).toContain('NOT_FOUND')
    expect((await pullFrom(alice.source)).release.entry.version).toBe('3.0.0')
    expect(await readFork(consumer, fork)).toBeInstanceOf(Uint8Array)
    // Peers that have not heard of it: of a proof that was settled nothing follows any more.
    await importFork(consumer, await readFork(consumer, fork))
    expect(await listForks(consumer)).toEqual([])
    expect(await codeOf(accept(alice.source))).toContain('NOT_FOUND')
  })

  test('is accepted of a log that was followed: it is fetched anew', async () => {
    await recover(alice.workspace, fork, {})
    consumer = await followerOf({ workspace: { ...alice.workspace, store: abandoned } })
    await importFork(consumer, await readFork(alice.workspace.store, fork))
    expect(await accept(alice.source)).toMatchObject({ size: 4 })
    expect(await findHead(consumer, alice.id)).toBe(undefined)
    expect((await consumer.listFloors())[0]?.size).toBe(4)
    expect(await codeOf(verifyName(consumer, `${alice.id}/hello@2.2.0`))).toContain('NOT_FOUND')
    expect(await replicate(consumer, alice.source, alice.id)).toBe('done')
    expect((await findHead(consumer, alice.id))?.size).toBe(4)
    await verifyName(consumer, `${alice.id}/hello@3.0.0`, { publisher: alice.id })
  })

  test('of the own log is for its publisher to make', async () => {
    const request = { fork, peers: [peerOf(alice.source)], isMeant: async () => true }
    expect(await codeOf(acceptRecovery(alice.workspace, request))).toBe(
      'USAGE: This log is your own.',
    )
  })

  test('without a yes changes nothing', async () => {
    await recover(alice.workspace, fork, {})
    await assertUnchanged(accept(alice.source, false), /^FORKED: Nobody has said yes/)
  })

  test('is not one where the log says nothing, or speaks of another fork', async () => {
    await assertUnchanged(accept(alice.source), /^FORKED: This log says nothing of that fork/)
    const other = cidOf(await makeForkBytes())
    await append('recover', alice.signing, other)
    await assertUnchanged(accept(alice.source), /^FORKED: This log says nothing of that fork/)
    await assertUnchanged(accept(alice.source, true, other), /^NOT_FOUND|BLOCK_MISSING/)
  })

  test('is not one where another key than a root key has signed it', async () => {
    const bundles = await recoverySignedBy(createSigner('ecdsa-p256'))
    await recover(alice.workspace, fork, {})
    const lying: Source = {
      ...alice.source,
      entries: async (id, range, options) => {
        const entries = await alice.source.entries(id, range, options)
        return entries.map((entry, i) => (range.start + i === 3 ? { ...entry, bundles } : entry))
      },
    }
    await assertUnchanged(accept(lying), /^SIGNER_UNAUTHORIZED/)
  })

  test('is not one in a log that holds neither head', async () => {
    await importFork(third, await readFork(consumer, fork))
    await publish({ ...alice.workspace, store: third }, [toolkit('hello', '4.0.0')])
    await recover({ ...alice.workspace, store: third }, fork, {})
    await assertUnchanged(accept(localSource(third)), /^FORKED: This log goes on from neither/)
  })
})

async function append(kind: 'recover', signer: TestPublisher['signing'], subject: Cid) {
  const draft = await openDraft(alice.workspace.store, alice.id)
  await draft.add({ kind, subject, reason: undefined }, signer)
  await alice.workspace.store.commit(await draft.finish(alice.log))
}

async function recoverySignedBy(signer: TestPublisher['signing']) {
  const { state } = await openDraft(alice.workspace.store, alice.id)
  const store = await copyStore(alice.workspace.store)
  await recover({ ...alice.workspace, store }, fork, {})
  const [entry] = await localSource(store).entries(alice.id, {
    start: state.size,
    end: state.size + 1,
  })
  return [await signStatement(entry?.statement ?? new Uint8Array(), signer)]
}
