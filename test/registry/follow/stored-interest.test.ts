// Which logs are wanted, asked for, kept and served: the most particular rule decides, and nothing private is told or asked (T13).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { utf8 } from '../../../src/lib/index.ts'
import { configureFollows } from '../../../src/registry/follow/configure.ts'
import { makeRoom } from '../../../src/registry/follow/make-room.ts'
import { openInterest } from '../../../src/registry/follow/stored-interest.ts'
import {
  claim,
  follow,
  keepList,
  listFollowed,
  setMirror,
  tellFollows,
  unfollow,
  withoutRefused,
} from '../../../src/registry/index.ts'
import { formatPin, localSource } from '../../../src/resolve/index.ts'
import { type PublisherId, publisherIdOf } from '../../../src/spec/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { bringLog, followerOf } from '../../support/follower.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const ADDRESS = '/ip4/192.0.2.1/tcp/4040/p2p/12D3KooWPeer'
const strangerOf = (text: string): PublisherId => publisherIdOf(Buffer.from(text))
const STRANGER = strangerOf('a stranger')

let alice: TestPublisher
let bob: TestPublisher
beforeAll(async () => {
  alice = await openPublisher()
  bob = await openPublisher()
  await alice.publish(toolkit('com.alice/weather', '1.0.0'))
  await bob.publish(toolkit('com.bob/weather', '1.0.0'), toolkit('com.alice.squat/x', '1.0.0'))
})
afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await bob[Symbol.asyncDispose]()
})

function workspaceOf(store: Store, hidden: readonly string[] = []) {
  const privateNamespaces = async () => hidden
  return { store, keys: '', passphrase: async () => undefined, now: () => NOW, privateNamespaces }
}

async function pin(store: Store, namespace: string, publisher: PublisherId): Promise<void> {
  const since = NOW.toISOString()
  await store.commit({ put: [formatPin({ namespace, publisher, how: 'flag', since })] })
}

describe('whom a node wants', () => {
  test('nobody, unless it is told', async () => {
    const interest = await openInterest(await followerOf())
    expect([interest.isEmpty, interest.wants(STRANGER)]).toEqual([true, false])
    expect(interest.scope).toEqual({ publishers: [], namespaces: [] })
  })

  test('a publisher that is named, and no other', async () => {
    const workspace = workspaceOf(await followerOf())
    await follow(workspace, [STRANGER])
    const interest = await openInterest(workspace.store)
    expect([interest.wants(STRANGER), interest.wants(alice.id)]).toEqual([true, false])
    expect(interest.scope).toEqual({ publishers: [STRANGER], namespaces: [] })
  })

  test('a name means the publisher that is pinned to it', async () => {
    const workspace = workspaceOf(await followerOf())
    await pin(workspace.store, 'com.alice', alice.id)
    const followed = await follow(workspace, ['com.alice/weather'])
    expect(followed).toMatchObject([{ rule: { kind: 'publisher', name: alice.id } }])
    await expect(follow(workspace, ['com.bob/weather'])).rejects.toMatchObject({
      code: 'PUBLISHER_UNPINNED',
    })
  })

  test('of a pinned namespace its publisher, and no squatter', async () => {
    const workspace = workspaceOf(await followerOf(alice, bob))
    await pin(workspace.store, 'com.alice', alice.id)
    await follow(workspace, ['com.alice'])
    const interest = await openInterest(workspace.store)
    expect([interest.wants(alice.id), interest.wants(bob.id)]).toEqual([true, false])
    expect(interest.wants(STRANGER)).toBe(false)
    expect(interest.scope).toEqual({ publishers: [alice.id], namespaces: [] })
  })

  test('of a namespace that nobody is pinned to whoever releases in it', async () => {
    const store = await followerOf(alice)
    await follow(workspaceOf(store), ['com.bob'])
    const interest = await openInterest(store)
    await makeRoom(store, interest, { now: NOW })
    // Not here, so perhaps; what is here and has released elsewhere goes, and is not asked for again.
    expect(interest.wants(bob.id)).toBe(true)
    expect(await store.findRecords([{ table: 'head', key: alice.id }])).toEqual([undefined])
    expect(interest.wants(alice.id)).toBe(false)
    expect(interest.scope).toEqual({ publishers: [], namespaces: ['com.bob'] })
  })

  test('whoever is known to release in it is asked for by id too, from the first release on', async () => {
    const store = await followerOf(alice)
    await follow(workspaceOf(store), ['com.alice', 'com.bob'])
    const interest = await openInterest(store)
    const namespaces = ['com.alice', 'com.bob']
    expect(interest.scope).toEqual({ publishers: [alice.id], namespaces })
    interest.note({
      put: [{ table: 'claim', key: `com.bob/weather/${bob.id}`, value: utf8('1.0.0') }],
    })
    expect(interest.scope).toEqual({ publishers: [alice.id, bob.id].sort(), namespaces })
  })

  test('of a peer’s list those on it; it is no more than a hint', async () => {
    const workspace = workspaceOf(await followerOf())
    const { store } = workspace
    const told = { publishers: [STRANGER, alice.id], namespaces: ['com.bob'] }
    expect(await keepList(store, ADDRESS, told)).toBe(false)
    await follow(workspace, [ADDRESS])
    expect(await keepList(store, ADDRESS, told)).toBe(true)
    await follow(workspace, [alice.id], { never: true })
    const interest = await openInterest(store)
    expect([interest.wants(STRANGER), interest.wants(alice.id)]).toEqual([true, false])
    expect(interest.scope).toEqual({ publishers: [STRANGER], namespaces: ['com.bob'] })
    // Lists are not passed on.
    expect(await tellFollows(workspace)).toEqual({ publishers: [], namespaces: [] })
  })

  test('a publisher that is named is wanted also where its namespace is refused', async () => {
    const workspace = workspaceOf(await followerOf(alice, bob))
    await follow(workspace, ['com.alice'], { never: true })
    await follow(workspace, [alice.id])
    const interest = await openInterest(workspace.store)
    expect([interest.wants(alice.id), interest.serves(alice.id)]).toEqual([true, true])
    expect([interest.wants(bob.id), interest.serves(bob.id)]).toEqual([false, false])
  })

  test('no more of a log than its budget', async () => {
    const workspace = workspaceOf(await followerOf(alice))
    const { store } = workspace
    await follow(workspace, [alice.id], { budget: { entries: 2 } })
    const interest = await openInterest(store)
    await makeRoom(store, interest, { now: NOW })
    expect(interest.roomFor(alice.id).entries).toBe(0)
    expect(interest.wants(alice.id)).toBe(false)
    await follow(workspace, [alice.id], { budget: { entries: 3 } })
    await interest.refresh()
    expect(interest.roomFor(alice.id).entries).toBe(1)
    expect(interest.wants(alice.id)).toBe(true)
  })
})

describe('what is refused', () => {
  test('goes, is not served, and is not fetched to find out again', async () => {
    const workspace = workspaceOf(await followerOf(alice, bob))
    const { store } = workspace
    await setMirror(workspace, 1e9)
    await follow(workspace, ['com.bob'], { never: true })
    const interest = await openInterest(store)
    const { evicted } = await makeRoom(store, interest, { now: NOW })
    expect(evicted.map(({ publisher }) => publisher)).toEqual([bob.id])
    const rules = [{ name: 'com.bob' }, { name: bob.id, how: 'never', because: 'com.bob' }]
    expect((await listFollowed(store)).rules).toMatchObject(rules)
    const fresh = await openInterest(store)
    expect([fresh.wants(bob.id), fresh.wants(alice.id), fresh.wants(STRANGER)]).toEqual([
      false,
      true,
      true,
    ])
    await unfollow(store, ['com.bob'])
    await fresh.refresh()
    expect(fresh.wants(bob.id)).toBe(true)
  })

  test('nothing of it is handed on, and of what others have as well all is', async () => {
    const store = await followerOf(alice, bob)
    await follow(workspaceOf(store), [bob.id], { never: true })
    const interest = await openInterest(store)
    const { source, used } = withoutRefused(localSource(store), { store, interest, now: () => NOW })
    await expect(source.checkpoint(bob.id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'This node does not hold that publisher’s log.',
    })
    await source.checkpoint(alice.id)
    expect(used).toEqual(new Map([[alice.id, NOW.getTime()]]))
    expect(await source.claimants('com.bob/weather')).toEqual([])
    const uses = await Array.fromAsync(store.listRecords('use'))
    for (const { key } of uses) {
      const [cid] = key.split('/') as [never]
      const isShared = uses.some((use) => use.key === `${cid}/${alice.id}`)
      const [bytes] = await source.blocks([cid])
      expect(bytes !== undefined, key).toBe(isShared)
    }
  })

  test('is neither one’s own nor what is trusted', async () => {
    const workspace = { ...alice.workspace, privateNamespaces: async () => [] }
    await expect(follow(workspace, [alice.id], { never: true })).rejects.toMatchObject({
      code: 'USAGE',
      message: 'Your own log cannot be refused.',
      details: {
        expected: 'another publisher',
        got: alice.id,
        next: 'To keep its names from others, list them under [private] in the trust policy.',
      },
    })
    await expect(follow(workspace, [alice.id])).rejects.toMatchObject({
      code: 'USAGE',
      message: 'Your own log is written here: there is nobody to follow.',
    })
    const store = await followerOf(bob)
    await pin(store, 'com.bob', bob.id)
    for (const target of [bob.id, 'com.bob']) {
      await expect(follow(workspaceOf(store), [target], { never: true })).rejects.toMatchObject({
        code: 'USAGE',
        message: `${target} is trusted here: what is pinned is not refused.`,
        details: {
          expected: 'a publisher or namespace without a pin',
          got: `com.bob is pinned to ${bob.id}`,
          next: 'If you mean it: `registry pin remove com.bob` first.',
        },
      })
    }
  })
})

describe('T13: what is private', () => {
  test('is never followed, by namespace or by publisher', async () => {
    const workspace = workspaceOf(await followerOf(), ['com.corp', STRANGER])
    for (const [target, hidden] of [
      ['com.corp', 'com.corp'],
      ['com.corp.team', 'com.corp'],
      [STRANGER, STRANGER],
    ] as const) {
      await expect(follow(workspace, [target])).rejects.toMatchObject({
        code: 'NAMESPACE_PRIVATE',
        message: `${target} is never asked of peers.`,
        details: {
          expected: 'a publisher or namespace outside the private namespaces of your trust policy',
          got: `${hidden} is private`,
          next: 'Take it out of [private] if others may know of it. Nothing was sent.',
        },
      })
    }
  })

  test('what was followed before it became private is neither asked for nor told', async () => {
    const store = await followerOf(alice, bob)
    await follow(workspaceOf(store), [STRANGER, alice.id, 'com.corp', 'com.corp.team', 'com.open'])
    const hidden = workspaceOf(store, ['com.corp', 'com.alice', STRANGER])
    expect(await tellFollows(hidden)).toEqual({ publishers: [alice.id], namespaces: ['com.open'] })
    const interest = await openInterest(store, hidden)
    expect(interest.scope).toEqual({ publishers: [], namespaces: ['com.open'] })
    for (const id of [STRANGER, alice.id, bob.id]) {
      expect([interest.wants(id), interest.serves(id)], id).toEqual([false, false])
    }
  })

  test('a log hides as soon as it has a private name, and one’s own also by a claim', async () => {
    const corp = await openPublisher()
    const workspace = { ...corp.workspace, privateNamespaces: async () => ['com.corp'] }
    const interest = await openInterest(workspace.store, workspace)
    expect(interest.serves(corp.id)).toBe(true)
    await claim(workspace, 'com.corp.team')
    await interest.refresh()
    expect(interest.serves(corp.id)).toBe(false)
    expect(interest.unserved).toEqual(['com.corp', corp.id])

    const store = await followerOf()
    const other = await openInterest(store, workspaceOf(store, ['com.bob']))
    expect(other.serves(bob.id)).toBe(true)
    await bringLog(store, bob)
    const put = await Array.fromAsync(store.listRecords('claim'))
    other.note({ put })
    expect(other.serves(bob.id)).toBe(false)
    await corp[Symbol.asyncDispose]()
  })
})

describe('the configuration of a node', () => {
  const NONE = { publishers: [], namespaces: [], lists: [], block: [], quota: undefined }

  test('is known to every command, changes with its file, and yields to what people have said', async () => {
    const workspace = workspaceOf(await followerOf())
    const { store } = workspace
    await follow(workspace, [alice.id], { never: true })
    const said = { ...NONE, publishers: [alice.id, STRANGER], namespaces: ['com.bob'], quota: 1e6 }
    await configureFollows(store, said, NOW)
    const interest = await openInterest(store)
    expect([interest.wants(alice.id), interest.wants(STRANGER)]).toEqual([false, true])
    expect(interest.mirror?.quota).toBe(1e6)
    await expect(unfollow(store, [STRANGER])).rejects.toMatchObject({
      code: 'USAGE',
      message: `The configuration of this node says so of ${STRANGER}.`,
      details: {
        expected: 'what was said by a command',
        got: 'what the configuration file says',
        next: 'Change the file, and start the node again.',
      },
    })
    await expect(setMirror(workspace, undefined)).rejects.toMatchObject({ code: 'USAGE' })
    await configureFollows(store, { ...NONE, block: [STRANGER] }, NOW)
    expect(await listFollowed(store)).toMatchObject({
      rules: [
        { name: alice.id, how: 'never' },
        { name: STRANGER, how: 'never', isConfigured: true },
      ].sort((a, b) => (a.name < b.name ? -1 : 1)),
      mirror: undefined,
    })
  })
})
