import { describe, expect, it } from 'vitest'
import { createMemoryHub, createNodeKey, openLibp2pNetwork } from '../../src/sync/index.ts'
import { YamuxScan } from '../../src/sync/yamux-guard.ts'
import { testNetworkContract } from '../contracts/network.ts'

testNetworkContract('memory', async () => {
  const hub = createMemoryHub()
  return { server: hub.open('server'), client: hub.open('client') }
})

testNetworkContract('memory, seeded', async () => {
  const hub = createMemoryHub({ seed: 7 })
  return { server: hub.open('server'), client: hub.open('client') }
})

testNetworkContract('libp2p over TCP', async () => ({
  server: await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'] }),
  client: await openLibp2pNetwork({ listen: [] }),
}))

testNetworkContract('libp2p over WebSocket', async () => ({
  server: await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] }),
  client: await openLibp2pNetwork({ listen: [] }),
}))

describe('memory hub', () => {
  it('cuts and heals', async () => {
    const hub = createMemoryHub()
    const a = hub.open('a')
    const b = hub.open('b')
    b.handle(async (channel) => void (await channel.receive()))
    const channel = await a.dial('memory:b')
    hub.cut('a', 'b')
    await expect(channel.receive()).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
    await expect(a.dial('memory:b')).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
    hub.heal('a', 'b')
    await (await a.dial('memory:b')).close()
  })
})

describe('libp2p identity', () => {
  it('is stable for one key and names itself in every address', async () => {
    const privateKey = await createNodeKey()
    const first = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], privateKey })
    const { peerId } = first
    expect(first.addresses.every((address) => address.endsWith(`/p2p/${peerId}`))).toBe(true)
    await first[Symbol.asyncDispose]()
    const second = await openLibp2pNetwork({ listen: [], privateKey })
    expect(second.peerId).toBe(peerId)
    await second[Symbol.asyncDispose]()
  })

  it('refuses other keys and other addresses in words', async () => {
    const privateKey = new Uint8Array(31)
    await expect(openLibp2pNetwork({ listen: [], privateKey })).rejects.toMatchObject({
      code: 'KEY_INVALID',
    })
    await expect(openLibp2pNetwork({ listen: ['localhost:4001'] })).rejects.toMatchObject({
      code: 'USAGE',
    })
  })

  it('does not talk to another peer than the address names', async () => {
    const server = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'] })
    const client = await openLibp2pNetwork({ listen: [] })
    const other = await openLibp2pNetwork({ listen: [] })
    const address = server.addresses[0]!.replace(server.peerId, other.peerId)
    await expect(client.dial(address)).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
    for (const network of [other, client, server]) await network[Symbol.asyncDispose]()
  })
})

describe('yamux guard', () => {
  const header = (type: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(12)
    bytes[1] = type
    new DataView(bytes.buffer).setUint32(8, length)
    return bytes
  }

  it('refuses a data frame that claims 4 GiB, even a byte at a time', () => {
    const scan = new YamuxScan(1024 * 1024)
    const bytes = header(0, 0xffffffff)
    for (const byte of bytes.subarray(0, 11)) scan.push(Uint8Array.of(byte))
    expect(() => scan.push(bytes.subarray(11))).toThrow(
      expect.objectContaining({ code: 'PEER_LIMIT' }),
    )
  })

  it('follows honest frames and never mistakes their data for a header', () => {
    const scan = new YamuxScan(1000)
    const data = new Uint8Array(1000).fill(0xff)
    for (let i = 0; i < 3; i += 1) {
      scan.push(Buffer.concat([header(1, 0xffffffff), header(0, 1000), data.subarray(0, 500)]))
      scan.push(data.subarray(500))
    }
    expect(() => scan.push(header(0, 1001))).toThrow()
  })
})
