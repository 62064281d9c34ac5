// Real nodes that find one another: on the local network, from a starting point, by the distributed table; through a relay; and a
// private network that strangers cannot even speak to.

import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { cidOf } from '../../../src/cid/index.ts'
import { publisherIdOf } from '../../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import {
  createNetworkKey,
  type FoundPeer,
  type Keeper,
  listPeers,
  type Network,
  openLibp2pNetwork,
  startKeeper,
} from '../../../src/sync/index.ts'
import { until } from '../../support/until.ts'

type Options = Partial<Parameters<typeof openLibp2pNetwork>[0]>

const closing: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function node(options: Options = {}): Promise<Network> {
  const network = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], ...options })
  closing.push(network)
  return network
}

function keep(network: Network, options: Partial<Parameters<typeof startKeeper>[1]> = {}): Keeper {
  const store: Store = options.store ?? openMemoryStore()
  const keeper = startKeeper(network, { everyMs: 200, ...options, store })
  closing.push(keeper)
  return keeper
}

function isConnected(network: Network, other: Network): boolean {
  return network.peers().some(({ peerId }) => peerId === other.peerId)
}

/** Whether a datagram sent to the group of mDNS comes back on this machine. */
async function hasMulticast(): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false))
      socket.once('message', () => resolve(true))
      socket.bind(0, () => {
        try {
          socket.addMembership('224.0.0.251')
          socket.send('toolmark', socket.address().port, '224.0.0.251')
        } catch {
          resolve(false)
        }
      })
      setTimeout(() => resolve(false), 1_000)
    })
  } finally {
    socket.close()
  }
}

describe('three nodes find one another', () => {
  test('by multicast on the local network', async () => {
    if (!(await hasMulticast())) {
      console.warn('skipped: no multicast on this machine, so mDNS was not tried (1 test)')
      return
    }
    const nodes = await Promise.all(
      Array.from({ length: 3 }, () =>
        node({ listen: ['/ip4/0.0.0.0/tcp/0'], mdns: { intervalMs: 500 } }),
      ),
    )
    for (const one of nodes) keep(one)
    const others = nodes.flatMap((one) =>
      nodes.filter((other) => other !== one).map((other) => [one, other] as const),
    )
    await until(() => others.every(([one, other]) => isConnected(one, other)))
    expect(others.filter(([one, other]) => !isConnected(one, other))).toEqual([])
  })

  test('from a starting point that two of them know, and the one who was found is remembered', async () => {
    const start = await node({ dht: { mode: 'server', lan: true } })
    const [a, b] = [
      await node({ dht: { mode: 'server', lan: true } }),
      await node({ dht: { mode: 'server', lan: true } }),
    ]
    const store = openMemoryStore()
    keep(a, { store, bootstrap: start.addresses })
    keep(b, { bootstrap: start.addresses })
    await until(() => isConnected(a, start) && isConnected(b, start) && isConnected(a, b))
    expect([isConnected(a, start), isConnected(b, start), isConnected(a, b)]).toEqual([
      true,
      true,
      true,
    ])
    await sleep(100)
    const known = await listPeers(store)
    expect(known).toContainEqual(
      expect.objectContaining({
        peerId: start.peerId,
        how: 'bootstrap',
        addresses: start.addresses,
      }),
    )
  })

  test('by what they hold: a publisher’s log, and a block', async () => {
    const dht = { mode: 'server', lan: true } as const
    const nodes = [await node({ dht }), await node({ dht }), await node({ dht })] as const
    const [holder, middle, seeker] = nodes
    await holder.connect(middle.addresses[0]!)
    await seeker.connect(middle.addresses[0]!)
    const publisher = publisherIdOf(Buffer.from('genesis'))
    const cid = cidOf(Buffer.from('a block'))
    const find = async (what: typeof publisher | typeof cid): Promise<FoundPeer | undefined> => {
      for await (const found of seeker.directory!.find(what)) return found
      return undefined
    }
    for (const what of [publisher, cid]) {
      let found: FoundPeer | undefined
      for (let i = 0; i < 10 && found === undefined; i += 1) {
        await holder.directory?.provide(what)
        found = await find(what)
        if (found === undefined) await sleep(200)
      }
      expect(found).toEqual({ peerId: holder.peerId, addresses: holder.addresses, how: 'dht' })
    }
    expect(await seeker.connect((await find(cid))!.addresses[0]!)).toMatchObject({
      peerId: holder.peerId,
    })
  })
})

describe('a relay', () => {
  test('carries a channel to a node that listens nowhere', async () => {
    const relay = await node({ relay: { serve: true } })
    const hidden = await node({
      listen: [`${relay.addresses[0]}/p2p-circuit`],
      relay: { use: true },
    })
    hidden.handle(async (channel) => {
      const frame = await channel.receive()
      if (frame !== undefined) await channel.send(frame)
      await channel.close()
    })
    await until(() => hidden.addresses.some((address) => address.includes('/p2p-circuit/')))
    const client = await node({ listen: [], relay: { use: true } })
    const address = `${relay.addresses[0]}/p2p-circuit/p2p/${hidden.peerId}`
    const channel = await client.dial(address)
    await channel.send(Buffer.from('through'))
    expect(Buffer.from((await channel.receive())!).toString()).toBe('through')
    await channel.close()
  })

  test('is not one unless told to', async () => {
    const plain = await node()
    const hidden = openLibp2pNetwork({
      listen: [`${plain.addresses[0]}/p2p-circuit`],
      relay: { use: true },
    })
    await expect(hidden).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
  })
})

describe('a private network', () => {
  test('lets its own in, and refuses strangers and other networks', async () => {
    const networkKey = Buffer.from(createNetworkKey())
    const server = await node({ networkKey })
    const own = await node({ listen: [], networkKey })
    expect(await own.connect(server.addresses[0]!)).toMatchObject({ peerId: server.peerId })
    const stranger = await node({ listen: [] })
    const other = await node({ listen: [], networkKey: Buffer.from(createNetworkKey()) })
    for (const outside of [stranger, other]) {
      await expect(outside.connect(server.addresses[0]!)).rejects.toMatchObject({
        code: 'PEER_UNAVAILABLE',
      })
    }
    expect(server.peers().map(({ peerId }) => peerId)).toEqual([own.peerId])
  })

  test('a key of another form is refused without a word of it', async () => {
    const networkKey = Buffer.from('00112233445566778899aabbccddeeff')
    await expect(node({ networkKey })).rejects.toMatchObject({
      code: 'KEY_INVALID',
      message: 'This is not the key of a private network.',
      details: {
        expected: 'three lines: /key/swarm/psk/1.0.0/, /base16/, and 64 hex digits',
        got: '32 bytes of another form',
      },
    })
  })
})
