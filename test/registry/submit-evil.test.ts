// Submitters that lie, to a home node over a network: each is told its code, and the node's store is byte for byte what it was.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cidOf, digestOf } from '../../src/cid/index.ts'
import { canonicalBytes, toHex, utf8 } from '../../src/lib/index.ts'
import { parseStatement } from '../../src/log/index.ts'
import { appendEntry } from '../../src/registry/append.ts'
import { checkLog, type HomeNode, type Submission } from '../../src/registry/index.ts'
import { formatPin } from '../../src/resolve/index.ts'
import type { PeerSource } from '../../src/sync/index.ts'
import { systemTimers } from '../../src/sync/index.ts'
import { openSigner } from '../../src/trust/index.ts'
import { dump } from '../support/copy-store.ts'
import { type Crafted, craft, craftEntry, OTHER_CID, signed } from '../support/evil-submitter.ts'
import { openTestHome, type TestHome } from '../support/home-node.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'
import { entryOf } from '../support/scene.ts'

const WEATHER = toolkit('com.example/weather', '2.0.0', 2, 'Says more.')

let home: TestHome
let alice: TestPublisher
let evil: PeerSource
let before: string

beforeEach(async () => {
  // Time stands still: what has been used up does not come back, however long a submission takes.
  home = await openTestHome('memory', { ...systemTimers, now: () => 0 })
  alice = home.publisher
  await alice.publish(toolkit('com.example/weather', '1.0.0'), toolkit('com.example/maps', '1.0.0'))
  evil = await (await home.machine('mallory')).dial()
  before = await contents()
})
afterEach(async () => {
  await evil[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
})

async function contents(): Promise<string> {
  return JSON.stringify(await dump(alice.workspace.store))
}

async function expectUntouched(): Promise<void> {
  expect(await contents()).toBe(before)
  expect((await checkLog(alice.workspace.store, alice.id)).size).toBe(3)
}

/** Sends what the node asks for of these blocks, until it has an answer. */
async function handIn(submission: Submission, ...blocks: readonly Uint8Array[]): Promise<unknown> {
  const own = new Map(blocks.map((bytes) => [cidOf(bytes), bytes]))
  for (;;) {
    const answer = await evil.submit(submission)
    const parcel = answer.missing.flatMap((cid) => own.get(cid) ?? [])
    if (parcel.length === 0) return answer
    await evil.stage(parcel)
    for (const cid of answer.missing) own.delete(cid)
  }
}

async function expectRefused(
  code: string,
  { submission, release, tools }: Pick<Crafted, 'submission' | 'release' | 'tools'>,
  said: object = {},
): Promise<void> {
  await expect(handIn(submission, release, ...tools)).rejects.toMatchObject({ code, ...said })
  await expectUntouched()
}

test('the same, unbent, is taken', async () => {
  const { submission, statement, release, tools } = await craft(alice, WEATHER)
  expect(await handIn(submission, release, ...tools)).toEqual({
    missing: [],
    entries: [{ kind: 'appended', seq: 3, statement: statement.cid }],
  })
  expect((await checkLog(alice.workspace.store, alice.id)).size).toBe(4)
})

test('a yank is taken as well, once, and by the keys that may', async () => {
  const { statement: old } = await entryOf(alice, 1)
  const { subject } = parseStatement(old)
  const yank = (reason: string, signer = alice.signing) =>
    craftEntry(
      alice,
      { kind: 'yank', name: 'com.example/weather', version: '1.0.0', subject, reason },
      { signer },
    )
  await using mallory = await openPublisher()
  const strange = await yank('It rains.', mallory.signing)
  await expect(evil.submit(strange.submission)).rejects.toMatchObject({
    code: 'SIGNER_UNAUTHORIZED',
  })
  const { submission, statement } = await yank('It rains.')
  const other = await yank('It snows.')
  const entry = { seq: 3, statement: statement.cid }
  expect(await evil.submit(submission)).toEqual({
    missing: [],
    entries: [{ kind: 'appended', ...entry }],
  })
  before = await contents()
  expect(await evil.submit(submission)).toEqual({
    missing: [],
    entries: [{ kind: 'unchanged', ...entry }],
  })
  // Another statement for the place of one that is there is no lost acknowledgement.
  await expect(evil.submit(other.submission)).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(await contents()).toBe(before)
})

describe('who signs', () => {
  test('a stranger', async () => {
    await using mallory = await openPublisher()
    await expectRefused(
      'SIGNER_UNAUTHORIZED',
      await craft(alice, WEATHER, { signer: mallory.signing }),
      {
        message:
          'The home node home refused: The statement was not signed by a key that may sign it.',
        details: {
          expected: expect.stringMatching(/^SHA256:/),
          got: expect.stringMatching(/^SHA256:/),
          next: 'Nothing was appended. Ask whoever runs the home node if you do not know why.',
        },
      },
    )
  })

  test('the right key, over another statement', async () => {
    const crafted = await craft(alice, WEATHER)
    const other = await craft(alice, toolkit('com.example/other', '1.0.0'))
    const entries = [
      {
        statement: crafted.statement.bytes,
        bundles: other.submission.entries[0]?.bundles ?? [],
      },
    ]
    const submission = { ...crafted.submission, entries }
    await expectRefused('SUBJECT_MISMATCH', { ...crafted, submission })
  })

  test('nobody', async () => {
    const crafted = await craft(alice, WEATHER)
    const entries = [{ statement: crafted.statement.bytes, bundles: [] }]
    const submission = { ...crafted.submission, entries }
    await expectRefused('MESSAGE_INVALID', { ...crafted, submission })
    const nonsense = [{ statement: crafted.statement.bytes, bundles: [utf8('{}')] }]
    await expectRefused('BUNDLE_INVALID', {
      ...crafted,
      submission: { ...submission, entries: nonsense },
    })
  })
})

describe('where it says it stands', () => {
  test('another index root', async () => {
    const crafted = await craft(alice, WEATHER, { position: { index: OTHER_CID } })
    await expectRefused('PROOF_INVALID', crafted, {
      details: { expected: expect.stringMatching(/^bafkrei/), got: OTHER_CID },
    })
  })

  test('another position', async () => {
    for (const seq of [2, 4, 2 ** 52]) {
      await expectRefused('SEQUENCE_INVALID', await craft(alice, WEATHER, { position: { seq } }))
    }
  })

  test('after another entry', async () => {
    const position = { prev: OTHER_CID }
    await expectRefused('SEQUENCE_INVALID', await craft(alice, WEATHER, { position }))
    const crafted = await craft(alice, WEATHER)
    const submission = { ...crafted.submission, head: OTHER_CID }
    await expectRefused('CONFLICT', { ...crafted, submission })
  })

  test('in the log of another publisher', async () => {
    await using mallory = await openPublisher()
    const crafted = await craft(alice, WEATHER, { position: { publisher: mallory.id } })
    await expectRefused('SEQUENCE_INVALID', crafted)
    const submission = { ...crafted.submission, publisher: mallory.id }
    await expectRefused(
      'NOT_FOUND',
      { ...crafted, submission },
      {
        message: 'The home node home refused: This node is not the home of that log.',
        details: { expected: alice.id, got: mallory.id },
      },
    )
  })

  test('t08-replay: an entry of the log once more', async () => {
    const old = await entryOf(alice, 1)
    const crafted = await craft(alice, WEATHER)
    const submission = { ...crafted.submission, entries: [old] }
    await expectRefused('SEQUENCE_INVALID', { ...crafted, submission })
    // With the head it was made for it is a lost acknowledgement, and gets one.
    const lost = { ...submission, head: (await craft(alice, WEATHER)).statement.cid }
    expect(await evil.submit(lost)).toMatchObject({
      missing: [],
      entries: [{ kind: 'unchanged', seq: 1 }],
    })
    await expectUntouched()
  })

  test('twice in one submission', async () => {
    const crafted = await craft(alice, WEATHER)
    const [entry] = crafted.submission.entries
    const entries = [entry, entry] as Submission['entries']
    await expectRefused('SEQUENCE_INVALID', {
      ...crafted,
      submission: { ...crafted.submission, entries },
    })
  })
})

describe('what it says', () => {
  test('a release under another name or version', async () => {
    const name = 'com.example/other'
    await expectRefused('SUBJECT_MISMATCH', await craft(alice, WEATHER, { name }), {
      message:
        'The home node home refused: The release names itself differently from the statement that signs it.',
      details: { expected: `${name}@2.0.0`, got: 'com.example/weather@2.0.0' },
    })
    await expectRefused('SUBJECT_MISMATCH', await craft(alice, WEATHER, { version: '2.0.1' }))
  })

  test('other content for a version that is there, or nothing new', async () => {
    const other = toolkit('com.example/weather', '1.0.0', 1, 'Other words.')
    const crafted = await craft(alice, other)
    await expectRefused('VERSION_EXISTS', crafted)
    // Nor is it taken for a lost acknowledgement.
    const submission = { ...crafted.submission, head: OTHER_CID }
    await expectRefused('CONFLICT', { ...crafted, submission })
    await expectRefused(
      'LIFECYCLE_INVALID',
      await craft(alice, toolkit('com.example/weather', '1.0.0')),
    )
  })

  test('a name in a namespace that means somebody else here', async () => {
    await using bob = await openPublisher()
    const since = new Date(0).toISOString()
    const pin = formatPin({ namespace: 'com.bob', publisher: bob.id, how: 'flag', since })
    await alice.workspace.store.commit({ put: [pin] })
    before = await contents()
    await expectRefused('PUBLISHER_CHANGED', await craft(alice, toolkit('com.bob/x', '1.0.0')))
  })

  test('new keys, or a fork that is settled', async () => {
    const crafted = await craft(alice, WEATHER)
    const genesis = await entryOf(alice, 0)
    const keys = JSON.parse(Buffer.from(crafted.statement.bytes).toString())
    const { roles } = JSON.parse(Buffer.from(genesis.statement).toString()).predicate
    const { name: _, version: __, ...position } = keys.predicate
    const subject = cidOf(canonicalBytes(roles))
    const digest = { sha256: toHex(digestOf(subject)) }
    const statement = canonicalBytes({
      ...keys,
      subject: [{ name: subject, digest }],
      predicateType: 'https://toolmark.dev/keys/v1',
      predicate: { ...position, roles },
    })
    const submission = { ...crafted.submission, entries: [await signed(statement, alice.signing)] }
    await expectRefused(
      'STATEMENT_INVALID',
      { ...crafted, submission },
      {
        message: 'The home node home refused: A home node takes no keys entry from others.',
      },
    )
    const entries = [genesis]
    await expectRefused('STATEMENT_INVALID', {
      ...crafted,
      submission: { ...crafted.submission, entries },
    })
  })
})

describe('blocks', () => {
  test('none: the node says what it lacks, again and again, and keeps nothing', async () => {
    const { submission, statement } = await craft(alice, WEATHER)
    for (let i = 0; i < 3; i++) {
      expect(await evil.submit(submission)).toEqual({ missing: [statement.subject], entries: [] })
    }
    await expectUntouched()
  })

  test('the release without one of its tools', async () => {
    const { submission, release, tools } = await craft(alice, WEATHER)
    const missing = await handIn(submission, release, ...tools.slice(1))
    expect(missing).toEqual({ missing: [cidOf(tools[0] as Uint8Array)], entries: [] })
    await expectUntouched()
  })

  test('others than the ones that are missing', async () => {
    const { submission, release } = await craft(alice, WEATHER)
    await evil.submit(submission)
    await expect(evil.stage([release, utf8('{}')])).rejects.toMatchObject({
      code: 'HASH_MISMATCH',
      details: { got: cidOf(utf8('{}')) },
    })
    // Of such a parcel nothing is kept.
    expect((await evil.submit(submission)).missing).toEqual([cidOf(release)])
    await expectUntouched()
  })

  test('that are no release, or no tool', async () => {
    const nonsense = canonicalBytes({ kind: 'release/v1', name: 'com.example/weather' })
    const crafted = await craft(alice, WEATHER, { subject: cidOf(nonsense) })
    await expectRefused('DOCUMENT_INVALID', { ...crafted, release: nonsense })
    const release = JSON.parse(Buffer.from(crafted.release).toString())
    const twisted = canonicalBytes({ ...release, tools: { tool_0: cidOf(nonsense) } })
    const bent = await craft(alice, WEATHER, { subject: cidOf(twisted) })
    await expectRefused('DOCUMENT_INVALID', { ...bent, release: twisted, tools: [nonsense] })
  })

  test('a tool under another name, also beside its own', async () => {
    const { release, tools } = await craft(alice, WEATHER)
    const whole = JSON.parse(Buffer.from(release).toString())
    const listed = { ...whole.tools, delete_everything: whole.tools.tool_0 }
    const twisted = canonicalBytes({ ...whole, tools: listed })
    const bent = await craft(alice, WEATHER, { subject: cidOf(twisted) })
    await expectRefused(
      'SUBJECT_MISMATCH',
      { ...bent, release: twisted, tools },
      {
        details: { expected: 'delete_everything', got: 'tool_0' },
      },
    )
  })
})

describe('too much', () => {
  test('10,000 blocks that no statement names: none is held', async () => {
    for (let i = 0; i < 10; i++) {
      const parcel = Array.from({ length: 1_000 }, (_, n) => utf8(`{"block":${i * 1_000 + n}}`))
      await expect(evil.stage(parcel)).rejects.toMatchObject({ code: 'HASH_MISMATCH' })
    }
    await expectUntouched()
  })

  test('65 entries, a statement of 17 KiB, a release of more than 1 MiB', async () => {
    const crafted = await craft(alice, WEATHER)
    const [entry] = crafted.submission.entries as [Submission['entries'][number]]
    const sent = (entries: Submission['entries']) => ({
      ...crafted,
      submission: { ...crafted.submission, entries },
    })
    await expectRefused('MESSAGE_INVALID', sent(Array.from({ length: 65 }, () => entry)))
    const statement = new Uint8Array(17 * 1024)
    await expectRefused('MESSAGE_INVALID', sent([{ ...entry, statement }]))
    await evil.submit(crafted.submission)
    const huge = evil.stage([new Uint8Array(1024 * 1024 + 1)])
    await expect(huge).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await expectUntouched()
  })

  test('more than a home node holds for one submitter', async () => {
    // Tools that share no block: 70 of the largest.
    const text = 'x'.repeat(250 * 1024)
    const many = toolkit('com.example/huge', '1.0.0', 70, text)
    const crafted = await craft(alice, many)
    const own = new Map([crafted.release, ...crafted.tools].map((b) => [cidOf(b), b] as const))
    const fill = async (): Promise<void> => {
      for (let round = 0; round < 3; round++) {
        const { missing } = await evil.submit(crafted.submission)
        for (const cid of missing) await evil.stage([own.get(cid) as Uint8Array])
      }
    }
    await expect(fill()).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { expected: 'at most 16777216 bytes' },
    })
    await expectUntouched()
  })

  test('two submissions at once, over two connections', async () => {
    const mallory = await home.machine('eve')
    const [one, other] = [await mallory.dial(), await mallory.dial()] as [HomeNode, HomeNode]
    const { submission } = await craft(alice, WEATHER)
    const answers = await Promise.allSettled([one.submit(submission), other.submit(submission)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const refused = answers.find(({ status }) => status === 'rejected') as PromiseRejectedResult
    expect(refused.reason).toMatchObject({ code: 'PEER_LIMIT' })
    await expectUntouched()
  })

  test('submission after submission', async () => {
    const { submission } = await craft(alice, WEATHER, { position: { index: OTHER_CID } })
    const codes = new Set<string>()
    for (let i = 0; i < 150; i++) {
      codes.add(await evil.submit(submission).then(String, ({ code }) => String(code)))
    }
    expect([...codes]).toEqual(['PROOF_INVALID', 'PEER_LIMIT'])
    await expectUntouched()
  })
})

describe('delegates', () => {
  test('release under their path, and nowhere else', async () => {
    const machine = await home.machine('ci', 'stranger')
    const signer = await openSigner(machine.workspace.keys, 'signing')
    await appendEntry(alice.workspace, () => ({
      kind: 'delegate',
      path: 'com.example.ci',
      by: null,
      role: { threshold: 1, keys: [signer.key] },
    }))
    await expect(machine.submit(WEATHER)).rejects.toMatchObject({ code: 'SIGNER_UNAUTHORIZED' })
    const [published] = await machine.submit(toolkit('com.example.ci/one', '1.0.0'))
    expect(published).toMatchObject({ kind: 'published', seq: 4 })
    expect((await checkLog(alice.workspace.store, alice.id)).size).toBe(5)
  })
})
