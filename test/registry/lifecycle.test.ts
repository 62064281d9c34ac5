// What a publisher takes back, and what becomes of it where it is held: yank, deprecate, revoke, tombstone, over real logs.

import { describe, expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import { isRegistryError, utf8 } from '../../src/lib/index.ts'
import {
  checkLog,
  deprecate,
  listReleases,
  loadTools,
  publish,
  pull,
  pullBlock,
  revokeBlock,
  type StatusWarning,
  tombstone,
  verifyCid,
  verifyName,
  warningsOf,
  yank,
} from '../../src/registry/index.ts'
import { localSource } from '../../src/resolve/index.ts'
import { copyStore } from '../support/copy-store.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { openTestWorkspace, type TestWorkspace } from '../support/workspace.ts'

const HELLO = 'hello'

interface Pair extends AsyncDisposable {
  readonly alice: TestPublisher
  readonly bob: TestWorkspace
  readonly name: string
  /** Bob asks Alice. */
  pull(reference: string): ReturnType<typeof pull>
  agent(warn?: (warning: StatusWarning) => void): ReturnType<typeof loadTools>
}

async function openPair(kind: 'level' | 'memory' = 'memory'): Promise<Pair> {
  const alice = await openPublisher(kind)
  const bob = await openTestWorkspace(kind)
  await alice.publish(
    toolkit(HELLO, '1.0.0'),
    toolkit(HELLO, '1.1.0', 2, 'Says more.'),
    toolkit('other', '1.0.0', 1, 'Does another thing.'),
  )
  const name = `${alice.id}/${HELLO}`
  return {
    alice,
    bob,
    name,
    pull: (reference) => pull(bob, { reference, peers: [peerOf(alice.source)] }),
    agent: (warn) =>
      loadTools(bob.store, {
        tools: [`${name}@1.0.0`],
        publishers: [alice.id],
        ...(warn === undefined ? {} : { warn }),
      }),
    [Symbol.asyncDispose]: async () => {
      await bob[Symbol.asyncDispose]()
      await alice[Symbol.asyncDispose]()
    },
  }
}

async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act
  } catch (error) {
    if (!isRegistryError(error)) throw error
    const { expected, got, next } = error.details
    expect(next).not.toBe('')
    return `${error.code}: ${error.message} expected ${expected}; got ${got}; next ${next}`
  }
  throw new Error('nothing was refused')
}

async function releaseOf(pair: Pair, version: string): Promise<Cid> {
  return (await verifyName(pair.alice.workspace.store, `${pair.name}@${version}`)).cid
}

describe('yank', () => {
  test('ranges go round it, an exact version is refused, and says why', async () => {
    await using pair = await openPair()
    const { alice, name } = pair
    const yanked = await yank(alice.workspace, `${name}@1.1.0`, { reason: 'wrong units' })
    expect(yanked).toMatchObject({ kind: 'appended', seq: 4, name, version: '1.1.0' })
    expect((await pair.pull(name)).release.entry.version).toBe('1.0.0')
    expect((await pair.pull(`${name}@^1`)).release.entry.version).toBe('1.0.0')
    expect(await refusal(pair.pull(`${name}@1.1.0`))).toBe(
      `YANKED: ${name}@1.1.0 was yanked by its publisher. expected a version for new use; got wrong units; next Use another version: 1.0.0.`,
    )
    await checkLog(alice.workspace.store, alice.id)
  })

  test('who holds it goes on, and is told once it is known', async () => {
    await using pair = await openPair()
    const { alice, bob, name } = pair
    await pair.pull(`${name}@1.0.0`)
    await yank(alice.workspace, `${name}@1.0.0`, {})
    const warned: StatusWarning[] = []
    expect(await pair.agent((warning) => warned.push(warning))).toHaveLength(2)
    expect(warned).toEqual([])
    // Another version of the name brings the news.
    await pair.pull(`${name}@1.1.0`)
    expect(await pair.agent((warning) => warned.push(warning))).toHaveLength(2)
    expect(warned).toEqual([
      {
        kind: 'yanked',
        name,
        version: '1.0.0',
        message: `${name}@1.0.0 was yanked by its publisher. It goes on here; move to another version.`,
      },
    ])
    // What is held may be asked for again, exactly.
    const again = await pair.pull(`${name}@1.0.0`)
    expect(warningsOf(again.release.entry)).toHaveLength(1)
    const held = await Array.fromAsync(listReleases(bob.store))
    expect(held.map(({ version, said }) => [version, said])).toEqual([
      ['1.0.0', 'yanked'],
      ['1.1.0', undefined],
    ])
  })

  test('only a version of one’s own, and one at a time', async () => {
    await using pair = await openPair()
    const { alice, name } = pair
    expect(await refusal(yank(alice.workspace, `${name}@9.0.0`, {}))).toMatch(
      /^NOT_FOUND: .*@9\.0\.0 is not in your own log\./,
    )
    expect(await refusal(yank(alice.workspace, 'com.example/x@1.0.0', {}))).toMatch(/^NOT_FOUND/)
    for (const odd of [name, `${name}@^1`, `${name}@1.0.0#tool_0`, `${name}@latest`]) {
      expect(await refusal(yank(alice.workspace, odd, {}))).toMatch(/^USAGE: Name one version\./)
    }
    expect(await refusal(yank(pair.bob, `${name}@1.0.0`, {}))).toMatch(/^KEY_MISSING/)
    const hidden = yank(alice.workspace, `${name}@1.0.0`, { reason: 'a\u202eb' })
    expect(await refusal(hidden)).toMatch(/^TEXT_FORBIDDEN/)
    expect((await checkLog(alice.workspace.store, alice.id)).size).toBe(4)
  })
})

describe('deprecate', () => {
  test('goes on, with a warning that names the successor', async () => {
    await using pair = await openPair()
    const { alice, name } = pair
    const words = { message: 'too slow', successor: `${alice.id}/other@^1` }
    await deprecate(alice.workspace, `${name}@1.0.0`, words)
    const { release } = await pair.pull(`${name}@1.0.0`)
    expect(warningsOf(release.entry)).toEqual([
      {
        kind: 'deprecated',
        name,
        version: '1.0.0',
        successor: `${alice.id}/other@^1`,
        message: `${name}@1.0.0 is deprecated: too slow Use ${alice.id}/other@^1 instead.`,
      },
    ])
    const warned: StatusWarning[] = []
    await pair.agent((warning) => warned.push(warning))
    expect(warned.map(({ kind }) => kind)).toEqual(['deprecated'])
  })

  test('a successor has to be a reference', async () => {
    await using pair = await openPair()
    const { alice, name } = pair
    const act = deprecate(alice.workspace, `${name}@1.0.0`, { successor: 'no name' })
    expect(await refusal(act)).toMatch(/^NAME_INVALID/)
  })
})

describe('t19-un-yank: what was taken back stays taken back', () => {
  test('the same words again change nothing', async () => {
    await using pair = await openPair()
    const { workspace } = pair.alice
    const target = `${pair.name}@1.0.0`
    const acts = [
      () => yank(workspace, target, { reason: 'a' }),
      () => deprecate(workspace, target, { message: 'b' }),
      () => revokeBlock(workspace, target, { reason: 'c' }),
      () => tombstone(workspace, target, { reason: 'd' }),
    ]
    for (const act of acts) {
      const first = await act()
      expect(first.kind).toBe('appended')
      const { kind, seq, statement } = await act()
      expect({ kind, seq, statement }).toEqual({
        kind: 'unchanged',
        seq: first.seq,
        statement: first.statement,
      })
    }
    expect((await checkLog(workspace.store, pair.alice.id)).size).toBe(8)
  })

  test('other words are refused', async () => {
    await using pair = await openPair()
    const { workspace } = pair.alice
    const target = `${pair.name}@1.0.0`
    await deprecate(workspace, target, { message: 'b' })
    await revokeBlock(workspace, target, { reason: 'c' })
    await tombstone(workspace, target, { reason: 'd' })
    const acts = [
      () => deprecate(workspace, target, { message: 'not after all' }),
      () => revokeBlock(workspace, target, { reason: 'not after all' }),
      () => tombstone(workspace, target, { reason: 'not after all' }),
    ]
    for (const act of acts) expect(await refusal(act())).toMatch(/^LIFECYCLE_INVALID/)
  })

  test('a version cannot be released again, with other content or the same', async () => {
    await using pair = await openPair()
    const { workspace } = pair.alice
    await yank(workspace, `${pair.name}@1.0.0`, {})
    const other = publish(workspace, [toolkit(HELLO, '1.0.0', 2, 'Says something else.')])
    expect(await refusal(other)).toMatch(/^VERSION_EXISTS/)
    const [same] = await publish(workspace, [toolkit(HELLO, '1.0.0')])
    expect(same?.kind).toBe('unchanged')
    expect(await refusal(pair.pull(`${pair.name}@1.0.0`))).toMatch(/^YANKED/)
  })
})

describe('revoke', () => {
  test('never resolves, and ranges go round it', async () => {
    await using pair = await openPair()
    const { alice, name } = pair
    await revokeBlock(alice.workspace, `${name}@1.1.0`, { reason: 'leaks its input' })
    expect((await pair.pull(name)).release.entry.version).toBe('1.0.0')
    expect(await refusal(pair.pull(`${name}@1.1.0`))).toBe(
      `REVOKED: ${name}@1.1.0 was revoked by its publisher. expected bytes that may be used; got leaks its input; next Stop using it, and ask the publisher what to use instead.`,
    )
    expect(await refusal(verifyName(alice.workspace.store, `${name}@1.1.0`))).toMatch(/^REVOKED/)
  })

  test('a tool takes every release with it that lists it', async () => {
    await using pair = await openPair()
    const { alice, bob, name } = pair
    const { release } = await pair.pull(`${name}@1.0.0`)
    const [tool] = release.tools
    await revokeBlock(alice.workspace, String(tool?.cid), { reason: 'malware' })
    expect(await refusal(pair.pull(`${name}@1.0.0`))).toMatch(/^REVOKED/)
    expect(await refusal(verifyCid(bob.store, tool?.cid as Cid))).toMatch(/^REVOKED/)
    expect((await pair.pull(`${name}@1.1.0`)).release.tools).toHaveLength(2)
  })

  test('a tool cannot be published again in another release, as long as it is the same', async () => {
    await using pair = await openPair()
    const { workspace } = pair.alice
    const { release } = await pair.pull(`${pair.name}@1.0.0`)
    const [tool] = release.tools
    await revokeBlock(workspace, String(tool?.cid), { reason: 'malware' })
    expect(await refusal(publish(workspace, [toolkit('third', '1.0.0')]))).toBe(
      `REVOKED: ${pair.alice.id}/third@1.0.0 holds what your log has withdrawn: tool_0. expected only what the log has not withdrawn; got ${tool?.cid}, withdrawn by entry 4: malware; next Leave it out, or change it: other content has another CID.`,
    )
    const changed = toolkit('third', '1.0.0', 2, 'Says something else.')
    expect((await publish(workspace, [changed]))[0]?.kind).toBe('published')
  })

  test('so does an artifact, by its digest', async () => {
    await using pair = await openPair()
    const { alice } = pair
    const sha256 = '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8'
    const artifacts = [{ platform: 'any', sha256 }]
    await alice.publish({ ...toolkit('binary', '1.0.0'), artifacts })
    await pair.pull(`${alice.id}/binary`)
    const { cid } = { cid: cidOf(utf8('password')) }
    await revokeBlock(alice.workspace, cid, { reason: 'malware' })
    expect(await refusal(pair.pull(`${alice.id}/binary@1.0.0`))).toMatch(/^REVOKED/)
  })
})

describe('t18-stale-revocation: one contact is enough', () => {
  test.each(['memory', 'level'] as const)(
    'a pull of anything else brings the news (%s)',
    async (kind) => {
      await using pair = await openPair(kind)
      const { alice, bob, name } = pair
      await pair.pull(`${name}@1.0.0`)
      await revokeBlock(alice.workspace, `${name}@1.0.0`, { reason: 'stolen' })
      // Offline since: nobody can know yet.
      expect(await pair.agent()).toHaveLength(2)
      await pair.pull(`${alice.id}/other`)
      expect(await refusal(pair.agent())).toMatch(/^REVOKED: .*hello@1\.0\.0.*got stolen/)
      expect(await refusal(verifyName(bob.store, `${name}@1.0.0`))).toMatch(/^REVOKED/)
      const held = await Array.fromAsync(listReleases(bob.store))
      expect(held.find(({ version, name: n }) => n === name && version)?.said).toBe('revoked')
    },
  )

  test('so does a pull that is refused itself', async () => {
    for (const reference of ['hello@1.0.0', 'hello@7.0.0', 'nothing']) {
      await using pair = await openPair()
      const { alice, name } = pair
      await pair.pull(`${name}@1.0.0`)
      await revokeBlock(alice.workspace, `${name}@1.0.0`, { reason: 'stolen' })
      await refusal(pair.pull(`${alice.id}/${reference}`))
      expect(await refusal(pair.agent()), reference).toMatch(/^REVOKED/)
    }
  })

  test('an older state of the log does not take it back', async () => {
    await using pair = await openPair()
    const { alice, bob, name } = pair
    await pair.pull(`${name}@1.0.0`)
    const before = await copyStore(alice.workspace.store)
    await revokeBlock(alice.workspace, `${name}@1.0.0`, { reason: 'stolen' })
    await pair.pull(`${alice.id}/other`)
    const peers = [peerOf(localSource(before), 'stale')]
    const stale = pull(bob, { reference: `${name}@1.0.0`, peers })
    expect(await refusal(stale)).toMatch(/^ROLLBACK/)
    expect(await refusal(pair.agent())).toMatch(/^REVOKED/)
  })

  test('nor does a peer that has not heard of it, asked after one that has', async () => {
    await using pair = await openPair()
    const { alice, bob, name } = pair
    const before = await copyStore(alice.workspace.store)
    await revokeBlock(alice.workspace, `${name}@1.0.0`, { reason: 'stolen' })
    const peers = [peerOf(alice.source, 'new'), peerOf(localSource(before), 'stale')]
    for (const order of [peers, peers.toReversed()]) {
      const act = pull(bob, { reference: `${name}@1.0.0`, peers: order })
      expect(await refusal(act)).toMatch(/^REVOKED/)
    }
  })

  test('it is the publisher’s own: nobody else’s releases are touched', async () => {
    await using pair = await openPair()
    await using mallory = await openPublisher()
    const { bob, name } = pair
    const { release } = await pair.pull(`${name}@1.0.0`)
    await mallory.publish(toolkit('trap', '1.0.0', 1, 'A trap.'))
    for (const cid of [release.cid, ...release.tools.map((tool) => tool.cid)]) {
      await revokeBlock(mallory.workspace, cid, { reason: 'spite' })
      await tombstone(mallory.workspace, cid, { reason: 'spite' })
    }
    await pull(bob, { reference: `${mallory.id}/trap`, peers: [peerOf(mallory.source)] })
    expect(await pair.agent()).toHaveLength(2)
  })
})

describe('tombstone', () => {
  test('the bytes go here, and at a consumer at the next contact', async () => {
    await using pair = await openPair('level')
    const { alice, bob, name } = pair
    await pair.pull(`${name}@1.0.0`)
    const cid = await releaseOf(pair, '1.0.0')
    const gone = await tombstone(alice.workspace, `${name}@1.0.0`, { reason: 'a password' })
    expect(gone).toMatchObject({ kind: 'appended', subject: cid, dropped: true })
    expect(await alice.workspace.store.hasBlocks([cid])).toEqual([false])
    expect(await bob.store.hasBlocks([cid])).toEqual([true])
    await pair.pull(`${alice.id}/other`)
    expect(await bob.store.hasBlocks([cid])).toEqual([false])
    const withdrawn = `TOMBSTONED: The bytes of ${name}@1.0.0 were withdrawn by its publisher. expected ${cid}; got a password;`
    expect(await refusal(pair.agent())).toContain(withdrawn)
    expect(await refusal(pair.pull(`${name}@1.0.0`))).toContain(withdrawn)
    const byCid = pullBlock(bob, { cid, peers: [peerOf(alice.source)] })
    expect(await refusal(byCid)).toMatch(/^NOT_FOUND/)
    await checkLog(alice.workspace.store, alice.id)
  })

  test('a tool: its release is told as withdrawn before anything is fetched', async () => {
    await using pair = await openPair()
    const { alice, bob, name } = pair
    const { tools } = (await verifyName(alice.workspace.store, `${name}@1.0.0`)).release
    const cid = tools[0]?.cid as Cid
    await tombstone(alice.workspace, cid, { reason: 'a password' })
    expect(await refusal(pair.pull(`${name}@1.0.0`))).toMatch(/^TOMBSTONED/)
    expect(await bob.store.hasBlocks(tools.map((tool) => tool.cid))).toEqual([false, false])
  })

  test('bytes that are here for somebody else as well stay', async () => {
    await using pair = await openPair()
    await using carol = await openPublisher()
    const { alice, bob, name } = pair
    await carol.publish(toolkit(HELLO, '1.0.0'))
    await pair.pull(`${name}@1.0.0`)
    await pull(bob, { reference: `${carol.id}/hello`, peers: [peerOf(carol.source)] })
    const { tools } = (await verifyName(bob.store, `${carol.id}/hello`)).release
    const cid = tools[0]?.cid as Cid
    await tombstone(alice.workspace, cid, { reason: 'mine alone' })
    await pair.pull(`${alice.id}/other`)
    expect(await bob.store.hasBlocks([cid])).toEqual([true])
    expect((await verifyName(bob.store, `${carol.id}/hello`)).release.tools).toHaveLength(2)
    expect(await refusal(pair.agent())).toMatch(/^TOMBSTONED/)
  })

  test('what is no block of a release is not removed: log entries, proofs', async () => {
    await using pair = await openPair()
    const { alice, bob, name } = pair
    const { release } = await pair.pull(`${name}@1.0.0`)
    const { statement } = release.entry
    const gone = await tombstone(alice.workspace, statement, { reason: 'history' })
    expect(gone.dropped).toBe(false)
    await pair.pull(`${alice.id}/other`)
    expect(await bob.store.hasBlocks([statement])).toEqual([true])
    expect(await alice.workspace.store.hasBlocks([statement])).toEqual([true])
  })

  test('a crash between the entry and the bytes is healed by saying it again', async () => {
    await using pair = await openPair()
    const { alice, name } = pair
    const [cid] = [await releaseOf(pair, '1.0.0')]
    const { store } = alice.workspace
    const [bytes] = await store.findBlocks([cid])
    await tombstone(alice.workspace, `${name}@1.0.0`, { reason: 'x' })
    await store.commit({ blocks: [{ cid, bytes: bytes as Uint8Array }] })
    const again = await tombstone(alice.workspace, `${name}@1.0.0`, { reason: 'x' })
    expect(again).toMatchObject({ kind: 'unchanged', dropped: true })
    expect(await store.hasBlocks([cid])).toEqual([false])
  })
})
