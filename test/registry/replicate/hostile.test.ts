// Peers that change, withhold, reorder and invent: each is refused in words, and nothing of what it sent is shown or kept as a log.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findHead } from '../../../src/log/index.ts'
import { checkLog } from '../../../src/registry/index.ts'
import type { SignedStatement, Source } from '../../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { rejectionOf } from '../../log/helpers.ts'
import { copyStore, dump } from '../../support/copy-store.ts'
import { forgeLog, forgeryOf, twistPredicate } from '../../support/forged-log.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { type Plan, replicate } from '../../support/replicate.ts'

const VERSIONS = ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0', '1.5.0']
let alice: TestPublisher
let mallory: TestPublisher
/** Alice's log when it had three entries. */
let older: Store

beforeAll(async () => {
  ;[alice, mallory] = [await openPublisher(), await openPublisher()]
  for (const version of VERSIONS) {
    await alice.publish(toolkit('kit', version, 2, version))
    await mallory.publish(toolkit('kit', version, 2, version))
    if (version === '1.1.0') older = await copyStore(alice.workspace.store)
  }
})
afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await mallory[Symbol.asyncDispose]()
})

type Twist = (entries: readonly SignedStatement[]) => readonly SignedStatement[]

/** A change to the whole log, whichever part of it is asked for. */
function withEntries(twist: Twist): Source {
  return {
    ...alice.source,
    entries: async (publisher, { start, end }) => {
      const all = await alice.source.entries(publisher, { start: 0, end: VERSIONS.length + 1 })
      return twist(all).slice(start, end)
    },
  }
}

function forged(...versions: readonly string[]): Promise<Source> {
  return forgeLog(
    alice,
    versions.map((version) => forgeryOf(alice, toolkit('kit', version, 2, 'Other.'))),
  )
}

/** Entry 4 lies in what is new to everybody. */
function at4(change: (entry: SignedStatement) => SignedStatement): Source {
  return withEntries((all) => all.map((entry, i) => (i === 4 ? change(entry) : entry)))
}

async function entryOf(publisher: TestPublisher, seq: number): Promise<SignedStatement> {
  const [entry] = await publisher.source.entries(publisher.id, { start: seq, end: seq + 1 })
  return entry as SignedStatement
}

const CASES: Readonly<Record<string, readonly [() => Source | Promise<Source>, string]>> = {
  'other bytes for a block': [
    () => ({
      ...alice.source,
      blocks: async (cids) => (await mallory.source.blocks(cids)).map(() => Buffer.from('{}')),
    }),
    'HASH_MISMATCH: This block is none that was asked for.',
  ],
  'a block twice': [
    () => ({
      ...alice.source,
      blocks: async (cids) => {
        const [first, ...rest] = await alice.source.blocks(cids)
        return [first, ...rest, first]
      },
    }),
    'PEER_MISBEHAVED: This block came a second time.',
  ],
  'entries in another order': [
    () => withEntries((all) => [...all.slice(0, 4), ...all.slice(4).toReversed()]),
    'SEQUENCE_INVALID: Entry 4 of the log: This entry does not follow',
  ],
  'an entry left out': [
    () => withEntries((all) => all.filter((_, i) => i !== 4)),
    'SEQUENCE_INVALID: Entry 4 of the log: This entry does not follow',
  ],
  'an entry without a signature': [
    () => at4(({ statement }) => ({ statement, bundles: [] })),
    'UNSIGNED: Entry 4 of the log: This statement comes without a signature.',
  ],
  'a signature over another entry': [
    () =>
      withEntries((all) => {
        const bundles = all[5]?.bundles ?? []
        return all.map((entry, i) => (i === 4 ? { ...entry, bundles } : entry))
      }),
    'SUBJECT_MISMATCH: Entry 4 of the log: The signature bundle is for another statement.',
  ],
  'an entry of another log': [
    async () => {
      const foreign = await entryOf(mallory, 4)
      return at4(() => foreign)
    },
    'SEQUENCE_INVALID: Entry 4 of the log: This entry does not follow',
  ],
  'another log altogether': [
    () => ({ ...mallory.source, checkpoint: () => mallory.source.checkpoint(mallory.id) }),
    'CHECKPOINT_INVALID: This is not a checkpoint of that log.',
  ],
  'the signed head of another key': [
    async () =>
      forgeLog(
        alice,
        VERSIONS.map((v) => forgeryOf(alice, toolkit('kit', v, 2, v))),
        mallory.log,
      ),
    'SIGNATURE_INVALID: The expected key did not sign this note.',
  ],
  'entries signed by somebody else': [
    async () =>
      forgeLog(
        alice,
        VERSIONS.map((v) => ({
          ...forgeryOf(alice, toolkit('kit', v, 2, v)),
          ...(v === '1.4.0' ? { signer: mallory.signing } : {}),
        })),
      ),
    'SIGNER_UNAUTHORIZED: Entry 5 of the log: The statement was not signed by a key that may sign it.',
  ],
  'an index that does not follow': [
    async () => {
      const { index } = JSON.parse(
        Buffer.from((await entryOf(alice, 2)).statement).toString(),
      ).predicate
      return forgeLog(
        alice,
        VERSIONS.map((v) => ({
          ...forgeryOf(alice, toolkit('kit', v, 2, v)),
          ...(v === '1.4.0' ? { twist: twistPredicate({ index }) } : {}),
        })),
      )
    },
    'PROOF_INVALID: Entry 5 of the log: The index root does not follow from the entries.',
  ],
  'entries that are signed, and are not in the log shown': [
    async () => {
      const other = await forged(...VERSIONS)
      return { ...other, checkpoint: alice.source.checkpoint }
    },
    'PROOF_INVALID: the forger sent other entries than the log it shows has.',
  ],
  'a longer answer than the log is': [
    () => ({
      ...alice.source,
      entries: async (publisher, range) => {
        const all = await alice.source.entries(publisher, range)
        return [...all, ...all]
      },
    }),
    'PEER_MISBEHAVED: this node sent more entries than its log has.',
  ],
}

/** What can be told of a log before any of it is held, and what only of one that is held. */
describe.each(Object.entries(CASES))('%s', (_, [open, expected]) => {
  test('from nothing', async () => {
    const store = openMemoryStore()
    expect(await rejectionOf(async () => replicate(store, await open(), alice.id))).toContain(
      expected,
    )
    expect(await dump(store)).toEqual({ blocks: [], records: [] })
    expect(await replicate(store, alice.source, alice.id)).toBe('done')
  })

  test('in steps, of which the good ones stay, and are not asked for again', async () => {
    const store = openMemoryStore()
    const plan: Plan = { step: 2, take: 2 }
    await rejectionOf(async () => replicate(store, await open(), alice.id, plan))
    expect(await findHead(store, alice.id)).toBeUndefined()
    await finish(store)
    await checkLog(store, alice.id)
  })
})

/** Once or twice: what a liar has left behind is found out by the first honest peer, and forgotten. */
async function finish(store: Store): Promise<void> {
  try {
    expect(await replicate(store, alice.source, alice.id)).toBe('done')
  } catch {
    expect(await replicate(store, alice.source, alice.id)).toBe('done')
  }
}

describe('on top of what is held', () => {
  const PROOFS: Readonly<Record<string, readonly [() => Source | Promise<Source>, string]>> = {
    'a consistency proof of nothing': [
      () => ({ ...alice.source, consistency: async () => [] }),
      'PROOF_INVALID: This proof about two histories is too long or too short.',
    ],
    'a consistency proof of other hashes': [
      () => ({
        ...alice.source,
        consistency: async (...asked) =>
          (await alice.source.consistency(...asked)).map(() => new Uint8Array(32)),
      }),
      'PROOF_INVALID: this node does not prove that its log goes on from an earlier one.',
    ],
    'a longer log by another key': [
      async () =>
        forgeLog(
          alice,
          [...VERSIONS, '9.0.0'].map((v) => forgeryOf(alice, toolkit('kit', v, 2, 'X'))),
          mallory.log,
        ),
      'PROOF_INVALID: the forger does not prove what its log grew from.',
    ],
    'a shorter log by another key': [
      async () => forgeLog(alice, [forgeryOf(alice, toolkit('kit', '7.0.0'))], mallory.log),
      'SIGNATURE_INVALID: The expected key did not sign this note.',
    ],
  }
  test.each(Object.entries(PROOFS))('%s', async (_, [open, expected]) => {
    const store = await copyStore(older)
    const before = await dump(store)
    // Alice's own settings are hers: here her log is somebody else's.
    await store.commit({ remove: [{ table: 'self', key: 'publisher' }] })
    expect(await rejectionOf(async () => replicate(store, await open(), alice.id))).toContain(
      expected,
    )
    const after = await dump(store)
    expect(after.blocks).toEqual(before.blocks)
    expect(after.records).toEqual(before.records.filter(({ table }) => table !== 'self'))
    expect(await replicate(store, alice.source, alice.id)).toBe('done')
    await checkLog(store, alice.id)
  })

  test('a step without its proof', async () => {
    const store = openMemoryStore()
    const source = { ...alice.source, consistency: async () => [new Uint8Array(32)] }
    expect(await rejectionOf(() => replicate(store, source, alice.id, { step: 3 }))).toContain(
      'PROOF_INVALID: this node does not prove what its log grew from.',
    )
    expect(await dump(store)).toEqual({ blocks: [], records: [] })
  })
})
