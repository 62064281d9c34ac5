// Nodes among others, over the network inside a process and over TCP: what is published on one is on the others, through those between, by
// announcements or within a period; a link that is cut, a peer that fails, a stop in the middle.

import { afterEach, describe, expect, test } from 'vitest'
import { findHead } from '../../../src/log/index.ts'
import {
  createFederation,
  type Federation,
  type FederationOptions,
} from '../../../src/node/federation/index.ts'
import { follow, publish, setMirror } from '../../../src/registry/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import {
  createMemoryHub,
  type Network,
  openLibp2pNetwork,
  systemTimers,
} from '../../../src/sync/index.ts'
import { createNodeLog } from '../../support/node-log.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { until } from '../../support/until.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

const log = createNodeLog()

interface TestNode {
  readonly federation: Federation
  readonly network: Network
}

async function start(
  network: Network,
  store: Store,
  options: Partial<FederationOptions> = {},
): Promise<TestNode> {
  const federation = await createFederation({
    ...{ store, network, log, timers: systemTimers, now: () => new Date(0) },
    ...options,
  })
  open.push(network, federation)
  return { federation, network }
}

async function openFollower(): Promise<Store> {
  const store = openMemoryStore()
  open.push(store)
  return store
}

async function openHome(): Promise<TestPublisher> {
  const publisher = await openPublisher()
  open.push(publisher)
  return publisher
}

/** Through the store that is watched, as every command does. */
async function release(
  home: TestPublisher,
  { federation }: TestNode,
  version: string,
): Promise<void> {
  await publish({ ...home.workspace, store: federation.store }, [
    toolkit(`${home.id}/hello`, version),
  ])
}

const sizeAt = async ({ federation }: TestNode, home: TestPublisher): Promise<number> =>
  (await findHead(federation.store, home.id))?.size ?? 0

async function line(
  home: TestPublisher,
  networks: readonly Network[],
  options: Partial<FederationOptions> = {},
) {
  const [first, ...rest] = networks
  const nodes = [await start(first!, home.workspace.store, options)]
  for (const [i, network] of rest.entries()) {
    const store = await openFollower()
    await follow({ store, keys: '', now: () => new Date(0), passphrase: async () => undefined }, [
      home.id,
    ])
    nodes.push(await start(network, store, { peers: [networks[i]!.addresses[0]!], ...options }))
  }
  return nodes as [TestNode, TestNode, TestNode]
}

const hubs: readonly [string, () => Promise<readonly Network[]>][] = [
  [
    'memory',
    async () => {
      const hub = createMemoryHub({ seed: 3 })
      return ['a', 'b', 'c'].map((name) => hub.open(name))
    },
  ],
  [
    'TCP',
    async () =>
      await Promise.all(
        [1, 2, 3].map(() => openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], gossip: true })),
      ),
  ],
]

describe.each(hubs)('%s', (_name, networks) => {
  test('what A publishes reaches C through B, at once', async () => {
    const home = await openHome()
    const [a, b, c] = await line(home, await networks())
    await until(async () => (await sizeAt(c, home)) === 1)
    // Gossip needs a heartbeat until it knows who listens.
    await until(() => a.network.peers().length > 0 && b.network.peers().length > 1)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    await release(home, a, '1.0.0')
    await until(async () => (await sizeAt(c, home)) === 2)
    expect((await c.federation.status()).node?.announcements.heard).toBeGreaterThan(0)
  })
})

describe('without announcements', () => {
  test('it is there within a period', async () => {
    const home = await openHome()
    const hub = createMemoryHub()
    const networks = ['a', 'b', 'c'].map((name) => hub.open(name))
    const [a, , c] = await line(home, networks, { announces: false, period: 300 })
    await until(async () => (await sizeAt(c, home)) === 1)
    await release(home, a, '1.0.0')
    await until(async () => (await sizeAt(c, home)) === 2)
  })
})

describe('a link that is cut', () => {
  test('and comes back: nothing is missing in the end', async () => {
    const home = await openHome()
    const hub = createMemoryHub()
    const networks = ['a', 'b', 'c'].map((name) => hub.open(name))
    const [a, b, c] = await line(home, networks, { period: 200, backOff: 50 })
    await until(async () => (await sizeAt(c, home)) === 1)
    hub.cut('a', 'b')
    await release(home, a, '1.0.0')
    await until(async () => ((await b.federation.status()).node?.peers[0]?.failures ?? 0) > 0)
    expect(await sizeAt(c, home)).toBe(1)
    hub.heal('a', 'b')
    await until(async () => (await sizeAt(c, home)) === 2)
  })
})

describe('status', () => {
  test('tells peers, heads, lag and what was done', async () => {
    const home = await openHome()
    const hub = createMemoryHub()
    const [, b] = await line(
      home,
      ['a', 'b'].map((name) => hub.open(name)),
      {
        // Refills slowly enough to be seen.
        budgets: { fetchPublisher: 1_000_000 },
      },
    )
    await until(async () => (await sizeAt(b, home)) === 1)
    await until(async () => (await b.federation.status()).node?.sessions.done === 1)
    const status = await b.federation.status()
    expect(status).toMatchObject({
      heads: 1,
      forks: [],
      lag: { lacking: 0, partial: 0 },
      node: {
        peerId: 'b',
        lag: { oldest: 0, announced: 0 },
        peers: [{ peerId: 'a', isKept: true, isConnected: true, state: 'idle', failures: 0 }],
        sessions: { done: 1, failed: 0, logs: 1, entries: 1, refusals: {} },
        budgets: { mirror: null },
        witness: null,
      },
    })
    expect(status.node?.sessions.bytesReceived).toBeGreaterThan(500)
    expect(status.node?.budgets.publishers.used[0]?.name).toBe(home.id)
    expect(JSON.parse(JSON.stringify(status))).toEqual(status)
  })

  test('a node that follows nobody asks nobody', async () => {
    const home = await openHome()
    const hub = createMemoryHub()
    await start(hub.open('a'), home.workspace.store)
    const b = await start(hub.open('b'), await openFollower(), { peers: ['memory:a'] })
    await until(async () => (await b.federation.status()).node?.peers[0]?.agreed === 0)
    expect((await b.federation.status()).heads).toBe(0)
    const workspace = { store: b.federation.store, now: () => new Date(0) }
    await setMirror(workspace, 1e9)
    await b.federation.interest.settled()
    b.federation.syncSoon()
    await until(async () => (await sizeAt(b, home)) === 1)
  })
})

describe('budgets', () => {
  test('a publisher that has used up its own waits, others do not', async () => {
    const home = await openHome()
    const other = await openHome()
    const hub = createMemoryHub()
    const a = await start(hub.open('a'), home.workspace.store)
    const b = await start(hub.open('b'), other.workspace.store)
    const store = await openFollower()
    await follow({ store, keys: '', now: () => new Date(0), passphrase: async () => undefined }, [
      home.id,
      other.id,
    ])
    const peers = ['memory:a', 'memory:b']
    const budgets = { fetchPublisher: 6_000 }
    const c = await start(hub.open('c'), store, { peers, budgets, period: 100, announces: false })
    await until(async () => (await sizeAt(c, home)) === 1 && (await sizeAt(c, other)) === 1)
    await release(home, a, '1.0.0')
    await until(async () => (await sizeAt(c, home)) === 2)
    await release(home, a, '1.0.1')
    await release(other, b, '1.0.0')
    await until(async () => (await sizeAt(c, other)) === 2)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await sizeAt(c, home)).toBe(2)
    const used = (await c.federation.status()).node?.budgets.publishers.used[0]
    expect(used?.used).toBeGreaterThan(6_000)
  })
})

describe('the end', () => {
  test('waits for nobody who says nothing, in the middle of whatever', async () => {
    const home = await openHome()
    const hub = createMemoryHub()
    const a = await start(hub.open('a'), home.workspace.store)
    await release(home, a, '1.0.0')
    // Takes channels, and never says a word.
    hub.open('mute').handle(() => new Promise(() => {}))
    const store = await openFollower()
    await follow({ store, keys: '', now: () => new Date(0), passphrase: async () => undefined }, [
      home.id,
    ])
    const b = await start(hub.open('b'), store, { peers: ['memory:mute', 'memory:a'] })
    await until(async () => (await b.federation.status()).node?.sessions.running !== 0)
    const began = performance.now()
    await b.federation[Symbol.asyncDispose]()
    expect(performance.now() - began).toBeLessThan(8_000)
    expect((await b.federation.status()).node?.sessions.running).toBe(0)
  })
})
