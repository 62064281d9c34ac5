// registry peer: what is kept, what is shown, what is refused.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localSource } from '../../src/resolve/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'
import { type Network, openLibp2pNetwork, serveSource } from '../../src/sync/index.ts'
import { registryHere } from '../support/in-process.ts'
import { makeFolder, type Ran, type TestFolder } from '../support/registry.ts'

let folder: TestFolder
let node: Network
let address: string

beforeAll(async () => {
  folder = await makeFolder()
  node = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  node.handle((channel) => serveSource(channel, localSource(openMemoryStore())))
  address = node.addresses[0]!
})
afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const peer = (...args: readonly string[]): Promise<Ran> =>
  registryHere(['--json', 'peer', ...args], { home: join(folder.path, 'home') })

async function answer(...args: readonly string[]): Promise<unknown> {
  const { status, stdout, stderr } = await peer(...args)
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return JSON.parse(stdout)
}

test('add, list, ping by id, remove', async () => {
  const { peerId } = node
  expect(await answer('add', address)).toEqual({ peers: [{ peerId, address, added: true }] })
  expect(await answer('add', address)).toEqual({ peers: [{ peerId, address, added: false }] })
  const kept = { peers: [{ peerId, addresses: [address], how: 'added' }] }
  expect(await answer('list')).toEqual(kept)
  const times = { connectMs: expect.any(Number), answerMs: expect.any(Number) }
  expect(await answer('ping', peerId)).toEqual({ peerId, address, ...times })
  expect(await answer('ping', address)).toEqual({ peerId, address, ...times })
  expect(await answer('remove', peerId)).toEqual({ peers: [{ peerId, removed: true }] })
  expect(await answer('list')).toEqual({ peers: [] })
})

test('key: three lines, never the same', async () => {
  const [first, second] = [await answer('key'), await answer('key')]
  const form = /^\/key\/swarm\/psk\/1\.0\.0\/\n\/base16\/\n[0-9a-f]{64}\n$/
  expect(first).toEqual({ key: expect.stringMatching(form) })
  expect(first).not.toEqual(second)
})

describe('refuses', () => {
  test.each([
    ['another action', ['call', 'x'], 'Say what to do with which peer.'],
    ['an address without a peer', ['add', '/ip4/192.0.2.1/tcp/1'], 'does not say which peer'],
    ['what is no address', ['add', 'example.org'], 'This is not the address of a node.'],
    ['removing a stranger', ['remove', '12D3KooX'], 'This peer is not known here.'],
    ['pinging a stranger', ['ping', '12D3KooX'], 'This peer is not known here.'],
  ])('%s', async (_, args, text) => {
    const { status, stdout, stderr } = await peer(...args)
    expect(status).not.toBe(0)
    expect(stdout + stderr).toContain(text)
  })

  test('a peer that is not there, in words', async () => {
    const away = address.replace(/tcp\/\d+/, 'tcp/1')
    const { status, stdout, stderr } = await peer('ping', away)
    expect(status).not.toBe(0)
    expect(stdout + stderr).toContain('PEER_UNAVAILABLE')
  })

  test('all of several, when one is wrong', async () => {
    expect((await peer('add', address, 'nowhere')).status).not.toBe(0)
    expect(await answer('list')).toEqual({ peers: [] })
  })
})
