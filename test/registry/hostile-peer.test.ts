// Peers that lie with genuine pieces: another entry, another publisher, another state of the log, a signature by themselves. What
// each is told, word by word, and that nothing of it is kept.

import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import {
  canonicalBytes,
  isRegistryError,
  type Json,
  type RegistryError,
} from '../../src/lib/index.ts'
import { originOf } from '../../src/log/index.ts'
import { type Peer, pull } from '../../src/registry/index.ts'
import { localSource, type SignedStatement, type Source } from '../../src/resolve/index.ts'
import { type Floor, openMemoryStore, type Store } from '../../src/store/index.ts'
import { keyFingerprint, type Signer, signStatement } from '../../src/trust/index.ts'
import { copyStore } from '../support/copy-store.ts'
import { forgeLog, forgeryOf, twistPredicate } from '../support/forged-log.ts'
import { findLeftovers } from '../support/invariants.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'

const NAME = 'com.example/weather'
const OTHER = 'com.example/maps'

let alice: TestPublisher
let mallory: TestPublisher
/** Alice's log when it ended with 1.0.0, and what a consumer of that time remembers. */
let older: Source
let olderFloor: Floor
let floor: Floor

beforeAll(async () => {
  alice = await openPublisher()
  mallory = await openPublisher()
  await alice.publish(toolkit(OTHER, '1.0.0'), toolkit(NAME, '1.0.0'))
  older = localSource(await copyStore(alice.workspace.store))
  ;[olderFloor] = (await alice.workspace.store.listFloors()) as [Floor]
  await alice.publish(toolkit(NAME, '2.0.0'), toolkit(OTHER, '2.0.0'))
  ;[floor] = (await alice.workspace.store.listFloors()) as [Floor]
  await mallory.publish(toolkit(OTHER, '1.0.0'), toolkit(NAME, '1.0.0'))
  await mallory.publish(toolkit(NAME, '2.0.0'), toolkit(OTHER, '2.0.0'))
})

afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await mallory[Symbol.asyncDispose]()
})

interface Asked {
  readonly reference?: string
  readonly floors?: readonly Floor[]
}

/** The refusal of a pull from this source alone, after which nothing may be left but Alice's own blocks. */
async function refusalBy(source: Source, asked: Asked = {}): Promise<RegistryError> {
  const { reference = NAME, floors = [] } = asked
  const store = await consumer(floors)
  const error = await pullFrom(store, [peerOf(source, 'mallory')], reference).then(
    ({ release }) => new Error(`accepted ${release.entry.name}@${release.entry.version}`),
    (cause: unknown) => cause,
  )
  if (!isRegistryError(error)) throw error
  expect(error.verdict).not.toBe('FAILED')
  expect(await findLeftovers(store, { listed: await blocksOf(alice), floors })).toEqual([])
  return error
}

async function consumer(floors: readonly Floor[] = []): Promise<Store> {
  const store = openMemoryStore()
  await store.commit({ floors })
  return store
}

function pullFrom(store: Store, peers: readonly Peer[], reference = NAME) {
  return pull({ ...alice.workspace, store }, { reference, peers, publisher: alice.id })
}

async function blocksOf(publisher: TestPublisher): Promise<ReadonlySet<string>> {
  const cids = new Set<string>()
  for await (const cid of publisher.workspace.store.listBlocks()) cids.add(cid)
  return cids
}

/** Alice's log, but this entry in the place of that. */
function withEntry(seq: number, entry: SignedStatement): Source {
  return {
    ...alice.source,
    entries: async (publisher, range) =>
      range.start === seq ? [entry] : alice.source.entries(publisher, range),
  }
}

async function entry(publisher: TestPublisher, seq: number): Promise<SignedStatement> {
  const [found] = await publisher.source.entries(publisher.id, { start: seq, end: seq + 1 })
  return found as SignedStatement
}

async function signedBy(
  signer: Signer,
  change: (statement: Json) => Json,
): Promise<SignedStatement> {
  const { statement } = await entry(alice, 3)
  const bytes = canonicalBytes(change(JSON.parse(Buffer.from(statement).toString())))
  return { statement: bytes, bundles: [await signStatement(bytes, signer)] }
}

/** A key that stands in nobody's log. */
function stranger(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const key = { type: 'ecdsa-p256', spki } as const
  return { key, sign: async (data) => sign('sha256', data, privateKey) }
}

/** Entries of Alice: 0 genesis, 1 maps 1.0.0, 2 weather 1.0.0, 3 weather 2.0.0, 4 maps 2.0.0. */
const RELEASE = 3
const HEAD = 4

describe('genuine pieces in the wrong place', () => {
  test('the whole log of another publisher', async () => {
    const { source } = mallory
    const all: Source = {
      ...source,
      checkpoint: () => source.checkpoint(mallory.id),
      entries: (_, range) => source.entries(mallory.id, range),
      inclusion: (_, at) => source.inclusion(mallory.id, at),
      consistency: (_, sizes) => source.consistency(mallory.id, sizes),
      indexPath: (_, query) => source.indexPath(mallory.id, query),
    }
    expect(await refusalBy(all)).toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: 'This is not a checkpoint of that log.',
    })
    const { checkpoint } = alice.source
    expect((await refusalBy({ ...all, checkpoint })).code).toBe('SUBJECT_MISMATCH')
  })

  test('the genesis of another publisher', async () => {
    expect(await refusalBy(withEntry(0, await entry(mallory, 0)))).toMatchObject({
      code: 'SUBJECT_MISMATCH',
      message: 'This log begins with another publisher’s genesis.',
      details: {
        expected: alice.id,
        got: mallory.id,
        next: 'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
      },
    })
  })

  test('the checkpoint of another publisher', async () => {
    const checkpoint = () => mallory.source.checkpoint(mallory.id)
    expect(await refusalBy({ ...alice.source, checkpoint })).toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: 'This is not a checkpoint of that log.',
      details: { expected: originOf(alice.id), got: JSON.stringify(originOf(mallory.id)) },
    })
  })

  test('an entry of another publisher', async () => {
    for (const seq of [RELEASE, HEAD]) {
      expect(await refusalBy(withEntry(seq, await entry(mallory, seq)))).toMatchObject({
        code: 'SUBJECT_MISMATCH',
        message: 'This entry was signed for another publisher’s log.',
        details: { expected: alice.id, got: mallory.id },
      })
    }
  })

  test('the bundle of another statement', async () => {
    const { statement } = await entry(alice, RELEASE)
    for (const { bundles } of [await entry(alice, 2), await entry(mallory, RELEASE)]) {
      expect(await refusalBy(withEntry(RELEASE, { statement, bundles }))).toMatchObject({
        code: 'SUBJECT_MISMATCH',
        message: 'The signature bundle is for another statement.',
      })
    }
  })

  test('the genesis as a release, and a release as the genesis', async () => {
    expect((await refusalBy(withEntry(0, await entry(alice, 1)))).code).toBe('SUBJECT_MISMATCH')
    expect((await refusalBy(withEntry(RELEASE, await entry(alice, 0)))).code).toBe('PROOF_INVALID')
  })

  test('an older version of the name, with a good proof of its own', async () => {
    for (const reference of [NAME, `${NAME}@2.0.0`, `${NAME}@^2`]) {
      const downgraded: Source = {
        ...withEntry(RELEASE, await entry(alice, 2)),
        inclusion: (publisher, { index, size }) =>
          alice.source.inclusion(publisher, { index: index === RELEASE ? 2 : index, size }),
      }
      expect(await refusalBy(downgraded, { reference })).toMatchObject({
        code: 'SUBJECT_MISMATCH',
        message: 'This log entry is not the version asked for.',
        details: { expected: '2.0.0', got: '1.0.0' },
      })
    }
  })

  test('a release of another name, with a good proof of its own', async () => {
    const swapped: Source = {
      ...withEntry(RELEASE, await entry(alice, 1)),
      inclusion: (publisher, { index, size }) =>
        alice.source.inclusion(publisher, { index: index === RELEASE ? 1 : index, size }),
    }
    expect(await refusalBy(swapped)).toMatchObject({
      code: 'SUBJECT_MISMATCH',
      message: 'This log entry is not a release of the name asked for.',
      details: { expected: `a release of ${NAME}`, got: `a release of ${OTHER}` },
    })
  })

  test('a head that is not the last entry, with a good proof of its own', async () => {
    const early: Source = {
      ...withEntry(HEAD, await entry(alice, RELEASE)),
      inclusion: (publisher, { index, size }) =>
        alice.source.inclusion(publisher, { index: index === HEAD ? RELEASE : index, size }),
    }
    expect(await refusalBy(early)).toMatchObject({
      code: 'SEQUENCE_INVALID',
      message: 'The entry offered as newest is not the last one of the log.',
      details: { expected: 'seq 4', got: 'seq 3' },
    })
  })

  test('a proof for another position', async () => {
    const inclusion: Source['inclusion'] = (publisher, { size }) =>
      alice.source.inclusion(publisher, { index: 1, size })
    expect((await refusalBy({ ...alice.source, inclusion })).code).toBe('PROOF_INVALID')
  })
})

describe('statements signed by someone else', () => {
  const types = 'https://toolmark.dev'

  test('a self-attached key is not a trusted key', async () => {
    const own = await signedBy(mallory.signing, (statement) => statement)
    expect(await refusalBy(withEntry(RELEASE, own))).toMatchObject({
      code: 'SIGNER_UNAUTHORIZED',
      verdict: 'POLICY',
      message: 'The statement was not signed by a key that may sign it.',
      details: {
        expected: keyFingerprint(alice.signing.key),
        got: keyFingerprint(mallory.signing.key),
        next: 'Do not use it. Only the keys in the publisher’s log count, whatever comes with a bundle.',
      },
    })
  })

  test('with the hint of the right key it is a bad signature', async () => {
    const own = await signedBy(mallory.signing, (statement) => statement)
    const bundles = own.bundles.map((bundle) =>
      Buffer.from(
        Buffer.from(bundle)
          .toString()
          .replace(keyFingerprint(mallory.signing.key), keyFingerprint(alice.signing.key)),
      ),
    )
    expect(await refusalBy(withEntry(RELEASE, { ...own, bundles }))).toMatchObject({
      code: 'SIGNATURE_INVALID',
      verdict: 'MISMATCH',
      message: 'The signature does not fit the statement.',
    })
  })

  test.each([
    ['another seq', twistPredicate({ seq: 2 }), 'SIGNER_UNAUTHORIZED'],
    ['another version', twistPredicate({ version: '9.9.9' }), 'SIGNER_UNAUTHORIZED'],
    [
      'another predicate type',
      (it: Json) => ({ ...(it as object), predicateType: `${types}/yank/v1` }),
      'STATEMENT_INVALID',
    ],
    ['an extra subject', (it: Json) => extraSubject(it), 'STATEMENT_INVALID'],
  ] as const)('%s', async (_, change, code) => {
    for (const signer of [mallory.signing, stranger()]) {
      expect((await refusalBy(withEntry(RELEASE, await signedBy(signer, change)))).code).toBe(code)
    }
  })

  test('signed by the right key, but never logged', async () => {
    const unlogged = await signedBy(alice.signing, twistPredicate({ version: '9.9.9' }))
    expect(await refusalBy(withEntry(RELEASE, unlogged))).toMatchObject({
      code: 'PROOF_INVALID',
      message: 'This entry is not in the log that was signed.',
    })
  })

  test('a log of good entries under a checkpoint by another log key', async () => {
    const forged = [forgeryOf(alice, toolkit(NAME, '2.0.0'))]
    expect(await refusalBy(await forgeLog(alice, forged, mallory.log))).toMatchObject({
      code: 'SIGNATURE_INVALID',
      message: 'The expected key did not sign this note.',
    })
  })
})

function extraSubject(statement: Json): Json {
  const { subject, ...rest } = statement as { subject: readonly Json[] }
  return { ...rest, subject: [...subject, ...subject] } as Json
}

describe('histories that this consumer knows better', () => {
  test('an older state is a rollback, and the floor stays', async () => {
    expect(await refusalBy(older, { floors: [floor] })).toMatchObject({
      code: 'ROLLBACK',
      verdict: 'ROLLBACK',
      message: 'mallory offers an older state of this log than one already accepted here.',
      details: {
        expected: 'at least 5 entries',
        got: '3 entries',
        next: 'Nothing was changed. Ask another peer; if all answer the same, the publisher has lost or withdrawn entries.',
        evidence: { accepted: floor, offered: { size: 3, root: olderFloor.root } },
      },
    })
  })

  test('another history of the same size, or a longer one, is a fork', async () => {
    for (const versions of [
      ['6.0.0', '6.0.1'],
      ['6.0.0', '6.0.1', '6.0.2', '6.0.3', '6.0.4'],
    ]) {
      const forged = versions.map((version) => forgeryOf(alice, toolkit(NAME, version)))
      const fork = await forgeLog(alice, forged)
      const error = await refusalBy(fork, { floors: [olderFloor] })
      expect(error).toMatchObject({
        code: 'FORKED',
        verdict: 'FORKED',
        message: 'This log shows another history than the one already accepted here.',
        details: {
          expected: `a log that extends 3 entries with root ${olderFloor.root}`,
          next: 'Do not use this publisher’s tools until it has explained itself; keep both heads as proof.',
        },
      })
      const evidence = error.details.evidence as { accepted: Floor; offered: Floor }
      expect(evidence.accepted).toEqual(olderFloor)
      expect(evidence.offered).toMatchObject({ size: versions.length + 1 })
    }
  })

  test('the same state again is fine', async () => {
    const store = await consumer([floor])
    const { release } = await pullFrom(store, [peerOf(alice.source)])
    expect(release.entry.version).toBe('2.0.0')
    expect(await store.listFloors()).toEqual([floor])
  })
})

describe('proofs that a name is absent', () => {
  let crowd: TestPublisher
  beforeAll(async () => {
    crowd = await openPublisher()
    const others = Array.from({ length: 40 }, (_, i) =>
      toolkit(`com.example/other-${i}`, '1.0.0', 1),
    )
    await crowd.publish(toolkit(NAME, '1.0.0'), ...others)
  })
  afterAll(() => crowd[Symbol.asyncDispose]())

  test('of a present name none is believed', async () => {
    const { source, id } = crowd
    const root = (await headIndex(crowd)) as never
    const real = await source.indexPath(id, { root, name: NAME })
    const empty = canonicalBytes({ kind: 'index/v1', entries: {} })
    const absent = await source.indexPath(id, { root, name: 'com.example/absent-7' })
    const other = await source.indexPath(id, { root, name: 'com.example/other-3' })
    const history = real.at(-1) as Uint8Array
    const lies: readonly (readonly Uint8Array[])[] = [
      [],
      [empty],
      absent,
      other,
      [...absent, history],
      [...other.slice(0, -1), history],
      [...real.slice(0, -1), other.at(-1) as Uint8Array],
      real.slice(0, -1),
      real.slice(0, -2),
      real.slice(1),
      [history],
      [...real, history],
    ]
    for (const [i, nodes] of lies.entries()) {
      const store = await consumer()
      const lying = peerOf({ ...source, indexPath: async () => nodes })
      const pulling = pull(
        { ...crowd.workspace, store },
        { reference: NAME, peers: [lying], publisher: id },
      )
      await expect(pulling, `lie ${i}`).rejects.toMatchObject({ verdict: 'MISMATCH' })
      expect(await findLeftovers(store, { listed: new Set() })).toEqual([])
    }
  })

  test('of an absent name the honest one is', async () => {
    expect(await refusalBy(alice.source, { reference: 'com.example/nothing' })).toMatchObject({
      code: 'NOT_FOUND',
      message: 'The publisher does not offer com.example/nothing.',
    })
  })

  test('a history that was made up says nothing about which versions there are', async () => {
    const indexPath: Source['indexPath'] = async (publisher, query) => {
      const path = await alice.source.indexPath(publisher, query)
      const text = Buffer.from(path.at(-1) as Uint8Array).toString()
      return [...path.slice(0, -1), Buffer.from(text.replace('"2.0.0"', '"1.9.0"'))]
    }
    const error = await refusalBy({ ...alice.source, indexPath }, { reference: `${NAME}@2.0.0` })
    expect(error.code).toBe('HASH_MISMATCH')
  })
})

async function headIndex(publisher: TestPublisher): Promise<string> {
  const note = Buffer.from(await publisher.source.checkpoint(publisher.id)).toString()
  const { statement } = await entry(publisher, Number(note.split('\n')[1]) - 1)
  return JSON.parse(Buffer.from(statement).toString()).predicate.index
}

describe('what even the publisher cannot make true', () => {
  const honest = () => forgeryOf(alice, toolkit(NAME, '3.0.0'))

  test('the forger’s log is good where nothing is twisted', async () => {
    const store = await consumer()
    const { release } = await pullFrom(store, [peerOf(await forgeLog(alice, [honest()]))])
    expect(release.entry.version).toBe('3.0.0')
  })

  test.each([
    ['name', { name: OTHER }, `${OTHER}@3.0.0`],
    ['version', { version: '3.0.1' }, `${NAME}@3.0.1`],
  ])('a release block of another %s than its statement', async (_, change, got) => {
    const forgery = honest()
    const release = rewritten(forgery.release, change)
    const source = await forgeLog(alice, [{ ...forgery, release }])
    const error = await refusalOf(source, [release, ...forgery.tools])
    expect(error).toMatchObject({
      code: 'SUBJECT_MISMATCH',
      message: 'The release names itself differently from the log entry that signs it.',
      details: { expected: `${NAME}@3.0.0`, got },
    })
  })

  test('a tool listed under another name', async () => {
    const forgery = honest()
    const [first, second] = forgery.tools.map(cidOf)
    const tools = { tool_0: second as string, tool_1: first as string }
    const release = rewritten(forgery.release, { tools })
    const error = await refusalOf(await forgeLog(alice, [{ ...forgery, release }]), [
      release,
      ...forgery.tools,
    ])
    expect(error).toMatchObject({
      code: 'SUBJECT_MISMATCH',
      message: 'The release lists this tool under another name.',
      details: { expected: 'tool_0', got: 'tool_1' },
    })
  })

  test.each([
    ['a tool', (it: { tools: readonly Uint8Array[] }) => it.tools[0]],
    ['a statement-like thing', () => canonicalBytes({ kind: 'statement/v1', x: 1 })],
    ['no object', () => canonicalBytes([1, 2])],
  ])('%s in the place of the release', async (_, pick) => {
    const forgery = honest()
    const release = pick(forgery) as Uint8Array
    const error = await refusalOf(await forgeLog(alice, [{ ...forgery, release }]), [])
    expect(error.verdict).toBe('MALFORMED')
  })

  test.each([
    ['another publisher', () => twistPredicate({ publisher: mallory.id }), 'SUBJECT_MISMATCH'],
    ['another seq', () => twistPredicate({ seq: 2 }), 'PROOF_INVALID'],
    ['another name', () => twistPredicate({ name: OTHER }), 'SUBJECT_MISMATCH'],
    ['another version', () => twistPredicate({ version: '4.0.0' }), 'SUBJECT_MISMATCH'],
    [
      'another index',
      () => twistPredicate({ index: cidOf(canonicalBytes({})) }),
      'PEER_UNAVAILABLE',
    ],
    ['a field more', () => twistPredicate({ extra: 1 }), 'STATEMENT_INVALID'],
    ['an extra subject', () => extraSubject, 'STATEMENT_INVALID'],
  ])('a logged and signed statement with %s', async (_, twist, code) => {
    const source = await forgeLog(alice, [{ ...honest(), twist: twist() }])
    expect((await refusalOf(source, [])).code).toBe(code)
  })

  /** As `refusalBy`, where the blocks of a forgery may stay: its statement did verify. */
  async function refusalOf(source: Source, blocks: readonly Uint8Array[]): Promise<RegistryError> {
    const store = await consumer()
    const error = await pullFrom(store, [peerOf(source)]).catch((cause: unknown) => cause)
    if (!isRegistryError(error)) throw error
    expect(await findLeftovers(store, { listed: new Set(blocks.map(cidOf)) })).toEqual([])
    return error
  }
})

function rewritten(block: Uint8Array, change: { readonly [key: string]: Json }): Uint8Array {
  return canonicalBytes({ ...JSON.parse(Buffer.from(block).toString()), ...change })
}
