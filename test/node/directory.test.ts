// The distributed table, used by whole nodes over TCP: who holds a followed log is found through a node that has nothing to do with it.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { findHead } from '../../src/log/index.ts'
import { startDirectory } from '../../src/node/directory/index.ts'
import { createFederation, type Federation } from '../../src/node/federation/index.ts'
import { follow } from '../../src/registry/index.ts'
import { lackRecord } from '../../src/registry/replicate/lack.ts'
import { localSource } from '../../src/resolve/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { type Network, openLibp2pNetwork, systemTimers } from '../../src/sync/index.ts'
import { copyStore } from '../support/copy-store.ts'
import { createNodeLog } from '../support/node-log.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'
import { until } from '../support/until.ts'

const log = createNodeLog()
const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

/** A client is in nobody's routing table: others come to it by what it has told alone. */
async function networkOf(mode: 'client' | 'server'): Promise<Network> {
  const network = await openLibp2pNetwork({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    dht: { mode, lan: true },
  })
  open.push(network)
  return network
}

interface TestNode {
  readonly network: Network
  readonly federation: Federation
}

async function nodeOf(store: Store, hidden: readonly string[] = []): Promise<TestNode> {
  const network = await networkOf('client')
  const parts = { store, network, log, timers: systemTimers }
  const federation = await createFederation({ ...parts, hidden, now: () => new Date(0) })
  open.push(federation)
  return { network, federation }
}

function seek({ network, federation }: TestNode): void {
  open.push(startDirectory({ ...federation, network, log, timers: systemTimers, roundMs: 200 }))
}

async function publisherWith(name: string): Promise<TestPublisher> {
  const publisher = await openPublisher()
  open.push(publisher)
  await publisher.publish(toolkit(name, '1.0.0'))
  return publisher
}

async function followerOf(id: PublisherId, store: Store, untold = false): Promise<Store> {
  const workspace = { store, keys: '', now: () => new Date(0), passphrase: async () => undefined }
  await follow(workspace, [id], { untold })
  return store
}

/** The first that the table names. A question that nobody answers goes on for long. */
async function finds(network: Network, id: PublisherId): Promise<string | undefined> {
  const signal = AbortSignal.timeout(2_000)
  try {
    for await (const { peerId } of network.directory!.find(id, { signal })) return peerId
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return undefined
}

describe('a followed publisher whom no peer here has', () => {
  test('is found where the table says, and fetched; one that peers are not told of is not asked for', async () => {
    const [alice, bob] = [await publisherWith('com.alice/x'), await publisherWith('com.bob/x')]
    const middle = await networkOf('server')
    const holders = [await nodeOf(alice.workspace.store), await nodeOf(bob.workspace.store)]
    for (const holder of holders) {
      await holder.network.connect(middle.addresses[0]!)
      seek(holder)
    }
    const store = await followerOf(alice.id, openMemoryStore())
    const seeker = await nodeOf(await followerOf(bob.id, store, true))
    await seeker.network.connect(middle.addresses[0]!)
    // Both are to be found by whoever asks.
    await until(async () => (await finds(middle, alice.id)) !== undefined)
    await until(async () => (await finds(middle, bob.id)) !== undefined)
    expect(seeker.network.peers().map(({ peerId }) => peerId)).toEqual([middle.peerId])
    seek(seeker)
    await until(async () => (await findHead(store, alice.id)) !== undefined)
    await sleep(500)
    expect((await findHead(store, bob.id))?.size).toBeUndefined()
    expect(seeker.network.peers().map(({ peerId }) => peerId)).not.toContain(
      holders[1]?.network.peerId,
    )
  })

  test('also where its log is here with a gap', async () => {
    const alice = await publisherWith('com.alice/x')
    const middle = await networkOf('server')
    const holder = await nodeOf(alice.workspace.store)
    await holder.network.connect(middle.addresses[0]!)
    seek(holder)
    const store = await copyStore(alice.workspace.store)
    open.push(store)
    await store.commit({ remove: [{ table: 'self', key: 'publisher' }] })
    const { tools } = await toolsOf(store, alice.id)
    const [tool, cid] = Object.entries(tools)[0]!
    const place = { publisher: alice.id, name: 'com.alice/x', version: '1.0.0', tool }
    await store.commit({ drop: [cid], put: [lackRecord(cid, place)] })
    const seeker = await nodeOf(await followerOf(alice.id, store))
    await seeker.network.connect(middle.addresses[0]!)
    seek(seeker)
    await until(async () => (await store.hasBlocks([cid]))[0] === true)
  })
})

test('who holds what is private here is told of nothing but the rest', async () => {
  const [secret, plain] = [await publisherWith('com.secret/x'), await publisherWith('com.plain/x')]
  const store = await copyStore(secret.workspace.store)
  open.push(store)
  await store.commit({ remove: [{ table: 'self', key: 'publisher' }] })
  for await (const record of plain.workspace.store.listRecords('head')) {
    await store.commit({ put: [record] })
  }
  const middle = await networkOf('server')
  const holder = await nodeOf(store, ['com.secret'])
  await holder.network.connect(middle.addresses[0]!)
  seek(holder)
  await until(async () => (await finds(middle, plain.id)) === holder.network.peerId)
  await sleep(500)
  expect(await finds(middle, secret.id)).toBeUndefined()
})

async function toolsOf(store: Store, publisher: PublisherId) {
  const { listReleases, verifyName } = await import('../../src/registry/index.ts')
  const [listed] = await Array.fromAsync(listReleases(store))
  if (listed === undefined) throw new Error(`no release in ${localSource(store).label}`)
  const { release } = await verifyName(store, `${listed.name}@1.0.0`, { publisher })
  return { tools: Object.fromEntries(release.tools.map(({ name, cid }) => [name, cid])) }
}
