// One round of `registry sync`: what is followed comes here verified, peers that fail are told of, and room is made.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findHead } from '../../src/log/index.ts'
import { openSyncing, peersToSync, type SyncRound } from '../../src/node/sync-peers.ts'
import { checkLog, follow, listFollowed, setMirror, verifyName } from '../../src/registry/index.ts'
import type { Store } from '../../src/store/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'
import { createMemoryHub } from '../../src/sync/index.ts'
import { followerOf } from '../support/follower.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'
import { shareStoreOn } from '../support/sharing-node.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const signal = new AbortController().signal

let alice: TestPublisher
let bob: TestPublisher
beforeAll(async () => {
  alice = await openPublisher()
  bob = await openPublisher()
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
    await alice.publish(toolkit('com.alice/weather', version))
  }
  await bob.publish(toolkit('com.bob/weather', '1.0.0'))
})
afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await bob[Symbol.asyncDispose]()
})

function workspaceOf(store: Store, privates: readonly string[] = []) {
  const privateNamespaces = async () => privates
  return { store, keys: '', passphrase: async () => undefined, now: () => NOW, privateNamespaces }
}

interface Scene {
  readonly store: Store
  readonly workspace: ReturnType<typeof workspaceOf>
  round(...addresses: readonly string[]): Promise<SyncRound>
}

/** A consumer beside a peer that has both logs. */
async function open(options: { readonly follows?: readonly string[] } = {}): Promise<Scene> {
  const hub = createMemoryHub()
  const served = await followerOf(alice, bob)
  if (options.follows !== undefined) await follow(workspaceOf(served), options.follows)
  await shareStoreOn(hub.open('peer'), served)
  const store = openMemoryStore()
  const workspace = workspaceOf(store)
  const network = hub.open('consumer')
  return {
    store,
    workspace,
    round: async (...addresses) => {
      await using syncing = await openSyncing(workspace, network)
      return await syncing.round(addresses.length > 0 ? addresses : ['memory:peer'], { signal })
    },
  }
}

describe('a round', () => {
  test('brings what is followed, whole and verified, and the next one brings nothing', async () => {
    const { store, workspace, round } = await open()
    await follow(workspace, [alice.id])
    const first = await round()
    expect(first.peers).toMatchObject([{ peer: 'memory:peer', result: { logs: 1, entries: 4 } }])
    expect(await checkLog(store, alice.id)).toMatchObject({ size: 4 })
    const named = { publisher: alice.id }
    expect((await verifyName(store, 'com.alice/weather', named)).release.entry.version).toBe(
      '1.2.0',
    )
    expect(await findHead(store, bob.id)).toBeUndefined()
    const second = await round()
    expect(second.peers).toMatchObject([{ result: { logs: 0, entries: 0, roundTrips: 1 } }])
    expect(second.room.evicted).toEqual([])
  })

  test('by namespace brings who releases in it, and by mirror everything', async () => {
    const { store, workspace, round } = await open()
    await follow(workspace, ['com.bob'])
    await round()
    const heads = async () => [await findHead(store, alice.id), await findHead(store, bob.id)]
    expect((await heads()).map((head) => head?.size)).toEqual([undefined, 2])
    await setMirror(workspace, 1e9)
    await round()
    expect((await heads()).map((head) => head?.size)).toEqual([4, 2])
    await setMirror(workspace, undefined)
    const { room } = await round()
    expect(room.evicted).toMatchObject([{ publisher: alice.id }])
  })

  test('reads the list of a peer first, and follows it', async () => {
    const hub = createMemoryHub()
    const served = await followerOf(alice, bob)
    await follow(workspaceOf(served), [alice.id])
    await shareStoreOn(hub.open('peer'), served)
    const store = openMemoryStore()
    const address = '/memory/peer'
    await follow(workspaceOf(store), [address])
    expect(await peersToSync(store)).toEqual([address])
    const network = hub.open('consumer')
    const dial: typeof network.dial = (_address, options) => network.dial('memory:peer', options)
    await using syncing = await openSyncing(workspaceOf(store), { ...network, dial } as never)
    const { peers } = await syncing.round([address], { signal })
    expect(peers).toMatchObject([{ result: { logs: 1 } }])
    const { rules } = await listFollowed(store)
    expect(rules).toMatchObject([{ kind: 'list', told: { publishers: [alice.id] } }])
    expect(await findHead(store, bob.id)).toBeUndefined()
  })

  test('tells of peers that do not answer, and takes the others', async () => {
    const { workspace, round } = await open()
    await follow(workspace, [alice.id])
    const { peers } = await round('memory:nobody', 'memory:peer')
    const outcome = peers.map(({ peer, result, error }) => [peer, result?.logs, error?.code])
    expect(outcome.sort()).toEqual([
      ['memory:nobody', undefined, 'PEER_UNAVAILABLE'],
      ['memory:peer', 1, undefined],
    ])
  })

  test('stops when it is told to', async () => {
    const { workspace } = await open()
    await follow(workspace, [alice.id])
    const hub = createMemoryHub()
    await using syncing = await openSyncing(workspace, hub.open('consumer'))
    const stopped = AbortSignal.abort(new Error('stopped'))
    await expect(syncing.round(['memory:peer'], { signal: stopped })).rejects.toThrow('stopped')
  })
})
