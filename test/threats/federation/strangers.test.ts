// T36, T37, T7 and T8 over TCP: what strangers can make a node hold and do, and what they can make it believe. The node, the attackers and the honest
// peer are three processes; the attackers come from other addresses, as they would. The node follows the log of the one peer that it was given.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation } from '../../../src/node/federation/index.ts'
import { Scheduler } from '../../../src/node/federation/scheduler.ts'
import { createLogger } from '../../../src/node/logger.ts'
import { publish } from '../../../src/registry/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import {
  connectSource,
  type Network,
  openLibp2pNetwork,
  systemTimers,
} from '../../../src/sync/index.ts'
import { createManualTimers } from '../../support/manual-timers.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { type Field, openField, type Siege } from './siege.ts'

interface Alice {
  readonly publisher: TestPublisher
  readonly network: Network
  release(version: string): Promise<void>
}

const owned = new AsyncDisposableStack()
let alice: Alice
let field: Field
beforeAll(async () => {
  alice = await openAlice()
  field = owned.use(
    await openField({
      follows: [alice.publisher.id],
      peers: alice.network.addresses,
      always: [alice.network.peerId],
    }),
  )
})
afterAll(() => owned.disposeAsync())

async function openAlice(): Promise<Alice> {
  const publisher = owned.use(await openPublisher())
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const network = owned.use(await openLibp2pNetwork({ listen, gossip: true }))
  await publisher.publish(toolkit('first', '1.0.0'))
  const { store } = publisher.workspace
  const log = createLogger({ level: 'error', format: 'json', now, write: () => {} })
  const federation = owned.use(
    await createFederation({ store, network, log, now, timers: systemTimers }),
  )
  const release = async (version: string): Promise<void> => {
    const workspace = { ...publisher.workspace, store: federation.store }
    await publish(workspace, [toolkit('first', version)])
  }
  return { publisher, network, release }
}

function now(): Date {
  return new Date()
}

/** What every attack may cost, whatever it is: MiB of the process at its worst, MiB that stay, files and handles that stay, and the wait of others. */
function assertHarmless(
  siege: Siege,
  most: { readonly peak: number; readonly newcomer?: number },
): void {
  expect(siege.peak).toBeLessThan(most.peak)
  expect(siege.left).toBeLessThan(20)
  expect(siege.files).toBeLessThanOrEqual(2)
  expect(siege.handles).toBeLessThanOrEqual(5)
  expect(siege.slowest).toBeLessThan(1_000)
  expect(siege.newcomer).toBeLessThan(most.newcomer ?? 1_500)
}

test('t36-oversized-frames: 2 GiB are claimed, of a frame and of the muxer, and nothing is made ready for them', async () => {
  const siege = await field.besiege('frames', { enough: { ended: 20, connections: 2 } })
  assertHarmless(siege, { peak: 120 })
  expect(siege.verdicts.PEER_LIMIT).toBeGreaterThan(0)
  expect(siege.told.connections).toBeGreaterThan(0)
  expect(siege.told.kept).toBeUndefined()
})

test('t36-endless-streams: rubbish ends a channel at its first frame, nonsense without end a little later', async () => {
  const siege = await field.besiege('endless', { enough: { rubbish: 8, nonsense: 8 } })
  assertHarmless(siege, { peak: 200 })
  expect(siege.verdicts.MESSAGE_INVALID).toBeGreaterThan(0)
  expect(siege.verdicts.PEER_MISBEHAVED).toBeGreaterThan(0)
})

test('t36-ten-thousand-streams: one peer has sixteen', async () => {
  const siege = await field.besiege('streams', { enough: { opened: 10_000 } })
  assertHarmless(siege, { peak: 150 })
  expect(siege.told.opened).toBeGreaterThanOrEqual(10_000)
  expect(siege.after.channels).toBeLessThanOrEqual(16)
})

test('t36-want-lists: eight peers ask for the most there is and read nothing; who lets most wait is cut off', async () => {
  const siege = await field.besiege('wants', { enough: { cut: 5 } })
  assertHarmless(siege, { peak: 400 })
  expect(siege.verdicts.PEER_LIMIT).toBeGreaterThan(0)
})

test('t36-gossip-flood: few forgeries are looked at, and a reason to ask is none of them', async () => {
  const siege = await field.besiege('gossip', { enough: { said: 400 } })
  assertHarmless(siege, { peak: 150 })
  expect(siege.verdicts.reject).toBeGreaterThan(0)
  expect((siege.verdicts.reject ?? 0) + (siege.verdicts.accept ?? 0)).toBeLessThan(20)
  expect(siege.after.status.node?.announcements).toMatchObject({ heard: 0, overflows: 0 })
  expect(siege.after.status.forks).toEqual([])
})

test('t08-replayed-announcements: an old head, told again and again, is no news', async () => {
  const siege = await field.besiege('replays', { enough: { said: 1_000 } })
  assertHarmless(siege, { peak: 150 })
  expect(siege.verdicts.ignore).toBeGreaterThan(0)
  expect(siege.verdicts).not.toHaveProperty('accept')
  expect(siege.after.status.node?.announcements).toMatchObject({ heard: 0, overflows: 0 })
  expect(siege.after.status.forks).toEqual([])
})

/** What the node shows of a log, and how long it takes until that has so many entries. */
async function openReader(publisher: PublisherId) {
  const network = await openLibp2pNetwork({ listen: [] })
  const dial = async () => connectSource(await network.dial(field.address))
  let peer = await dial()
  /** A busy machine keeps no deadlines: whoever is cut off for it comes again. */
  const shown = async (): Promise<string> => {
    try {
      return Buffer.from(await peer.checkpoint(publisher)).toString()
    } catch {
      peer = await dial().catch(() => peer)
      return ''
    }
  }
  return {
    shown,
    async arrives(size: number): Promise<number> {
      const began = performance.now()
      while (!(await shown()).includes(`\n${size}\n`)) {
        if (performance.now() - began > 60_000) throw new Error(`size ${size} did not arrive`)
        await new Promise((go) => setTimeout(go, 20))
      }
      return Math.round(performance.now() - began)
    },
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}

test('t37-sybil-crowd: 200 strangers change no verdict, hold bounded memory, and delay neither an honest peer nor its news', async () => {
  const { id, source } = alice.publisher
  await using reader = await openReader(id)
  await reader.arrives(2)
  const oldNote = Buffer.from(await source.checkpoint(id)).toString('base64')
  await alice.release('2.0.0')
  await reader.arrives(3)
  let waited = 0
  const plan = {
    ...{ publisher: id, oldNote, milliseconds: 4_000, isLast: true },
    enough: { joined: 100, refused: 10, asked: 4 },
  }
  const siege = await field.besiege('crowd', plan, async () => {
    await new Promise((go) => setTimeout(go, 3_000))
    await alice.release('3.0.0')
    waited = await reader.arrives(4)
  })
  console.info(`news of an honest peer among the crowd: ${waited} ms`)
  // Two hundred handshakes at once are seconds of work, and a newcomer's is one more of them.
  assertHarmless(siege, { peak: 400, newcomer: 4_000 })
  expect(waited).toBeLessThan(10_000)
  expect(await reader.shown()).toBe(Buffer.from(await source.checkpoint(id)).toString())
  const { status } = siege.after
  expect(status).toMatchObject({ heads: 2, forks: [] })
  expect(Object.keys(status.node?.sessions.refusals ?? {}).sort()).toEqual([
    'PEER_MISBEHAVED',
    'PEER_UNAVAILABLE',
  ])
  // Alice's own, and nobody's else.
  expect(siege.verdicts.accept ?? 0).toBeLessThanOrEqual(1)
  // Of the hundred that come from one network 64, and alice and the readers.
  expect(siege.after.connections).toBeLessThanOrEqual(64 + 100 + 5)
})

test('t37-sybil-crowd: strangers who take their time leave half of the sessions to the peers that were given', async () => {
  const timers = createManualTimers()
  const met: string[] = []
  await using scheduler = new Scheduler({
    ...{ timers, random: () => 0.5, period: 60_000, backOff: 5_000, maxBackOff: 600_000 },
    ...{ sessions: 4, timeout: 3_600_000 },
    meet: async ({ peerId, signal }) => {
      met.push(peerId)
      if (peerId === 'friend') return false
      return await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    },
  })
  const add = (peerId: string, isKept: boolean): void =>
    scheduler.add({ peerId, address: `memory:${peerId}`, isKept, isConnected: true })
  add('friend', true)
  for (let i = 0; i < 200; i++) add(`sybil${i}`, false)
  await timers.advance(10 * 60_000)
  expect(met.filter((peerId) => peerId === 'friend').length).toBeGreaterThanOrEqual(9)
  expect(met.filter((peerId) => peerId !== 'friend')).toHaveLength(2)
})

test('t36-slow-peers: a byte a second is silence, of one who asks and of one who is asked', async () => {
  // A minute is three seconds there.
  await using slow = await openField({
    ...{ speed: 20, follows: [alice.publisher.id], peers: alice.network.addresses },
  })
  const siege = await slow.besiege('trickle', { enough: { asked: 1, ended: 8 }, isLast: true })
  expect(siege.verdicts.PEER_UNAVAILABLE).toBeGreaterThanOrEqual(8)
  const { refusals, logs } = siege.after.status.node?.sessions ?? {}
  expect(Object.keys(refusals ?? {})).toEqual(['PEER_UNAVAILABLE'])
  expect(logs).toBe(1)
  assertHarmless(siege, { peak: 100 })
})
