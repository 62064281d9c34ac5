// Who speaks for a publisher: rotating, thresholds, delegating, promising the next key; and that consumers follow it, and nobody else.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import { isRegistryError, utf8 } from '../../src/lib/index.ts'
import {
  type Action,
  createReplay,
  keyHash,
  makeStatement,
  openDraft,
  type Position,
  readEntries,
} from '../../src/log/index.ts'
import {
  checkLog,
  claim,
  delegate,
  loadTools,
  parsePublicPem,
  publish,
  pull,
  recover,
  revokeBlock,
  revokeKey,
  rotate,
  showPublisher,
  verifyName,
  yank,
} from '../../src/registry/index.ts'
import { localSource, type SignedStatement } from '../../src/resolve/index.ts'
import {
  createKey,
  exportKey,
  importKey,
  loadVerifier,
  openSigner,
  type Signer,
  signStatement,
} from '../../src/trust/index.ts'
import { createSigner } from '../log/helpers.ts'
import { copyStore } from '../support/copy-store.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { openTestWorkspace } from '../support/workspace.ts'

async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act
  } catch (error) {
    if (!isRegistryError(error)) throw error
    const { expected, got, next } = error.details
    expect(next ?? '', error.message).not.toBe('')
    return `${error.code}: ${error.message} expected ${expected}; got ${got}`
  }
  throw new Error('nothing was refused')
}

async function openHello(): Promise<TestPublisher> {
  const alice = await openPublisher()
  await alice.publish(toolkit('hello', '1.0.0'))
  return alice
}

/** Another person's key file, and its public half. */
async function keyOf(folder: string, name: string) {
  const info = await createKey(folder, { name, type: 'ecdsa-p256' })
  return { ...info, text: await readFile(info.path, 'utf8') }
}

/** The log with one more entry, whoever signs it; throws what a full replay says of it. */
async function replayWith(
  { id, workspace }: TestPublisher,
  action: Exclude<Action, { readonly kind: 'genesis' }>,
  { signers, at = {} }: { readonly signers: readonly Signer[]; readonly at?: Partial<Position> },
): Promise<string> {
  const { state } = await openDraft(workspace.store, id)
  const position = { publisher: id, seq: state.size, prev: state.head, index: state.index, ...at }
  const { bytes: statement } = makeStatement(action, position)
  const bundles = await Promise.all(signers.map((signer) => signStatement(statement, signer)))
  return await refusal(replay(workspace.store, id, state.size, { statement, bundles }))
}

async function replay(
  store: TestPublisher['workspace']['store'],
  id: TestPublisher['id'],
  size: number,
  last: SignedStatement,
): Promise<void> {
  const log = createReplay(await loadVerifier())
  for (const entry of await readEntries(store, id, { start: 0, end: size })) await log.add(entry)
  await log.add(last)
}

function release(name: string, version: string) {
  return { kind: 'release', name, version, subject: cidOf(utf8(`${name}@${version}`)) } as const
}

describe('rotate', () => {
  test('the id stays, old consumers go on, and the new key signs', async () => {
    await using alice = await openHello()
    await using bob = await openTestWorkspace()
    const reference = `${alice.id}/hello`
    const from = { reference, peers: [peerOf(alice.source)] }
    await pull(bob, from)
    const rotated = await rotate(alice.workspace, { log: true })
    expect(rotated.made.map(({ name }) => name)).toEqual(['log-2'])
    const again = await rotate(alice.workspace, {})
    expect(again.made.map(({ name }) => name)).toEqual(['signing-2'])
    await alice.publish(toolkit('hello', '2.0.0', 2, 'Says more.'))
    expect((await pull(bob, from)).release.entry.version).toBe('2.0.0')
    expect((await verifyName(bob.store, `${reference}@1.0.0`)).release.tools).toHaveLength(2)
    expect((await checkLog(alice.workspace.store, alice.id)).size).toBe(5)
    const shown = await showPublisher(bob, alice.id)
    expect(shown).toMatchObject({ publisher: alice.id, from: 'pulled', size: 5, since: 3 })
    expect(shown.roles.root.keys).toEqual([
      { fingerprint: again.made[0]?.fingerprint, type: 'ecdsa-p256' },
    ])
  })

  test('t17-back-dating: what the old key signs after that is void, whatever it claims', async () => {
    await using alice = await openHello()
    const { size } = (await openDraft(alice.workspace.store, alice.id)).state
    await rotate(alice.workspace, {})
    const late = release(`${alice.id}/late`, '1.0.0')
    const signers = [alice.signing]
    expect(await replayWith(alice, late, { signers })).toMatch(/^SIGNER_UNAUTHORIZED/)
    // As if it had been before the rotation: another entry has that place.
    expect(await replayWith(alice, late, { signers, at: { seq: size } })).toMatch(
      /^SEQUENCE_INVALID/,
    )
    const draft = await openDraft(alice.workspace.store, alice.id)
    expect(await refusal(draft.add(late, alice.signing))).toMatch(/^SIGNER_UNAUTHORIZED/)
  })

  test('the old log key signs no checkpoint that a consumer takes', async () => {
    await using alice = await openHello()
    await using bob = await openTestWorkspace()
    const old = await copyStore(alice.workspace.store)
    await rotate(alice.workspace, { log: true })
    const draft = await openDraft(alice.workspace.store, alice.id)
    await draft.add(release(`${alice.id}/x`, '1.0.0'), alice.signing)
    expect(await refusal(draft.finish(alice.log))).toMatch(/^SIGNER_UNAUTHORIZED/)
    // A thief of the old log key, with the log as it was: consumers who know the newer state refuse it.
    await pull(bob, { reference: `${alice.id}/hello`, peers: [peerOf(alice.source)] })
    const stale = { reference: `${alice.id}/hello`, peers: [peerOf(localSource(old), 'thief')] }
    expect(await refusal(pull(bob, stale))).toMatch(/^ROLLBACK/)
  })

  test('who may not rotate makes no key files', async () => {
    await using alice = await openHello()
    const { keys } = alice.workspace
    const bob = await keyOf(join(keys, 'of-bob'), 'bob')
    await rotate(alice.workspace, { roles: { root: [bob.key] }, keys: ['signing'] }).catch(() => {})
    // Bob’s key has to sign as well: it is to act as root from now on.
    expect((await showPublisher(alice.workspace)).since).toBe(0)
    await importKey(keys, { name: 'bob', text: bob.text })
    await rotate(alice.workspace, { roles: { root: ['bob'], release: ['bob'], brake: ['bob'] } })
    const without = { ...alice.workspace, keys: join(keys, 'of-nobody') }
    expect(await refusal(rotate(without, {}))).toMatch(/^KEY_MISSING/)
    const shown = await showPublisher(alice.workspace)
    expect(shown.roles.root.keys).toEqual([
      { fingerprint: bob.fingerprint, type: 'ecdsa-p256', file: 'bob' },
    ])
  })

  test('a promised key is the only one that comes next', async () => {
    await using alice = await openHello()
    const promise = await rotate(alice.workspace, { prepare: true })
    const [next] = promise.made
    expect(promise.nextKeyHashes).toEqual([next && keyHash(next.key)])
    expect((await showPublisher(alice.workspace)).roles.root.keys[0]?.file).toBe('signing')
    // A thief of today’s root key names a key of his own.
    const thief = createSigner('ecdsa-p256')
    const role = { threshold: 1, keys: [thief.key] }
    const { roles } = promise
    const grab = {
      kind: 'keys',
      nextKeyHashes: undefined,
      roles: { ...roles, root: role },
    } as const
    expect(await replayWith(alice, grab, { signers: [alice.signing, thief] })).toMatch(
      /^SIGNER_UNAUTHORIZED: These root keys are not the ones the log committed to\./,
    )
    const rotated = await rotate(alice.workspace, {})
    expect(rotated.made).toEqual([])
    const shown = await showPublisher(alice.workspace)
    expect(shown.roles.root.keys[0]?.file).toBe(next?.name)
    expect(shown.nextKeyHashes).toEqual([])
    await alice.publish(toolkit('hello', '2.0.0'))
  })
})

describe('t15-threshold', () => {
  test('two of two: publishing takes both, whoever holds which', async () => {
    await using alice = await openHello()
    const { workspace } = alice
    const bob = await keyOf(join(workspace.keys, 'of-bob'), 'bob')
    await rotate(workspace, {
      roles: { release: ['signing', bob.key] },
      thresholds: { release: 2 },
    })
    const act = (): Promise<unknown> => publish(workspace, [toolkit('hello', '2.0.0')])
    expect(await refusal(act())).toMatch(
      /^SIGNER_UNAUTHORIZED: The keys here are not enough to sign this in the publisher’s name\. expected 2 of SHA256:/,
    )
    await importKey(workspace.keys, { name: 'bob', text: bob.text })
    await act()
    const [entry] = await readEntries(workspace.store, alice.id, { start: 3, end: 4 })
    expect(entry?.bundles).toHaveLength(2)
    await checkLog(workspace.store, alice.id)
    // One key is not enough because it was named twice, nor two of which one is a stranger’s.
    const both = { reason: 'x', keys: ['signing', 'signing'] }
    expect(await refusal(yank(workspace, `${alice.id}/hello@2.0.0`, both))).toMatch(
      /^SIGNER_UNAUTHORIZED/,
    )
    await createKey(workspace.keys, { name: 'stranger', type: 'ecdsa-p256' })
    const stranger = { reason: 'x', keys: ['signing', 'stranger'] }
    expect(await refusal(yank(workspace, `${alice.id}/hello@2.0.0`, stranger))).toMatch(
      /^SIGNER_UNAUTHORIZED/,
    )
    const signer = await openSigner(workspace.keys, 'bob')
    const again = release(`${alice.id}/hello`, '3.0.0')
    for (const signers of [[signer], [signer, signer], [signer, createSigner('ecdsa-p256')]]) {
      expect(await replayWith(alice, again, { signers })).toMatch(/^SIGNER_UNAUTHORIZED/)
    }
  })

  test('a threshold that its keys cannot meet is refused before anything is signed', async () => {
    await using alice = await openHello()
    const act = rotate(alice.workspace, { thresholds: { release: 2 } })
    expect(await refusal(act)).toMatch(/a threshold of at most 1; got 2$/)
    expect((await showPublisher(alice.workspace)).size).toBe(2)
  })
})

describe('t16-revoked-signer-keeps-writing', () => {
  test('a revoked key signs nothing any more, also nothing empty', async () => {
    await using alice = await openHello()
    const { workspace } = alice
    await rotate(workspace, {})
    await rotate(workspace, { roles: { release: ['signing', 'signing-2'] } })
    await publish(workspace, [toolkit('hello', '2.0.0')])
    const reason = 'laptop stolen'
    const revoked = await revokeKey(workspace, 'signing', { reason })
    expect(revoked).toMatchObject({ kind: 'appended', target: 'key' })
    expect((await revokeKey(workspace, 'signing', { reason })).kind).toBe('unchanged')
    const signers = [alice.signing]
    const { subject } = release(`${alice.id}/hello`, '2.0.0')
    const entries: Exclude<Action, { readonly kind: 'genesis' }>[] = [
      release(`${alice.id}/hello`, '3.0.0'),
      { kind: 'yank', name: `${alice.id}/hello`, version: '1.0.0', subject, reason: undefined },
      { kind: 'claim', namespace: 'com.acme' },
      { kind: 'revoke', target: 'block', reason: 'spite', subject },
    ]
    for (const entry of entries) {
      expect(await replayWith(alice, entry, { signers })).toMatch(/^SIGNER_UNAUTHORIZED/)
    }
    // The key that is left publishes, and nobody has to say which.
    await publish(workspace, [toolkit('hello', '3.0.0')])
    const back = rotate(workspace, { roles: { release: ['signing'] } })
    expect(await refusal(back)).toMatch(/^SIGNER_UNAUTHORIZED: A revoked key never acts again\./)
    const shown = await showPublisher(workspace)
    expect(shown.roles.release.keys.map(({ file }) => file)).toEqual(['signing-2'])
    expect(shown.revokedKeys.map(({ file, seq }) => [file, seq])).toEqual([['signing', 5]])
  })

  test('by name or fingerprint, and only a key that the log has named', async () => {
    await using alice = await openHello()
    await createKey(alice.workspace.keys, { name: 'other', type: 'ecdsa-p256' })
    for (const name of ['other', 'nothing', 'log', 'SHA256:x']) {
      const act = revokeKey(alice.workspace, name, { reason: 'x' })
      expect(await refusal(act)).toMatch(/^KEY_MISSING: Your log has never named such a key\./)
    }
    const last = revokeKey(alice.workspace, 'signing', { reason: 'x' })
    expect(await refusal(last)).toMatch(/^SIGNER_UNAUTHORIZED: Without this key nobody could/)
  })

  test('the brake alone can stop a release, and cannot make one', async () => {
    await using alice = await openHello()
    const { workspace } = alice
    const folder = join(workspace.keys, 'of-carol')
    const carol = await keyOf(folder, 'carol')
    await rotate(workspace, { roles: { brake: [carol.key] } })
    const brake = { ...workspace, keys: folder }
    await importKey(folder, {
      name: 'log',
      text: await exportKey(workspace.keys, 'log', { secret: true }),
    })
    const act = publish(brake, [toolkit('hello', '2.0.0')])
    expect(await refusal(act)).toMatch(/^SIGNER_UNAUTHORIZED/)
    expect((await revokeBlock(brake, `${alice.id}/hello@1.0.0`, { reason: 'bad' })).kind).toBe(
      'appended',
    )
    await checkLog(workspace.store, alice.id)
  })
})

describe('t20-delegation-abuse', () => {
  test('whole segments only, and taken back it is over', async () => {
    await using alice = await openHello()
    const { workspace } = alice
    const folder = join(workspace.keys, 'of-bob')
    await keyOf(folder, 'bob')
    await importKey(folder, {
      name: 'log',
      text: await exportKey(workspace.keys, 'log', { secret: true }),
    })
    const pem = parsePublicPem(await exportKey(folder, 'bob'))
    const delegated = await delegate(workspace, { path: 'com.acme', to: [pem] })
    expect((await delegate(workspace, { path: 'com.acme', to: [pem] })).seq).toBe(delegated.seq)
    const his = { ...workspace, keys: folder }
    await publish(his, [toolkit('com.acme/tool', '1.0.0'), toolkit('com.acme.sub/tool', '1.0.0')])
    for (const name of ['com.acmeless/tool', 'com/acme', `${alice.id}/tool`]) {
      const act = publish(his, [toolkit(name, '1.0.0')])
      expect(await refusal(act), name).toMatch(/^(SIGNER_UNAUTHORIZED|NAME_INVALID)/)
    }
    expect(await refusal(rotate(his, {}))).toMatch(/^SIGNER_UNAUTHORIZED/)
    expect(await refusal(claim(his, 'com.acme'))).toMatch(/^SIGNER_UNAUTHORIZED/)
    // He passes a part of it on, and no more than a part.
    const carol = await keyOf(join(workspace.keys, 'of-carol'), 'carol')
    const part = { path: 'com.acme/part', to: [carol.key], by: 'com.acme' }
    await delegate(his, part)
    for (const path of ['com.acme', 'com.acmeless', 'org.other']) {
      const act = delegate(his, { ...part, path })
      expect(await refusal(act), path).toMatch(/^SIGNER_UNAUTHORIZED/)
    }
    const shown = await showPublisher(workspace)
    expect(shown.delegations.map(({ path, by }) => [path, by])).toEqual([
      ['com.acme', null],
      ['com.acme/part', 'com.acme'],
    ])
    await delegate(workspace, { path: 'com.acme', to: [] })
    expect((await delegate(workspace, { path: 'com.acme', to: [] })).kind).toBe('unchanged')
    expect((await showPublisher(workspace)).delegations).toEqual([])
    const late = publish(his, [toolkit('com.acme/tool', '2.0.0')])
    expect(await refusal(late)).toMatch(/^SIGNER_UNAUTHORIZED/)
    // What was released while it was in force stays.
    await checkLog(workspace.store, alice.id)
    const options = { publisher: alice.id }
    expect(
      (await verifyName(workspace.store, 'com.acme/tool', options)).release.tools,
    ).toHaveLength(2)
  })
})

describe('positions decide', () => {
  test('t03-fast-forward: a gap is refused, and the honest entry after it is not', async () => {
    await using alice = await openHello()
    const entry = release(`${alice.id}/hello`, '2.0.0')
    const signers = [alice.signing]
    for (const seq of [3, 1_000_000, Number.MAX_SAFE_INTEGER - 1]) {
      expect(await replayWith(alice, entry, { signers, at: { seq } })).toMatch(/^SEQUENCE_INVALID/)
    }
    await alice.publish(toolkit('hello', '2.0.0'))
    expect((await checkLog(alice.workspace.store, alice.id)).size).toBe(3)
  })

  test('t08-replay: a revocation of another log, of another place, or as another kind', async () => {
    await using alice = await openHello()
    await using twin = await openPublisher()
    const { keys } = twin.workspace
    const subject: Cid = cidOf(utf8('a block'))
    const revoke = { kind: 'revoke', target: 'block', reason: 'x', subject } as const
    const signers = [alice.signing]
    const { state } = await openDraft(twin.workspace.store, twin.id)
    const elsewhere = { publisher: twin.id, prev: state.head }
    expect(await replayWith(alice, revoke, { signers, at: elsewhere })).toMatch(/^SEQUENCE_INVALID/)
    expect(await replayWith(alice, revoke, { signers, at: { prev: state.head } })).toMatch(
      /^SEQUENCE_INVALID/,
    )
    const other = await openSigner(keys, 'signing')
    expect(await replayWith(alice, revoke, { signers: [other] })).toMatch(/^SIGNER_UNAUTHORIZED/)
  })
})

describe('show', () => {
  test('of nobody known', async () => {
    await using alice = await openHello()
    await using bob = await openTestWorkspace()
    expect(await refusal(showPublisher(bob, alice.id))).toMatch(/^NOT_FOUND: Nothing of that/)
    expect(await refusal(showPublisher(bob))).toMatch(/^KEY_MISSING/)
  })

  test('claims and withdrawals, each with its entry', async () => {
    await using alice = await openHello()
    const { workspace } = alice
    await claim(workspace, 'com.acme')
    expect((await claim(workspace, 'com.acme')).kind).toBe('unchanged')
    await revokeBlock(workspace, `${alice.id}/hello@1.0.0`, { reason: 'bad' })
    const shown = await showPublisher(workspace)
    expect(shown.claims).toEqual([{ namespace: 'com.acme', seq: 2 }])
    expect(shown.revoked).toMatchObject([{ seq: 3, reason: 'bad' }])
    const trusted = { tools: [`${alice.id}/hello`], publishers: [alice.id] }
    expect(await refusal(loadTools(workspace.store, trusted))).toMatch(/^REVOKED/)
  })
})

test('recover takes a proof of a fork of one’s own log', async () => {
  await using alice = await openHello()
  const cid = cidOf(utf8('no proof'))
  expect(await refusal(recover(alice.workspace, cid, {}))).toMatch(/^NOT_FOUND/)
})

test('a PEM is a public key and nothing else', async () => {
  await using alice = await openHello()
  const { keys } = alice.workspace
  expect(parsePublicPem(await exportKey(keys, 'signing'))).toEqual(alice.signing.key)
  const secret = '-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----'
  const odd = [secret, '', '-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----']
  const log = await exportKey(keys, 'log')
  for (const text of [...odd, log]) {
    expect(await refusal(Promise.resolve().then(() => parsePublicPem(text)))).toMatch(
      /^KEY_INVALID/,
    )
  }
})
