// T1, T2, T5 and T7 over TCP: what peers show of logs, and what a node that follows these makes of it. The node is a process of its own, so
// that what it holds is measured; an honest peer asks it all the while.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { findHead } from '../../../src/log/index.ts'
import type { Federation } from '../../../src/node/federation/index.ts'
import { assertNotForked, type Source } from '../../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { encodeAnnouncement } from '../../../src/sync/announce/announcement.ts'
import {
  connectSource,
  type Network,
  openLibp2pNetwork,
  type PeerSource,
} from '../../../src/sync/index.ts'
import { followerOf } from '../../support/follower.ts'
import { forgeLog, forgeryOf } from '../../support/forged-log.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { until } from '../../support/until.ts'
import { cosigned, openWitness, withLines } from '../../support/witness.ts'
import { type Field, openField, type Siege } from './siege.ts'
import { openFollower, openTeller, type Teller } from './tellers.ts'

const NAMES = ['one', 'two', 'old', 'late', 'forked', 'other', 'wrong', 'swapped', 'said'] as const
const witness = openWitness('witness.example')
const owned = new AsyncDisposableStack()
const logs = {} as Record<(typeof NAMES)[number], TestPublisher>
let field: Field
let network: Network

beforeAll(async () => {
  for (const name of NAMES) {
    logs[name] = owned.use(await openPublisher())
    await logs[name].publish(toolkit(name, '1.0.0', 3, `Of ${name}.`))
  }
  const follows = NAMES.map((name) => logs[name].id)
  field = owned.use(await openField({ follows, witnesses: [witness.vkey] }))
  network = owned.use(await openLibp2pNetwork({ listen: [] }))
  await network.connect(field.address)
})
afterAll(() => owned.disposeAsync())

/** What the node answers to anybody. */
async function read<T>(ask: (peer: PeerSource) => Promise<T>): Promise<T> {
  await using peer = connectSource(await network.dial(field.address))
  return await ask(peer)
}

/** Empty where it shows nothing of that log. */
async function noteOf({ id }: TestPublisher): Promise<string> {
  try {
    return Buffer.from(await read((peer) => peer.checkpoint(id))).toString()
  } catch (error) {
    if (isRegistryError(error, 'NOT_FOUND')) return ''
    throw error
  }
}

/** How many entries it shows of a log. */
async function shown(publisher: TestPublisher): Promise<number> {
  return Number((await noteOf(publisher)).split('\n')[1] ?? 0)
}

const holds = (publisher: TestPublisher, size: number): Promise<void> =>
  until(async () => (await shown(publisher)) === size, `${size} entries`)

/** What it has refused meanwhile, by code. Whoever only asks, as the honest peer does, cannot be asked, which is no verdict. */
function refusedIn({ before, after }: Siege): Readonly<Record<string, number>> {
  const [then, now] = [before, after].map(({ status }) => status.node?.sessions.refusals ?? {})
  const counts = Object.entries(now ?? {}).map(([code, n]) => [code, n - (then?.[code] ?? 0)])
  return Object.fromEntries(counts.filter(([code, n]) => n !== 0 && code !== 'PEER_UNAVAILABLE'))
}

/** It has been asked, and the session is over. */
async function heard(teller: Teller): Promise<void> {
  const { peerId } = teller.network
  await until(() => teller.asked > 0, 'a question')
  await until(async () => {
    const peers = (await field.health()).status.node?.peers ?? []
    const peer = peers.find((one) => one.peerId === peerId)
    return peer?.state !== 'syncing' && (peer?.agreed !== null || peer?.failures > 0)
  }, 'the end of a session')
}

/** What any lie may cost: MiB at its worst and for good, files and handles, and the wait of others. */
function assertHarmless(siege: Siege): void {
  expect(siege.peak).toBeLessThan(120)
  expect(siege.left).toBeLessThan(20)
  expect(siege.files).toBeLessThanOrEqual(2)
  expect(siege.handles).toBeLessThanOrEqual(5)
  expect(siege.slowest).toBeLessThan(1_000)
  expect(siege.newcomer).toBeLessThan(1_500)
}

test('t07-withheld-heads: who shows nothing, or less, delays nothing that another shows, and is not blamed', async () => {
  const { one, two } = logs
  const siege = await field.watch('withheld heads', async () => {
    await using silent = await openTeller(field.address, openMemoryStore())
    await using part = await openTeller(field.address, await followerOf(one))
    await heard(silent)
    await heard(part)
    await holds(one, 2)
    expect(await shown(two)).toBe(0)
    const store = await followerOf(one, two)
    // It names logs, and then has no blocks of them.
    await using empty = await openTeller(field.address, store, () => ({
      blocks: async (cids) => cids.map(() => undefined),
    }))
    await heard(empty)
    const began = performance.now()
    await using _honest = await openTeller(field.address, store)
    await holds(two, 2)
    await until(async () => (await field.health()).status.lag.lacking === 0, 'the blocks')
    return { arrived: Math.round(performance.now() - began) }
  })
  assertHarmless(siege)
  expect(siege.told.arrived).toBeLessThan(10_000)
  expect(refusedIn(siege)).toEqual({})
  expect(siege.after.status).toMatchObject({ forks: [], lag: { lacking: 0, partial: 0 } })
})

test('t01-old-heads: an older state, well signed, is neither gone back to nor taken for a fork', async () => {
  const { old, late } = logs
  const before = await followerOf(old, late)
  const note = await old.source.checkpoint(old.id)
  for (const version of ['2.0.0', '3.0.0']) {
    await old.publish(toolkit('old', version))
    await late.publish(toolkit('late', version))
  }
  const siege = await field.watch('old heads', async () => {
    {
      await using _honest = await openTeller(field.address, await followerOf(old))
      await holds(old, 4)
    }
    await using liar = await openTeller(field.address, before)
    await heard(liar)
    // Of the log that is new here it is all there is, and good until more is shown.
    await holds(late, 2)
    await sleep(1_100)
    const said = encodeAnnouncement({ kind: 'head', publisher: old.id, note })
    await liar.network.announcer?.publish(said)
    expect(await shown(old)).toBe(4)
    await using _honest = await openTeller(field.address, await followerOf(late))
    await holds(late, 4)
    await liar.network.announcer?.publish(said)
    await sleep(200)
    expect(await shown(old)).toBe(4)
    return {}
  })
  assertHarmless(siege)
  expect(refusedIn(siege)).toEqual({})
  expect(siege.verdicts).not.toHaveProperty('accept')
  expect(siege.after.status.forks).toEqual([])
})

/** Another history of the log, signed by its own keys. */
async function secondHistory(publisher: TestPublisher): Promise<(source: Source) => Source> {
  const forged = await forgeLog(publisher, [
    forgeryOf(publisher, toolkit('evil', '1.0.0', 1)),
    forgeryOf(publisher, toolkit('evil', '2.0.0', 1)),
  ])
  return () => forged
}

test('t05-two-victims: each is shown another history; once they speak, both hold the proof for good, and gossip brings it to a third', async () => {
  const { forked } = logs
  const { id } = forked
  const siege = await field.watch('forks', async () => {
    const { address } = field
    await forked.publish(toolkit('forked', '2.0.0'))
    const genuine = await followerOf(forked)
    await using second = await openFollower(id)
    await using third = await openFollower(id)
    const victims = [second.federation, third.federation]
    const sizeAt = async (one: Federation) => (await findHead(one.store, id))?.size ?? 0
    const isProven = async (one: Federation) => (await one.status()).forks.includes(id)
    await third.network.connect(address)
    await using _a = await openTeller(address, genuine)
    await holds(forked, 3)
    await until(async () => (await sizeAt(third.federation)) === 3, 'the first history')
    const [there = ''] = second.network.addresses
    await using _b = await openTeller(there, genuine, await secondHistory(forked))
    await until(async () => (await sizeAt(second.federation)) === 3, 'the second history')
    // Gossip needs a heartbeat until it knows who listens.
    await sleep(1_500)
    const began = performance.now()
    await second.network.connect(address)
    for (const [i, one] of victims.entries()) await until(() => isProven(one), `proof ${i + 2}`)
    await until(async () => (await field.health()).status.forks.includes(id), 'the proof here')
    const proven = Math.round(performance.now() - began)
    // What either history says from now on is taken by nobody.
    await forked.publish(toolkit('forked', '3.0.0'))
    await using later = await openTeller(address, await followerOf(forked))
    await heard(later)
    expect(await shown(forked)).toBe(3)
    for (const { store } of victims) {
      await expect(assertNotForked(store, id)).rejects.toMatchObject({ code: 'FORKED' })
    }
    await using fresh = await openFollower(id)
    await fresh.network.connect(address)
    await until(() => isProven(fresh.federation), 'the proof, first of all')
    expect(await sizeAt(fresh.federation)).toBe(0)
    return { proven }
  })
  assertHarmless(siege)
  expect(siege.told.proven).toBeLessThan(5_000)
  expect(siege.after.status.forks).toEqual([id])
  expect(Object.keys(refusedIn(siege)).filter((code) => code !== 'FORKED')).toEqual([])
})

test('t07-wrong-blocks: other bytes, blocks that nobody asked for and blocks in another’s place are not kept, and cost that log alone', async () => {
  const { other, wrong, swapped } = logs
  const theirs = await followerOf(logs.one)
  const unasked = (await Array.fromAsync(theirs.listBlocks())).slice(0, 1)
  const siege = await field.watch('wrong blocks', async () => {
    const { address } = field
    await using garbling = await openTeller(address, await followerOf(other), (source) => ({
      blocks: async (cids) => (await source.blocks(cids)).map((block) => block?.map((b) => b ^ 1)),
    }))
    await using pushing = await openTeller(address, await followerOf(wrong), () => ({
      blocks: async (cids) => {
        const [block] = await theirs.findBlocks(unasked)
        return cids.map(() => block)
      },
    }))
    await using mixing = await openTeller(address, await followerOf(swapped), (source) => ({
      blocks: async (cids) => {
        const [first, ...rest] = await source.blocks(cids)
        return cids.length === 1 ? [first] : [rest[0], ...rest]
      },
    }))
    for (const liar of [garbling, pushing, mixing]) await heard(liar)
    for (const one of [other, wrong, swapped]) expect(await shown(one)).toBe(0)
    const all = await followerOf(other, wrong, swapped)
    await using _honest = await openTeller(address, all)
    for (const publisher of [other, wrong, swapped]) await holds(publisher, 2)
    const cids = await Array.fromAsync(all.listBlocks())
    expect(await read((peer) => peer.blocks(cids))).toEqual(await all.findBlocks(cids))
    return {}
  })
  assertHarmless(siege)
  expect(Object.keys(refusedIn(siege)).sort()).toEqual(['HASH_MISMATCH', 'PEER_MISBEHAVED'])
  expect(siege.after.status.lag).toEqual({ lacking: 0, partial: 0 })
})

test('t02-forged-cosignatures: words that a witness has not said are neither counted nor kept nor passed on, and who shows them is told off', async () => {
  const { said } = logs
  const stranger = openWitness('stranger.example')
  const { address } = field
  const now = Date.now()
  const hours = (n: number): Date => new Date(now - n * 3_600_000)
  const notes: string[] = []
  const note = await said.source.checkpoint(said.id)
  const text = Buffer.from(note).toString().split('\n\n')[0]
  const older = witness.line(`${text}\n`, hours(0), `${text?.replace('\n2\n', '\n1\n')}\n`)
  const showing = (store: Store, change: (note: Uint8Array) => Uint8Array): Promise<Teller> =>
    openTeller(address, store, (source) => ({
      checkpoint: async (id) => change(await source.checkpoint(id)),
    }))
  const siege = await field.watch('forged cosignatures', async () => {
    const held = await followerOf(said)
    const broken = Buffer.from(witness.line(`${text}\n`, hours(0)))
    broken[broken.length - 12] = broken.at(-12) === 65 ? 66 : 65
    for (const line of [older, broken.toString()]) {
      await using liar = await showing(held, (one) => withLines(one, line))
      await heard(liar)
      expect(await shown(said)).toBe(0)
    }
    await using watching = await openLibp2pNetwork({ listen: [], gossip: true })
    watching.announcer?.subscribe(async (message) => {
      notes.push(Buffer.from(message).toString('latin1'))
      return 'accept'
    })
    await watching.connect(address)
    await using unknown = await showing(held, (one) => cosigned(one, [stranger, hours(0)]))
    await holds(said, 2)
    await using _honest = await showing(held, (one) => cosigned(one, [witness, hours(3)]))
    await until(async () => (await noteOf(said)).includes(witness.name), 'the word of a witness')
    const good = await noteOf(said)
    expect(good).not.toContain(stranger.name)
    await using again = await showing(held, (one) => withLines(one, older))
    await heard(again)
    expect(await noteOf(said)).toBe(good)
    await said.publish(toolkit('said', '2.0.0'))
    const head = withLines(await said.source.checkpoint(said.id), older)
    await sleep(1_100)
    const forged = encodeAnnouncement({ kind: 'head', publisher: said.id, note: head })
    await unknown.network.announcer?.publish(forged)
    await sleep(300)
    await using _late = await openTeller(address, await followerOf(said))
    await holds(said, 3)
    await until(() => notes.some((one) => one.includes('\n3\n')), 'the announcement')
    return {}
  })
  assertHarmless(siege)
  expect(Object.keys(refusedIn(siege))).toEqual(['SIGNATURE_INVALID'])
  expect(refusedIn(siege).SIGNATURE_INVALID).toBeGreaterThanOrEqual(3)
  const lie = older.trim().slice(-40)
  expect(notes.filter((one) => one.includes(lie) || one.includes(stranger.name))).toEqual([])
  expect(siege.verdicts).not.toHaveProperty('reject')
})

test('t37-no-false-verdict: of all these logs one has forked, and every other is here as its publisher wrote it', async () => {
  const { status } = await field.health()
  expect(status.forks).toEqual([logs.forked.id])
  expect(status.lag).toEqual({ lacking: 0, partial: 0 })
  for (const name of NAMES.filter((one) => one !== 'forked')) {
    const { id, source } = logs[name]
    const own = Buffer.from(await source.checkpoint(id)).toString()
    expect((await noteOf(logs[name])).startsWith(own), name).toBe(true)
  }
})
