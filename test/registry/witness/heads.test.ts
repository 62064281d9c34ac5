// A node that cosigns what it holds: what it says, when it says it again, and what it refuses.

import { describe, expect, onTestFinished, test } from 'vitest'
import { findCosignatures, formatWitness, parseNote, parseWitness } from '../../../src/log/index.ts'
import {
  createWitness,
  freshnessWarnings,
  keepCosignatures,
  listForks,
  pull,
  type Witness,
} from '../../../src/registry/index.ts'
import {
  localSource,
  parseQuorum,
  parseWitnessPolicy,
  quorumTime,
} from '../../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { createSigner } from '../../log/helpers.ts'
import { copyStore } from '../../support/copy-store.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { cosigned, openWitness, withLines } from '../../support/witness.ts'

const NAME = 'witness.example/w1'
const START = new Date('2026-06-01T00:00:00Z')
const later = (minutes: number): Date => new Date(Number(START) + minutes * 60_000)

interface Node {
  readonly alice: TestPublisher
  readonly store: Store
  readonly clock: { now: Date }
  readonly witness: Witness
  words(): Promise<readonly Date[]>
}

async function openNode(): Promise<Node> {
  const alice = await openPublisher()
  onTestFinished(() => alice[Symbol.asyncDispose]())
  await alice.publish(toolkit('weather', '1.0.0'))
  const { store } = alice.workspace
  const clock = { now: START }
  const cosigner = { name: NAME, signer: createSigner('ed25519') }
  const witness = createWitness(store, cosigner, { now: () => clock.now })
  const words = async () => {
    const note = await localSource(store).checkpoint(alice.id)
    return findCosignatures(note, [parseWitness(witness.vkey)]).map(({ time }) => time)
  }
  return { alice, store, clock, witness, words }
}

test('what is held is cosigned and served, one line a state, the newest', async () => {
  const { alice, clock, witness, words } = await openNode()
  const first = await witness.cosignHead(alice.id)
  expect(first).toMatchObject({ kind: 'cosigned', publisher: alice.id, size: 2 })
  expect(parseNote(first.note).signatures.map(({ name }) => name)).toEqual([
    `toolmark/${alice.id}`,
    NAME,
  ])
  clock.now = later(10)
  await witness.cosignHead(alice.id)
  expect(await words()).toEqual([later(10)])
  await alice.publish(toolkit('weather', '1.1.0'))
  // A line counts for the state it was made for.
  expect(await words()).toEqual([])
  expect(await witness.cosignHead(alice.id)).toMatchObject({ kind: 'cosigned', size: 3 })
  expect(await words()).toEqual([later(10)])
})

test('the beacon says again what was said long ago, and first what is new', async () => {
  const { alice, witness, words } = await openNode()
  const run = async (now: Date) => {
    const { cosigned, failed, isComplete } = await witness.beacon(now, { everyMs: 60 * 60_000 })
    expect([failed, isComplete]).toEqual([[], true])
    return cosigned.map(({ publisher }) => publisher)
  }
  expect(await run(START)).toEqual([alice.id])
  expect(await run(later(59))).toEqual([])
  expect(await run(later(60))).toEqual([alice.id])
  expect(await words()).toEqual([later(60)])
  expect((await witness.beacon(later(999), { limit: 1 })).isComplete).toBe(false)
  expect((await witness.beacon(later(999), { limit: 1 })).isComplete).toBe(true)
})

describe('what is refused', () => {
  test('a log that is not held', async () => {
    const { alice, witness } = await openNode()
    const other = createWitness(
      openMemoryStore(),
      { name: NAME, signer: createSigner('ed25519') },
      { now: () => START },
    )
    await expect(other.cosignHead(alice.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(witness.vkey).toMatch(/^witness\.example\/w1\+[0-9a-f]{8}\+B/)
  })

  test('a clock that was put back: a little is nothing, more is an end', async () => {
    const { alice, clock, witness, words } = await openNode()
    await witness.cosignHead(alice.id)
    clock.now = later(-4)
    await witness.cosignHead(alice.id)
    expect(await words()).toEqual([START])
    clock.now = later(-60)
    await expect(witness.cosignHead(alice.id)).rejects.toMatchObject({
      code: 'TIMESTAMP_INVALID',
      message: 'The clock of this node was put back.',
      details: {
        got: '2026-05-31T23:00:00.000Z, 60 minutes earlier',
        next: 'Set the clock of this machine. Nothing is cosigned until then.',
      },
    })
  })

  test('a store that has forgotten what was cosigned', async () => {
    const { alice, store, witness } = await openNode()
    await witness.cosignHead(alice.id)
    for await (const record of store.listRecords('self', { prefix: 'cosigned/' })) {
      await store.commit({ remove: [record] })
    }
    await expect(witness.cosignHead(alice.id)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: 'This store has forgotten what this node cosigned.',
    })
    const { failed } = await witness.beacon(later(1))
    expect(failed).toMatchObject([{ publisher: alice.id, error: { code: 'STORE_CORRUPT' } }])
  })

  test('a held log that contradicts what was cosigned: a fork, proven and kept', async () => {
    const { alice, witness } = await openNode()
    const before = await copyStore(alice.workspace.store)
    await alice.publish(toolkit('weather', '1.1.0'))
    await witness.cosignHead(alice.id)
    // The publisher writes another second entry from a copy, and this is what the node holds from now on.
    const { publish } = await import('../../../src/registry/index.ts')
    const copy = { ...alice.workspace, store: before }
    await publish(copy, [toolkit('weather', '6.6.6'), toolkit('weather', '6.6.7')])
    const store = await copyStore(before)
    for await (const record of alice.workspace.store.listRecords('self', { prefix: 'cosigned/' })) {
      await store.commit({ put: [record] })
    }
    const node = createWitness(
      store,
      { name: NAME, signer: createSigner('ed25519') },
      { now: () => START },
    )
    await expect(node.cosignHead(alice.id)).rejects.toMatchObject({ code: 'FORKED' })
    expect(await listForks(store)).toMatchObject([{ publisher: alice.id }])
  })
})

describe('the words of others', () => {
  test('are kept for the state that is held, if the witness is known, and only forwards', async () => {
    const { alice, store, words } = await openNode()
    const [known, stranger] = [openWitness('known.example'), openWitness('stranger.example')]
    const witnesses = [parseWitness(known.vkey)]
    const bare = await localSource(store).checkpoint(alice.id)
    const note = cosigned(bare, [known, later(5)], [known, later(1)], [stranger, later(9)])
    expect(await keepCosignatures(store, alice.id, note, witnesses)).toBe(1)
    expect(
      await keepCosignatures(store, alice.id, cosigned(bare, [known, later(3)]), witnesses),
    ).toBe(0)
    const forged = withLines(bare, known.line(parseNote(bare).text, later(99), 'another text'))
    expect(await keepCosignatures(store, alice.id, forged, witnesses)).toBe(0)
    const served = await localSource(store).checkpoint(alice.id)
    expect(findCosignatures(served, witnesses).map(({ time }) => time)).toEqual([later(5)])
    expect(parseNote(served).signatures).toHaveLength(2)
    await alice.publish(toolkit('weather', '1.1.0'))
    expect(await keepCosignatures(store, alice.id, note, witnesses)).toBe(0)
    expect(await words()).toEqual([])
  })

  test('sixteen at most are served, the newest', async () => {
    const { alice, store } = await openNode()
    const many = Array.from({ length: 20 }, (_, i) => openWitness(`w${i}.example`))
    const bare = await localSource(store).checkpoint(alice.id)
    const note = cosigned(bare, ...many.map((one, i) => [one, later(i)] as const))
    const witnesses = many.map(({ vkey }) => parseWitness(vkey))
    expect(await keepCosignatures(store, alice.id, note, witnesses)).toBe(20)
    const served = parseNote(await localSource(store).checkpoint(alice.id))
    expect(served.signatures.slice(1).map(({ name }) => name)).toEqual(
      many
        .slice(4)
        .reverse()
        .map(({ name }) => name),
    )
  })

  test('a pull puts together what several peers have, and keeps it for the policy', async () => {
    const { alice, store, witness, clock } = await openNode()
    await witness.cosignHead(alice.id)
    const other = openWitness('other.example')
    const late = await copyStore(store)
    const plain = {
      ...localSource(await copyStore(store)),
      checkpoint: async () => cosigned(await alice.source.checkpoint(alice.id), [other, START]),
    }
    const stripped = async () =>
      Buffer.from(
        `${parseNote(await alice.source.checkpoint(alice.id)).text}\n${
          Buffer.from(await alice.source.checkpoint(alice.id))
            .toString()
            .split('\n\n')[1]
            ?.split('\n')[0]
        }\n`,
      )
    const half = { ...localSource(late), checkpoint: stripped }
    const third = { ...plain, checkpoint: async () => cosigned(await stripped(), [other, START]) }
    const first = localSource(late)
    const bob = { ...alice.workspace, store: openMemoryStore(), now: () => clock.now }
    const witnesses = parseWitnessPolicy({ witnesses: [witness.vkey, other.vkey], quorum: 2 })
    const request = { reference: `${alice.id}/weather`, publisher: alice.id, witnesses }
    const peers = [peerOf(half, 'half'), peerOf(first, 'first'), peerOf(third, 'third')]
    await expect(pull(bob, { ...request, peers: peers.slice(0, 2) })).rejects.toMatchObject({
      code: 'STALE',
    })
    const { freshness } = await pull(bob, { ...request, peers })
    expect(freshness?.time).toEqual(START)
    expect([...(freshness?.by ?? [])].sort()).toEqual(['other.example', NAME])
  })
})

test('a policy file whose witnesses have URLs', async () => {
  const { alice, witness } = await openNode()
  const { note } = await witness.cosignHead(alice.id)
  const text = `witness w1 ${witness.vkey} https://witness.example/prefix\nquorum w1\n`
  expect(quorumTime(parseQuorum(Buffer.from(text), 'policy'), note, later(1))).toEqual(START)
})

test('a vkey is written as it is read', () => {
  const { vkey } = openWitness('witness.example/w1')
  expect(formatWitness(parseWitness(vkey))).toBe(vkey)
})

test('a log that is followed is asked for its witnesses, unlike the one that is written here', async () => {
  const { alice, store, witness } = await openNode()
  const entry = { publisher: alice.id, name: `${alice.id}/weather`, version: '1.0.0' }
  const policy = parseWitnessPolicy({ witnesses: [witness.vkey] })
  const asked = { policy, allowStale: true, now: later(1) }
  expect(await freshnessWarnings(store, entry, asked)).toEqual([])
  const follower = await copyStore(store)
  await follower.commit({ remove: [{ table: 'self', key: 'publisher' }] })
  const stale = await freshnessWarnings(follower, entry, asked)
  expect(stale.map(({ kind }) => kind)).toEqual(['stale'])
  const { note } = await witness.cosignHead(alice.id)
  await keepCosignatures(follower, alice.id, note, policy.witnesses)
  expect(await freshnessWarnings(follower, entry, asked)).toEqual([])
})
