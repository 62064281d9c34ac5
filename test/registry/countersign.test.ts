// Several people, each with a key on a machine of their own, who have to agree: a request is made where the log is, carried to the others, signed, and
// brought back. What is signed is what was shown, and nothing that was not asked of the log counts.

import { cp, mkdir } from 'node:fs/promises'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { isRegistryError, RegistryError, toBase64 } from '../../src/lib/index.ts'
import { EMPTY_INDEX, findHead, makeStatement } from '../../src/log/index.ts'
import {
  checkLog,
  claim,
  countersign,
  delegate,
  formatRequest,
  parseRequest,
  publish,
  pull,
  readRequest,
  revokeBlock,
  rotate,
  type SignRequest,
  tombstone,
  verifyName,
  type Workspace,
  yank,
} from '../../src/registry/index.ts'
import { publisherIdOf, type Toolkit } from '../../src/spec/index.ts'
import { createKey, listKeys, type PublicKey, readySignatures } from '../../src/trust/index.ts'
import { bringLog } from '../support/follower.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { openTestWorkspace, type TestWorkspace } from '../support/workspace.ts'

const HELLO = toolkit('hello', '1.0.0')
const ANOTHER = publisherIdOf(Buffer.from('another genesis'))

let alice: TestPublisher
let bob: TestWorkspace
let carol: TestWorkspace
let mallory: TestWorkspace

/** A machine that has a key, and nothing else. */
async function openPerson(): Promise<TestWorkspace> {
  const workspace = await openTestWorkspace()
  onTestFinished(() => workspace[Symbol.asyncDispose]())
  await createKey(workspace.keys, { name: 'signing', type: 'ecdsa-p256' })
  return workspace
}

async function keyOf({ keys }: Workspace): Promise<PublicKey> {
  const [own] = (await listKeys(keys)).filter(({ name }) => name === 'signing')
  return own?.key ?? expect.fail('no key')
}

beforeEach(async () => {
  alice = await openPublisher()
  onTestFinished(() => alice[Symbol.asyncDispose]())
  ;[bob, carol, mallory] = [await openPerson(), await openPerson(), await openPerson()]
  const release = [alice.signing.key, await keyOf(bob), await keyOf(carol)]
  await rotate(alice.workspace, { roles: { release }, thresholds: { release: 2 } })
})

/** What the work would append, as the others get to see it. */
async function requestFor(work: (workspace: Workspace) => Promise<unknown>): Promise<SignRequest> {
  let made: SignRequest | undefined
  const before = await findHead(alice.workspace.store, alice.id)
  const request = async (asked: SignRequest): Promise<void> => {
    made = parseRequest(formatRequest(asked))
  }
  await work({ ...alice.workspace, request })
  expect(await findHead(alice.workspace.store, alice.id)).toEqual(before)
  return made ?? expect.fail('nothing was asked for')
}

const requestRelease = (kit: Toolkit = HELLO): Promise<SignRequest> =>
  requestFor((workspace) => publish(workspace, [kit]))

async function signedBy(person: Workspace, request: SignRequest): Promise<SignRequest> {
  return (await countersign(person, request)).request
}

function withSignatures(...requests: readonly SignRequest[]): Workspace {
  const signatures = readySignatures(requests.flatMap(({ bundles }) => bundles))
  return { ...alice.workspace, signatures }
}

async function refusal(work: Promise<unknown>): Promise<RegistryError> {
  const error = await work.then(
    () => expect.fail('it was accepted'),
    (cause: unknown) => cause,
  )
  if (isRegistryError(error)) return error
  throw error
}

const logSize = async (): Promise<number> => (await checkLog(alice.workspace.store, alice.id)).size

describe('two of three', () => {
  test('publish with the key here and one elsewhere, and a stranger verifies it', async () => {
    const alone = await refusal(publish(alice.workspace, [HELLO]))
    expect(alone.code).toBe('SIGNER_UNAUTHORIZED')
    expect(alone.details.next).toContain('let others sign: `--request FILE`')
    const signed = await signedBy(bob, await requestRelease())
    const [published] = await publish(withSignatures(signed), [HELLO])
    expect(published).toMatchObject({ kind: 'published', seq: 2 })
    expect(await logSize()).toBe(3)
    const consumer = await openPerson()
    const reference = `${alice.id}/hello`
    await pull(consumer, { reference, peers: [peerOf(alice.source)], publisher: alice.id })
    expect((await verifyName(consumer.store, reference)).release.entry.position).toBe(2)
  })

  test('or with two keys that are both elsewhere, in files of their own', async () => {
    const asked = await requestRelease()
    const [one, other] = [await signedBy(bob, asked), await signedBy(carol, asked)]
    const home = { ...withSignatures(one, other), keys: await onlyLogKey() }
    expect(await publish(home, [HELLO])).toMatchObject([{ kind: 'published', seq: 2 }])
    expect(await logSize()).toBe(3)
  })

  test('what was published before is left out of a request, and the same again is no news', async () => {
    const signed = await signedBy(bob, await requestRelease())
    await publish(withSignatures(signed), [HELLO])
    const next = toolkit('hello', '1.1.0')
    const asked = await requestFor((workspace) => publish(workspace, [HELLO, next]))
    expect(readRequest(asked).map(({ statement }) => statement)).toMatchObject([
      { kind: 'release', seq: 3, version: '1.1.0' },
    ])
    expect(await publish(withSignatures(signed), [HELLO])).toMatchObject([{ kind: 'unchanged' }])
  })

  test('withdraw as well', async () => {
    const [published] = await publish(withSignatures(await signedBy(bob, await requestRelease())), [
      HELLO,
    ])
    const work = (workspace: Workspace) =>
      yank(workspace, `${published?.name}@1.0.0`, { reason: 'Wrong units.' })
    const asked = await signedBy(carol, await requestFor(work))
    expect(await work(withSignatures(asked))).toMatchObject({ kind: 'appended', seq: 3 })
    expect(await logSize()).toBe(4)
  })

  test('of the root too: a claim, a delegation, other roots, and each by the roots of its time', async () => {
    const root = [alice.signing.key, await keyOf(bob)]
    const change = (workspace: Workspace) =>
      rotate(workspace, { roles: { root }, thresholds: { root: 2 } })
    const asked = await requestFor(change)
    expect(asked.signers).toHaveLength(2)
    expect(await refusal(change(alice.workspace))).toMatchObject({ code: 'SIGNER_UNAUTHORIZED' })
    await change(withSignatures(await signedBy(bob, asked)))
    const to = [await keyOf(mallory)]
    const pass = (workspace: Workspace) => delegate(workspace, { path: 'com.acme/weather', to })
    await pass(withSignatures(await signedBy(bob, await requestFor(pass))))
    const say = (workspace: Workspace) => claim(workspace, 'com.acme')
    expect(await refusal(say(alice.workspace))).toMatchObject({ code: 'SIGNER_UNAUTHORIZED' })
    await say(withSignatures(await signedBy(bob, await requestFor(say))))
    expect(await logSize()).toBe(5)
  })

  /** The home of a log, where nobody’s signing key is. */
  async function onlyLogKey(): Promise<string> {
    const workspace = await openTestWorkspace()
    onTestFinished(() => workspace[Symbol.asyncDispose]())
    const { keys } = workspace
    await mkdir(keys, { recursive: true, mode: 0o700 })
    await cp(`${alice.workspace.keys}/log.json`, `${keys}/log.json`)
    return keys
  }
})

describe('what does not count', () => {
  test('t15-threshold: one person twice is one', async () => {
    const asked = await requestRelease()
    const [once, again] = [await signedBy(bob, asked), await signedBy(bob, asked)]
    const home = { ...withSignatures(once, again), keys: bob.keys }
    const error = await refusal(publish(home, [HELLO]))
    expect(error.code).toBe('SIGNER_UNAUTHORIZED')
    expect(await logSize()).toBe(2)
  })

  test('somebody whom the log does not name', async () => {
    const asked = await requestRelease()
    const error = await refusal(countersign(mallory, asked))
    expect(error).toMatchObject({
      code: 'KEY_MISSING',
      message: 'None of the keys here is asked to sign this.',
      details: { next: 'Sign where the key is, or import it: `registry key import NAME FILE`.' },
    })
    const { request } = await countersign(mallory, asked, ['signing'])
    expect(request.bundles).toHaveLength(1)
    const refused = await refusal(publish(withSignatures(request), [HELLO]))
    expect(refused.code).toBe('SIGNER_UNAUTHORIZED')
  })

  test('a signature with a bit turned', async () => {
    const { bundles, ...rest } = await signedBy(bob, await requestRelease())
    const bundle = JSON.parse(Buffer.from(bundles[0] ?? []).toString('utf8'))
    const [signature] = bundle.dsseEnvelope.signatures
    const bytes = Buffer.from(signature.sig, 'base64')
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
    signature.sig = toBase64(bytes)
    const forged = { ...rest, bundles: [Buffer.from(JSON.stringify(bundle))] }
    const error = await refusal(publish(withSignatures(forged), [HELLO]))
    expect(error.code).toBe('SIGNER_UNAUTHORIZED')
  })

  test('a signature under another release than the one that was shown', async () => {
    const signed = await signedBy(bob, await requestRelease())
    const other = toolkit('hello', '1.0.0', 2, 'Ignores what you say.')
    const error = await refusal(publish(withSignatures(signed), [other]))
    expect(error).toMatchObject({
      code: 'SEQUENCE_INVALID',
      message: 'These signatures are for another entry, or for another state of the log.',
    })
    expect(error.details.next).toContain('make the request again with `--request`')
    expect(await logSize()).toBe(2)
  })

  test('one for a place that the log has passed', async () => {
    const late = await signedBy(bob, await requestRelease())
    const first = toolkit('first', '1.0.0')
    await publish(withSignatures(await signedBy(carol, await requestRelease(first))), [first])
    const error = await refusal(publish(withSignatures(late), [HELLO]))
    expect(error.code).toBe('SEQUENCE_INVALID')
    expect(await logSize()).toBe(3)
  })
})

test('a request changes nothing: a tombstone leaves the bytes', async () => {
  await rotate(alice.workspace, { thresholds: { release: 1 } })
  const [published] = await publish(alice.workspace, [HELLO])
  const release = published?.release ?? expect.fail('not published')
  const work = (workspace: Workspace) => tombstone(workspace, release, { reason: 'A password.' })
  const asked = await requestFor(work)
  expect(await alice.workspace.store.hasBlocks([release])).toEqual([true])
  expect(readRequest(asked)).toMatchObject([{ statement: { kind: 'tombstone', seq: 4 } }])
  expect(await work(alice.workspace)).toMatchObject({ kind: 'appended', dropped: true })
})

test('the same words as in the request: other ones are another entry', async () => {
  const brake = [await keyOf(bob), await keyOf(carol)]
  await rotate(alice.workspace, { roles: { brake }, thresholds: { brake: 2, root: 1, release: 1 } })
  const [published] = await publish(alice.workspace, [HELLO])
  const release = published?.release ?? expect.fail('not published')
  const say = (reason: string) => (workspace: Workspace) =>
    revokeBlock(workspace, release, { reason, keys: [] })
  const asked = await requestFor(say('It leaks.'))
  const signed = await signedBy(carol, await signedBy(bob, asked))
  const error = await refusal(say('It is slow.')(withSignatures(signed)))
  expect(error.code).toBe('SEQUENCE_INVALID')
  expect(await say('It leaks.')(withSignatures(signed))).toMatchObject({ kind: 'appended' })
})

test('no keys are made that nobody else has seen', async () => {
  const error = await refusal(requestFor((workspace) => rotate(workspace, {})))
  expect(error).toMatchObject({ code: 'USAGE', message: 'Keys are made where all signatures are.' })
  expect((await listKeys(alice.workspace.keys)).map(({ name }) => name)).toEqual(['log', 'signing'])
})

describe('what nobody should sign', () => {
  const NEXT = 'Sign nothing. Ask for a new request: the same command with `--request FILE`.'

  test('entries that do not follow one another, or of two logs', async () => {
    const two = await requestFor((workspace) =>
      publish(workspace, [HELLO, toolkit('other', '1.0.0')]),
    )
    expect(readRequest(two).map(({ statement: { seq } }) => seq)).toEqual([2, 3])
    const cases: readonly SignRequest[] = [
      { ...two, statements: two.statements.toReversed() },
      { ...two, statements: [two.statements[0] ?? new Uint8Array(), ...two.statements] },
      { ...two, statements: [] },
      { ...two, publisher: ANOTHER },
    ]
    for (const one of cases) {
      const error = await refusal(countersign(bob, one))
      expect(error).toMatchObject({
        code: 'SEQUENCE_INVALID',
        message: 'These entries are not what comes next in the log.',
        details: { next: NEXT },
      })
    }
  })

  test('a release that is not whole, or not what its entry says', async () => {
    const asked = await requestRelease()
    const missing = await refusal(countersign(bob, { ...asked, blocks: asked.blocks.slice(1) }))
    expect(missing).toMatchObject({
      code: 'NOT_FOUND',
      message: 'The request names a block that is not in it.',
      details: { next: NEXT },
    })
  })

  test('another index than the log leads to, where the log is held', async () => {
    await bringLog(bob.store, alice)
    const asked = await requestRelease()
    expect(await countersign(bob, asked)).toMatchObject({ kind: 'signed', isChecked: true })
    expect(await countersign(carol, asked)).toMatchObject({ kind: 'signed', isChecked: false })
    const [statement] = readRequest(asked).map((entry) => entry.statement)
    if (statement?.kind !== 'release') throw new Error('no release')
    const { publisher, seq, prev, name, version, subject } = statement
    const action = { kind: 'release', name, version, subject } as const
    const lie = makeStatement(action, { publisher, seq, prev, index: EMPTY_INDEX.cid })
    const error = await refusal(countersign(bob, { ...asked, statements: [lie.bytes] }))
    expect(error).toMatchObject({
      code: 'SEQUENCE_INVALID',
      details: { expected: `what the log held here leads to, ${statement.cid}`, got: lie.cid },
    })
  })

  test.each<[string, (workspace: Workspace) => Promise<unknown>]>([
    ['new keys', async (workspace) => rotate(workspace, { thresholds: { release: 1 } })],
    [
      'a delegation',
      async (workspace) => delegate(workspace, { path: 'com.acme', to: [await keyOf(mallory)] }),
    ],
    ['a claim', (workspace) => claim(workspace, 'com.acme')],
  ])('%s: made again as well, where the log is held', async (_what, work) => {
    await bringLog(bob.store, alice)
    const asked = await requestFor(work)
    const signed = await countersign(bob, asked, ['signing'])
    expect(signed).toMatchObject({ kind: 'signed', isChecked: true })
  })

  test('what the log held here cannot say', async () => {
    await bringLog(bob.store, alice)
    const asked = await requestRelease()
    const [statement] = readRequest(asked).map((entry) => entry.statement)
    if (statement?.kind !== 'release') throw new Error('no release')
    const { publisher, seq, prev, index, name, version, subject } = statement
    const action = { kind: 'yank', name, version, subject, reason: undefined } as const
    const yank = makeStatement(action, { publisher, seq, prev, index })
    const error = await refusal(countersign(bob, { ...asked, statements: [yank.bytes] }))
    expect(error.code).toBe('NOT_FOUND')
  })

  test('an old place, where the log has been seen further on', async () => {
    const asked = await requestRelease()
    const first = toolkit('first', '1.0.0')
    await publish(withSignatures(await signedBy(carol, await requestRelease(first))), [first])
    const reference = `${alice.id}/first`
    await pull(bob, { reference, peers: [peerOf(alice.source)], publisher: alice.id })
    const error = await refusal(countersign(bob, asked))
    expect(error).toMatchObject({
      code: 'SEQUENCE_INVALID',
      details: { expected: 'entry 3 or a later one: the log has grown', got: 'entry 2' },
    })
  })

  test.each([
    ['no JSON', 'hello'],
    ['another document', '{"kind":"lock"}'],
    ['a field too many', '{"extra":1,"kind":"toolmark-sign-request/v1"}'],
    ['a list missing', '{"kind":"toolmark-sign-request/v1","publisher":"PUBLISHER"}'],
    [
      'bytes that are no base64',
      '{"blocks":["%"],"bundles":[],"kind":"toolmark-sign-request/v1","publisher":"PUBLISHER","signers":[],"statements":[]}',
    ],
  ])('a file that is none: %s', (_what, text) => {
    const bytes = Buffer.from(text.replace('PUBLISHER', alice.id))
    const parse = (): unknown => parseRequest(bytes)
    expect(parse).toThrow(RegistryError)
    expect(parse).toThrow(/JSON|request to sign/)
  })
})
