// The Announcer over both networks: what is accepted goes from node to node, what is not stays where it came.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { ANNOUNCEMENT_BYTES, type Verdict } from '../../../src/sync/announce/announcer.ts'
import { createMemoryHub, type Network, openLibp2pNetwork } from '../../../src/sync/index.ts'

const open: Network[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((network) => network[Symbol.asyncDispose]()))
})

async function libp2pNode(): Promise<Network> {
  const network = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], gossip: true })
  open.push(network)
  return network
}

/** a – b – c. */
async function line(
  make: (name: string) => Promise<Network>,
): Promise<readonly [Network, Network, Network]> {
  const [a, b, c] = [await make('a'), await make('b'), await make('c')]
  await a.connect(b.addresses[0]!)
  await b.connect(c.addresses[0]!)
  return [a, b, c]
}

function listen(network: Network, verdict: Verdict = 'accept'): { text: string; from: string }[] {
  const heard: { text: string; from: string }[] = []
  network.announcer?.subscribe(async (message, from) => {
    heard.push({ text: Buffer.from(message).toString(), from })
    return verdict
  })
  return heard
}

async function say(network: Network, text: string): Promise<void> {
  await network.announcer?.publish(Buffer.from(text))
}

/** A gossip mesh takes a heartbeat to form: said again until it is heard. */
async function sayUntil(network: Network, heard: readonly unknown[]): Promise<void> {
  for (let i = 0; heard.length === 0; i += 1) {
    await say(network, `try ${i}`)
    await sleep(250)
  }
}

describe.each([
  [
    'memory',
    async () => {
      const hub = createMemoryHub()
      return await line(async (name) => hub.open(name))
    },
  ],
  ['libp2p', () => line(libp2pNode)],
] as const)('announcements over %s', (_, makeLine) => {
  test('what is accepted is forwarded, once, and names the neighbour', async () => {
    const [a, b, c] = await makeLine()
    listen(a)
    const [atB, atC] = [listen(b), listen(c)]
    await sayUntil(a, atC)
    expect(atB[0]?.from).toBe(a.peerId)
    expect(atC[0]?.from).toBe(b.peerId)
    const last = atC.at(-1)?.text
    await say(a, last ?? '')
    await sleep(200)
    expect(atC.filter(({ text }) => text === last)).toHaveLength(1)
  })

  test.each(['ignore', 'reject'] as const)('what a node would %s stays there', async (verdict) => {
    const [a, b, c] = await makeLine()
    const [atB, atC] = [listen(b, verdict), listen(c)]
    await sayUntil(a, atB)
    await sleep(300)
    expect(atB.length).toBeGreaterThan(0)
    expect(atC).toEqual([])
  })

  test('a handler that fails forwards nothing and ends nothing', async () => {
    const [a, b, c] = await makeLine()
    const atC = listen(c)
    let failures = 0
    b.announcer?.subscribe(async () => {
      failures += 1
      throw new Error('broken')
    })
    for (let i = 0; failures === 0; i += 1) {
      await say(a, `fail ${i}`)
      await sleep(100)
    }
    expect(failures).toBeGreaterThan(0)
    expect(atC).toEqual([])
    const atB = listen(b)
    await sayUntil(a, atB)
    expect(atB.length).toBeGreaterThan(0)
  })

  test('the largest message arrives; a larger one is refused here', async () => {
    const [a, b] = await makeLine()
    const sizes: number[] = []
    b.announcer?.subscribe(async (message) => {
      sizes.push(message.length)
      return 'accept'
    })
    for (let i = 0; sizes.length === 0; i += 1) {
      await a.announcer?.publish(new Uint8Array(ANNOUNCEMENT_BYTES).fill(i))
      await sleep(250)
    }
    expect(sizes[0]).toBe(ANNOUNCEMENT_BYTES)
    await expect(
      a.announcer?.publish(new Uint8Array(ANNOUNCEMENT_BYTES + 1)),
    ).rejects.toMatchObject({
      code: 'PEER_LIMIT',
      message: 'An announcement is larger than peers take.',
      details: { got: `${ANNOUNCEMENT_BYTES + 1} bytes` },
    })
  })
})

test('the in-process network loses what it is told to lose, the same for one seed', async () => {
  const run = async (seed: number): Promise<readonly string[]> => {
    const hub = createMemoryHub({ seed, loss: 0.5 })
    const [a, b] = [hub.open('a'), hub.open('b')]
    await a.connect('memory:b')
    const heard = listen(b)
    for (let i = 0; i < 100; i += 1) await say(a, `${i}`)
    await sleep(20)
    return heard.map(({ text }) => text)
  }
  const [first, second, third] = [await run(1), await run(1), await run(2)]
  expect(first).toEqual(second)
  expect(first).not.toEqual(third)
  expect(first.length).toBeGreaterThan(25)
  expect(first.length).toBeLessThan(75)
})
