// Peers that stand still: over the memory network, with a clock that goes on. What is new is refused, what is held goes on and says so.

import { describe, expect, onTestFinished, test } from 'vitest'
import { EXIT } from '../../src/cli/exit.ts'
import { isRegistryError, RegistryError } from '../../src/lib/index.ts'
import {
  type FreshnessAsked,
  freshnessWarnings,
  loadTools,
  type Peer,
  pull,
  revokeBlock,
  type StatusWarning,
  verifyName,
} from '../../src/registry/index.ts'
import { localSource, parseWitnessPolicy } from '../../src/resolve/index.ts'
import { connectSource, createMemoryHub, serveSource } from '../../src/sync/index.ts'
import { copyStore, dump } from '../support/copy-store.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { type Cosigned, cosignedSource, openWitness } from '../support/witness.ts'
import { openTestWorkspace, type TestWorkspace } from '../support/workspace.ts'

const DAY = 24 * 60 * 60_000
const START = new Date('2026-06-01T00:00:00Z')
const later = (days: number): Date => new Date(Number(START) + days * DAY)
const [w1, w2, w3] = [openWitness('w1'), openWitness('w2'), openWitness('w3')]
const vkeys = [w1, w2, w3].map(({ vkey }) => vkey)
const witnesses = parseWitnessPolicy({ witnesses: vkeys })

interface World {
  readonly alice: TestPublisher
  readonly name: string
  readonly bob: TestWorkspace
  readonly clock: { now: Date }
  /** As of now, over the memory network. */
  freeze(label: string, ...by: readonly Cosigned[]): Promise<Peer>
  pull(peers: readonly Peer[], reference?: string): ReturnType<typeof pull>
  refusal(peers: readonly Peer[], reference?: string): Promise<RegistryError>
}

async function openWorld(): Promise<World> {
  const alice = await openPublisher()
  const clock = { now: START }
  const bob = { ...(await openTestWorkspace()), now: () => clock.now }
  const hub = createMemoryHub({ seed: 7 })
  const client = hub.open('bob')
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]()
    await bob[Symbol.asyncDispose]()
    await alice[Symbol.asyncDispose]()
  })
  await alice.publish(toolkit('weather', '1.0.0'), toolkit('maps', '1.0.0'))
  const name = `${alice.id}/weather`
  const pullFrom = (peers: readonly Peer[], reference = name) =>
    pull(bob, { reference, peers, witnesses })
  return {
    alice,
    name,
    bob,
    clock,
    async freeze(label, ...by) {
      const source = cosignedSource(localSource(await copyStore(alice.workspace.store)), ...by)
      const server = hub.open(label)
      server.handle((channel) => serveSource(channel, source))
      onTestFinished(() => server[Symbol.asyncDispose]())
      const [address = ''] = server.addresses
      return { label, open: async () => connectSource(await client.dial(address)) }
    },
    pull: pullFrom,
    refusal: async (peers, reference) => {
      const error = await pullFrom(peers, reference).then(
        ({ release }) => new Error(`accepted ${release.entry.name}@${release.entry.version}`),
        (cause: unknown) => cause,
      )
      if (isRegistryError(error)) return error
      throw error
    },
  }
}

describe('t02-freeze', () => {
  test('t02-freeze: a new resolve is STALE, what is held goes on and says so', async () => {
    const { alice, bob, clock, name, ...world } = await openWorld()
    const frozen = [
      await world.freeze('a', [w1, START], [w2, START]),
      await world.freeze('b', [w2, START], [w3, START]),
    ]
    const pulled = await world.pull(frozen)
    expect(pulled.freshness).toEqual({ time: START, by: ['w1', 'w2', 'w3'], ahead: [] })
    // Alice withdraws it; the peers go on showing the old state.
    await revokeBlock(alice.workspace, pulled.release.cid, { reason: 'malware' })
    clock.now = later(8)
    const before = await dump(bob.store)
    for (const reference of [name, `${name}@1.0.0`, `${alice.id}/maps`, `${alice.id}/absent`]) {
      const error = await world.refusal(frozen, reference)
      expect(error.code, reference).toBe('STALE')
      expect(EXIT[error.verdict]).toBe(6)
      expect(error.message).toMatch(
        /^What .+ shows of this log: nothing says that this is still its newest state\.$/,
      )
      expect(error.details).toMatchObject({
        expected: 'cosigned by 2 of 3 witnesses within the last 7 days',
        got: '2026-06-01T00:00:00.000Z, 8 days ago',
      })
    }
    expect(await dump(bob.store)).toEqual(before)

    const { release } = await verifyName(bob.store, name)
    const asked: FreshnessAsked = { policy: witnesses, allowStale: true, now: clock.now }
    const message = `${name}@1.0.0 goes on here, but it is STALE: news of it may be withheld. Expected its log to be cosigned by 2 of 3 witnesses within the last 7 days; got 2026-06-01T00:00:00.000Z, 8 days ago. Pull it again.`
    expect(await freshnessWarnings(bob.store, release.entry, asked)).toEqual([
      { kind: 'stale', name, version: '1.0.0', message },
    ])
    expect(await freshnessWarnings(bob.store, release.entry, { ...asked, now: later(7) })).toEqual(
      [],
    )
    const strict = freshnessWarnings(bob.store, release.entry, { ...asked, allowStale: false })
    await expect(strict).rejects.toMatchObject({ code: 'STALE' })
  })

  test('one peer that moves is enough', async () => {
    const { clock, alice, name, ...world } = await openWorld()
    const frozen = await world.freeze('frozen', [w1, START], [w2, START])
    await world.pull([frozen])
    clock.now = later(8)
    await alice.publish(toolkit('weather', '2.0.0', 2, 'Says more.'))
    const honest = await world.freeze('honest', [w1, later(7)], [w3, later(6)])
    const { release, freshness, behind } = await world.pull([frozen, honest])
    expect(release.entry.version).toBe('2.0.0')
    expect(freshness?.time).toEqual(later(6))
    expect(behind).toEqual([{ from: 'frozen', size: 3 }])
  })

  test('of equal logs the one that was cosigned last is asked first', async () => {
    const { clock, ...world } = await openWorld()
    clock.now = later(1)
    const older = await world.freeze('older', [w1, START], [w2, START])
    const bare = await world.freeze('bare')
    const newer = await world.freeze('newer', [w1, later(1)], [w2, later(1)])
    const { from, refused } = await world.pull([bare, older, newer])
    expect({ from, refused }).toEqual({ from: 'newer', refused: [] })
  })

  test('a publisher of its own words alone is not witnessed', async () => {
    const world = await openWorld()
    const { details } = await world.refusal([await world.freeze('bare')])
    expect(details.got).toBe('no cosignature by any of them')
    const before = await dump(world.bob.store)
    expect(before.records).toEqual([])
    expect(before.blocks).toEqual([])
    expect(await world.bob.store.listFloors()).toEqual([])
  })

  test.each(['PEER_UNAVAILABLE', 'NOT_FOUND'] as const)(
    'STALE tells more than a peer that answers %s',
    async (code) => {
      const world = await openWorld()
      const bare = await world.freeze('bare')
      const gone: Peer = {
        label: 'gone',
        open: () => Promise.reject(new RegistryError(code, 'Nothing is there.')),
      }
      expect((await world.refusal([bare, gone])).code).toBe('STALE')
      expect((await world.refusal([gone, bare])).code).toBe('STALE')
    },
  )

  test('a clock set back does not make it fresh', async () => {
    const { clock, ...world } = await openWorld()
    const peer = await world.freeze('a', [w1, START], [w2, START])
    clock.now = later(-8)
    const { code, details } = await world.refusal([peer])
    expect([code, details.got]).toEqual([
      'STALE',
      'no cosignature by any of them; 2 from the future',
    ])
  })

  test('without witnesses nothing is said of age', async () => {
    const { alice, bob, clock, name, ...world } = await openWorld()
    clock.now = later(8)
    const peers = [await world.freeze('bare')]
    expect((await pull(bob, { reference: name, peers })).freshness).toBeUndefined()
    const { release } = await verifyName(bob.store, name)
    expect(await freshnessWarnings(bob.store, release.entry, undefined)).toEqual([])
    const warned: StatusWarning[] = []
    const request = {
      tools: [name],
      publishers: [alice.id],
      warn: (w: StatusWarning) => warned.push(w),
    }
    expect(await loadTools(bob.store, request)).toHaveLength(2)
    expect(warned).toEqual([])
  })
})

describe('what is held is as fresh as the newest word that came', () => {
  const ofHeld = async ({ bob, name }: World, now: Date): Promise<readonly string[]> => {
    const { release } = await verifyName(bob.store, name)
    const asked = { policy: witnesses, allowStale: true, now }
    return (await freshnessWarnings(bob.store, release.entry, asked)).map(({ kind }) => kind)
  }

  test('with any release of that log', async () => {
    const world = await openWorld()
    await world.pull([await world.freeze('a', [w1, START], [w2, START])])
    expect(await ofHeld(world, later(8))).toEqual(['stale'])
    world.clock.now = later(2)
    const second = await world.freeze('b', [w1, later(2)], [w2, later(2)])
    await world.pull([second], `${world.alice.id}/maps`)
    expect(await ofHeld(world, later(8))).toEqual([])
    expect(await ofHeld(world, later(10))).toEqual(['stale'])
  })

  test('and no less for a peer that leaves the witnesses out', async () => {
    const world = await openWorld()
    const { alice, bob } = world
    await world.pull([await world.freeze('a', [w1, START], [w2, START])])
    await pull(bob, { reference: `${alice.id}/maps`, peers: [await world.freeze('bare')] })
    expect(await ofHeld(world, later(1))).toEqual([])
  })
})

test('what a stale state withdraws is believed all the same', async () => {
  const { alice, bob, clock, name, ...world } = await openWorld()
  const { release } = await world.pull([await world.freeze('a', [w1, START], [w2, START])])
  await revokeBlock(alice.workspace, release.cid, { reason: 'malware' })
  clock.now = later(8)
  expect((await world.refusal([await world.freeze('b')])).code).toBe('STALE')
  await expect(verifyName(bob.store, name)).rejects.toMatchObject({ code: 'REVOKED' })
})

describe('what an agent loads', () => {
  test('goes on with a warning, or not at all', async () => {
    const { alice, bob, clock, name, ...world } = await openWorld()
    await world.pull([await world.freeze('a', [w1, START], [w2, START])])
    clock.now = later(8)
    const warned: StatusWarning[] = []
    const request = {
      tools: [`${name}#tool_0`],
      publishers: [alice.id],
      witnesses: vkeys,
      now: bob.now,
      warn: (warning: StatusWarning) => warned.push(warning),
    }
    expect(await loadTools(bob.store, request)).toHaveLength(1)
    expect(warned.map(({ kind }) => kind)).toEqual(['stale'])
    const strict = { ...request, allowStale: false }
    await expect(loadTools(bob.store, strict)).rejects.toMatchObject({ code: 'STALE' })
    expect(await loadTools(bob.store, { ...strict, maxStaleness: '9d' })).toHaveLength(1)
    await expect(
      loadTools(bob.store, { ...strict, maxStaleness: '9d', quorum: 3 }),
    ).rejects.toMatchObject({ code: 'STALE', details: { got: '2 of them' } })
  })

  test('an age or a quorum of nobody is refused', async () => {
    const { alice, bob, name } = await openWorld()
    await pull(bob, { reference: name, peers: [peerOf(alice.source)] })
    const request = { tools: [name], publishers: [alice.id] }
    for (const more of [
      { maxStaleness: '7d' },
      { quorum: 1 },
      { allowStale: false },
      { witnesses: [] },
    ]) {
      await expect(loadTools(bob.store, { ...request, ...more })).rejects.toMatchObject({
        code: 'USAGE',
        details: { got: 'none' },
      })
    }
  })

  test('a witness ahead of the clock is told', async () => {
    const { alice, bob, name, ...world } = await openWorld()
    await world.pull([await world.freeze('a', [w1, START], [w2, START], [w3, later(1)])])
    const warned: string[] = []
    const warn = ({ message }: StatusWarning) => warned.push(message)
    const request = { tools: [name], publishers: [alice.id], witnesses: vkeys, now: bob.now, warn }
    await loadTools(bob.store, request)
    expect(warned).toEqual([
      'The clock of the witness w3, or of this machine, is wrong: its cosignature is 24 hours ahead, and does not count.',
    ])
  })

  test('from the log that is written here', async () => {
    const { alice, name } = await openWorld()
    const request = { tools: [name], publishers: [alice.id], witnesses: vkeys, allowStale: false }
    expect(await loadTools(alice.workspace.store, request)).toHaveLength(2)
  })
})
