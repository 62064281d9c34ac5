// Keeping connected: configured peers always, others from different networks, everything bounded (T37).

import { describe, expect, test } from 'vitest'
import { RegistryError } from '../../../src/lib/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { createBackOff } from '../../../src/sync/discovery/back-off.ts'
import { Candidates } from '../../../src/sync/discovery/candidates.ts'
import { startKeeper } from '../../../src/sync/discovery/keeper.ts'
import { addPeer, listPeers, rememberPeer } from '../../../src/sync/discovery/known-peers.ts'
import type { FoundPeer } from '../../../src/sync/discovery/options.ts'
import { subnetOf } from '../../../src/sync/discovery/subnet.ts'
import { createGater } from '../../../src/sync/libp2p-gater.ts'
import type { ConnectedPeer, Network, PeerEvent } from '../../../src/sync/network.ts'

/** A network of which only the connections matter: whoever is not down is reached. */
function fakeNetwork() {
  const connected = new Map<string, ConnectedPeer>()
  const down = new Set<string>()
  const dials: string[] = []
  const listeners = new Set<(event: PeerEvent) => void>()
  const finders = new Set<(found: FoundPeer) => void>()
  const network = {
    peerId: 'me',
    addresses: [],
    peers: () => [...connected.values()],
    onPeer: (handler: (event: PeerEvent) => void) => {
      listeners.add(handler)
      return () => listeners.delete(handler)
    },
    onFound: (handler: (found: FoundPeer) => void) => {
      finders.add(handler)
      return () => finders.delete(handler)
    },
    connect: async (address: string) => {
      dials.push(address)
      await new Promise(setImmediate)
      const peerId = address.split('/p2p/')[1] ?? ''
      if (down.has(peerId)) throw new RegistryError('PEER_UNAVAILABLE', 'It is down.')
      const peer = { peerId, address, direction: 'outbound' as const }
      connected.set(peerId, peer)
      for (const listener of listeners) listener({ kind: 'connected', peer })
      return peer
    },
  } as unknown as Network
  const find = (peerId: string, address: string): void => {
    for (const tell of finders) {
      tell({ peerId, addresses: [`${address}/p2p/${peerId}`], how: 'dht' })
    }
  }
  return { network, connected, down, dials, find, finders, listeners }
}

/** Time stands still until it is moved. */
function handTimers() {
  let now = 0
  return {
    now: () => now,
    after: () => () => {},
    pass: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

const at = (host: string, peerId: string): string => `/ip4/${host}/tcp/1/p2p/${peerId}`

describe('a configured peer', () => {
  test('is dialled again and again, with waits that grow to five minutes, and never forgotten', async () => {
    const { network, down, dials } = fakeNetwork()
    const timers = handTimers()
    down.add('friend')
    const configured = [at('192.0.2.1', 'friend')]
    const options = { store: openMemoryStore(), configured, timers, random: () => 1 }
    await using keeper = startKeeper(network, options)
    const waits: number[] = []
    for (let i = 0; i < 12; i += 1) {
      await keeper.round()
      const before = dials.length
      let waited = 0
      while (dials.length === before && waited < 400_000) {
        timers.pass(1_000)
        waited += 1_000
        await keeper.round()
      }
      waits.push(waited)
    }
    expect(waits.slice(0, 3)).toEqual([1_000, 2_000, 4_000])
    expect(Math.max(...waits)).toBe(300_000)
    down.clear()
    timers.pass(300_000)
    await keeper.round()
    expect(network.peers()).toHaveLength(1)
  })

  test('is kept although there are enough others, and one that was added while the node runs too', async () => {
    const { network, find } = fakeNetwork()
    const store = openMemoryStore()
    const configured = [at('192.0.2.1', 'friend')]
    await using keeper = startKeeper(network, {
      store,
      configured,
      enough: 1,
      timers: handTimers(),
    })
    await keeper.round()
    find('other', '/ip4/198.51.100.1/tcp/1')
    await keeper.round()
    await addPeer(store, 'late', at('203.0.113.1', 'late'))
    await keeper.round()
    expect(
      network
        .peers()
        .map(({ peerId }) => peerId)
        .sort(),
    ).toEqual(['friend', 'late', 'other'])
  })
})

describe('a Sybil crowd of 200', () => {
  test('in one network gets two places; peers of other networks are reached', async () => {
    const { network, find } = fakeNetwork()
    await using keeper = startKeeper(network, {
      store: openMemoryStore(),
      enough: 8,
      timers: handTimers(),
    })
    for (let i = 0; i < 3; i += 1) find(`honest${i}`, `/ip4/10.${i}.0.1/tcp/1`)
    for (let i = 0; i < 200; i += 1) find(`sybil${i}`, `/ip4/66.6.${i}.1/tcp/1`)
    await keeper.round()
    const names = network.peers().map(({ peerId }) => peerId)
    expect(names.filter((name) => name.startsWith('sybil')).length).toBeLessThanOrEqual(2)
    expect(names.filter((name) => name.startsWith('honest'))).toHaveLength(3)
  })

  test('is remembered as 16 candidates of one network and 512 of all', () => {
    const candidates = new Candidates()
    const add = (i: number, host: string): void =>
      candidates.add({ peerId: `p${i}`, addresses: [`/ip4/${host}/tcp/1`], how: 'dht' })
    for (let i = 0; i < 200; i += 1) add(i, `66.6.${i}.1`)
    expect(candidates.size).toBe(16)
    for (let i = 200; i < 2_000; i += 1) add(i, `${20 + (i >> 8)}.${i & 255}.0.1`)
    expect(candidates.size).toBe(512)
  })

  test('that dials in gets its share of one network, and whom this node keeps still gets in', () => {
    const open: string[] = []
    const gater = createGater({ perSubnet: 3, peers: 6, always: new Set(['friend']) }, () => open)
    const arrives = (peerId: string, host: string): boolean => {
      const address = `/ip4/${host}/tcp/9`
      const [peer, connection] = [{ toString: () => peerId }, { remoteAddr: address }]
      const denied = gater.denyInboundUpgradedConnection(peer as never, connection as never)
      if (!denied) open.push(address)
      return !denied
    }
    const crowd = Array.from({ length: 200 }, (_, i) => arrives(`sybil${i}`, `66.6.${i}.1`))
    expect(crowd.filter(Boolean)).toHaveLength(3)
    expect(arrives('friend', '66.6.1.1')).toBe(true)
    expect([arrives('a', '10.1.0.1'), arrives('b', '10.2.0.1'), arrives('c', '10.3.0.1')]).toEqual([
      true,
      true,
      false,
    ])
    expect(arrives('friend', '66.6.1.2')).toBe(true)
  })
})

describe('peers on disk', () => {
  const seen = (store: Store, i: number): Promise<void> =>
    rememberPeer(
      store,
      { peerId: `p${i}`, address: at('192.0.2.1', `p${i}`), how: 'dht' },
      new Date(i * 1000),
    )

  test('the newest thousand; those that were added stay', async () => {
    const store = openMemoryStore()
    await addPeer(store, 'friend', at('192.0.2.9', 'friend'))
    const put = Array.from({ length: 1_000 }, (_, i) => ({
      table: 'peer' as const,
      key: `p${i}`,
      value: Buffer.from(
        `{"addresses":[],"how":"dht","lastSeen":"${new Date(i * 1000).toISOString()}"}`,
      ),
    }))
    await store.commit({ put })
    await seen(store, 1_000)
    await seen(store, 1_001)
    const ids = (await listPeers(store)).map(({ peerId }) => peerId)
    expect(ids).toHaveLength(1_001)
    expect(ids).not.toContain('p0')
    expect(ids).not.toContain('p1')
    expect(ids).toContain('friend')
  })

  test('a full list of added peers is refused in words', async () => {
    const store = openMemoryStore()
    for (let i = 0; i < 256; i += 1) await addPeer(store, `f${i}`, at('192.0.2.1', `f${i}`))
    await expect(addPeer(store, 'one-more', at('192.0.2.1', 'x'))).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: 'So many peers cannot be kept connected.',
      details: { expected: 'at most 256 added peers', got: '257' },
    })
  })

  test('being connected is noted, and what was added stays added', async () => {
    const { network } = fakeNetwork()
    const store = openMemoryStore()
    const [friend, start] = [at('192.0.2.1', 'friend'), at('198.51.100.1', 'start')]
    await addPeer(store, 'friend', friend)
    const now = (): Date => new Date(86_400_000)
    const keeper = startKeeper(network, { store, bootstrap: [start], timers: handTimers(), now })
    await keeper.round()
    await keeper[Symbol.asyncDispose]()
    const lastSeen = '1970-01-02T00:00:00.000Z'
    expect(await listPeers(store)).toEqual([
      { peerId: 'friend', addresses: [friend], how: 'added', lastSeen },
      { peerId: 'start', addresses: [start], how: 'bootstrap', lastSeen },
    ])
  })

  test('a record that cannot be read is none', async () => {
    const store = openMemoryStore()
    await store.commit({ put: [{ table: 'peer', key: 'x', value: Buffer.from('{') }] })
    expect(await listPeers(store)).toEqual([])
  })
})

test('nothing is left listening when a keeper ends', async () => {
  const { network, finders, listeners } = fakeNetwork()
  const keeper = startKeeper(network, { store: openMemoryStore() })
  await keeper[Symbol.asyncDispose]()
  expect([finders.size, listeners.size]).toEqual([0, 0])
})

test('waits are forgotten for the oldest, so that addresses without end fill nothing', () => {
  const timers = handTimers()
  const backOff = createBackOff(timers)
  for (let i = 0; i < 5_000; i += 1) backOff.failed(`p${i}`)
  expect(backOff.mayTry('p0')).toBe(true)
  expect(backOff.mayTry('p4999')).toBe(false)
  backOff.worked('p4999')
  expect(backOff.mayTry('p4999')).toBe(true)
})

test.each([
  ['/ip4/192.0.2.7/tcp/1', '192.0.0.0/16'],
  ['/ip6/2001:db8:1::1/tcp/1', '2001:0db8::/32'],
  ['/ip6/::ffff:192.0.2.7/tcp/1', '192.0.0.0/16'],
  ['/ip6/::1/tcp/1', undefined],
  ['/ip4/127.0.0.1/tcp/1', undefined],
  ['/ip4/127.9.0.1/tcp/1', '127.9.0.0/16'],
  ['/dns4/example.org/tcp/1', undefined],
  ['/ip4/192.0.2.7/tcp/1/p2p/12D3/p2p-circuit', undefined],
])('the network of %s', (address, subnet) => {
  expect(subnetOf(address)).toBe(subnet)
})
