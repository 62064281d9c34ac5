// Whatever is followed, refused, mirrored, pinned, fetched and dropped, in any order: logs that are here are whole, nothing is kept that
// nobody needs, nothing goes that somebody needs, and what is counted is what is there.

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cid } from '../../../src/cid/index.ts'
import { findHead, listHeads, originOf } from '../../../src/log/index.ts'
import { accountKey, bringUp, listAccounts } from '../../../src/registry/follow/accounts.ts'
import type { KeptInterest } from '../../../src/registry/follow/interest.ts'
import { makeRoom } from '../../../src/registry/follow/make-room.ts'
import { readParts } from '../../../src/registry/follow/parts.ts'
import { openInterest } from '../../../src/registry/follow/stored-interest.ts'
import { follow, setMirror, unfollow } from '../../../src/registry/index.ts'
import { formatPin, pinKey } from '../../../src/resolve/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { copyStore } from '../../support/copy-store.ts'
import { bringLog, followerOf } from '../../support/follower.ts'
import { openPublisher, toolkit } from '../../support/publisher.ts'

const COUNT = 4
const STATES = 3
const SPACES = ['com.even', 'com.odd']
const NOW = new Date('2026-11-21T12:00:00Z')

interface Pool {
  readonly id: PublisherId
  /** The log when it was so old, as a node that has nothing else. */
  readonly states: readonly Store[]
}

const pools: Pool[] = []

beforeAll(async () => {
  for (let i = 0; i < COUNT; i++) {
    await using publisher = await openPublisher()
    const states: Store[] = []
    for (let state = 0; state < STATES; state++) {
      const space = SPACES[i % 2] as string
      // The tools are everybody’s alike, but for one.
      await publisher.publish(
        toolkit(`${space}/shared`, `1.${state}.0`, 3),
        toolkit(`${space}/own`, `1.${state}.0`, 1, `By ${i}, ${state}.`),
      )
      states.push(await followerOf(publisher))
    }
    pools.push({ id: publisher.id, states })
  }
})
afterAll(() => pools.splice(0))

type Step =
  | { readonly kind: 'follow' | 'never' | 'unfollow' | 'pin' | 'unpin'; readonly who: number }
  | { readonly kind: 'space'; readonly space: number; readonly how: 'follow' | 'never' | 'none' }
  | { readonly kind: 'fetch'; readonly who: number; readonly state: number }
  | { readonly kind: 'mirror'; readonly quota: number | undefined }
  | { readonly kind: 'room' | 'reopen' }

const who = fc.nat(COUNT - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('follow', 'never', 'unfollow', 'pin', 'unpin'),
    who,
  }),
  fc.record({
    kind: fc.constant('space' as const),
    space: fc.nat(1),
    how: fc.constantFrom('follow', 'never', 'none'),
  }),
  {
    arbitrary: fc.record({ kind: fc.constant('fetch' as const), who, state: fc.nat(STATES - 1) }),
    weight: 3,
  },
  fc.record({
    kind: fc.constant('mirror' as const),
    quota: fc.constantFrom(undefined, 1, 20_000, 1e9),
  }),
  { arbitrary: fc.record({ kind: fc.constantFrom('room', 'reopen') }), weight: 2 },
)

test('the invariants hold after every step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 20 }), async (steps) => {
      const node = await openNode()
      for (const one of steps) await node.take(one)
      await node.take({ kind: 'room' })
    }),
    { numRuns: 60 },
  )
})

async function openNode() {
  const inner = await followerOf()
  let interest: KeptInterest | undefined
  const store: Store = {
    ...inner,
    commit: async (change) => {
      await inner.commit(change)
      interest?.note(change)
    },
  }
  const workspace = { store, keys: '', passphrase: async () => undefined, now: () => NOW }
  interest = await openInterest(store)
  const ids = pools.map(({ id }) => id)
  const pinned = (): Promise<readonly string[]> => keysOf(store, 'pin')

  async function run(one: Step): Promise<void> {
    const id = 'who' in one ? (ids[one.who] as PublisherId) : ids[0]
    if (one.kind === 'follow') await follow(workspace, [id as string])
    else if (one.kind === 'never') {
      await follow(workspace, [id as string], { never: true }).catch(onlyPinned)
    } else if (one.kind === 'unfollow') await unfollow(store, [id as string]).catch(onlyUnknown)
    else if (one.kind === 'pin') {
      const pin = {
        namespace: `org.pin${one.who}`,
        publisher: id as PublisherId,
        how: 'flag',
      } as const
      await store.commit({ put: [formatPin({ ...pin, since: NOW.toISOString() })] })
    } else if (one.kind === 'unpin') await store.commit({ remove: [pinKey(`org.pin${one.who}`)] })
    else if (one.kind === 'space') {
      const space = SPACES[one.space] as string
      if (one.how === 'none') await unfollow(store, [space]).catch(onlyUnknown)
      else await follow(workspace, [space], { never: one.how === 'never' })
    } else if (one.kind === 'mirror') await setMirror(workspace, one.quota)
    else if (one.kind === 'fetch') await fetch(one)
    else if (one.kind === 'reopen') interest = await openInterest(store)
    else await makeRoom(store, interest as KeptInterest, { now: NOW })
  }

  /** As a session does: only what is wanted, and never less than was accepted before. */
  async function fetch({ who, state }: { readonly who: number; readonly state: number }) {
    const pool = pools[who] as Pool
    await interest?.settled()
    const shown = await findHead(pool.states[state] as Store, pool.id)
    const held = await findHead(store, pool.id)
    const floor = await store.findFloor(originOf(pool.id))
    const isOlder = (floor?.size ?? 0) > (shown?.size ?? 0)
    if (interest?.wants(pool.id) !== true || isOlder || held?.size === shown?.size) return
    await bringLog(store, { workspace: { store: pool.states[state] } as never })
  }

  async function take(one: Step): Promise<void> {
    const before = await keysOf(store, 'head')
    const kept = (await pinned()).map((key) => ids[Number(key.at(-1))] as string)
    await run(one)
    await interest?.settled()
    const after = await keysOf(store, 'head')
    // Nothing goes that somebody needs.
    expect(before.filter((id) => kept.includes(id) && !after.includes(id))).toEqual([])
    await assertWhole(store)
    await assertSame(store, interest as KeptInterest, ids)
    if (one.kind === 'room') await assertRoom(store, interest as KeptInterest, kept)
  }
  return { take }
}

/** Every log that is here is here with all it needs, and no block is here without one. */
async function assertWhole(store: Store): Promise<void> {
  const needed = new Set<Cid>()
  for await (const head of listHeads(store)) {
    for await (const { statement, release } of readParts(store, head, 0)) {
      needed.add(statement)
      if (release === undefined) continue
      expect(release.tools.size).toBeGreaterThan(0)
      for (const cid of [release.cid, ...release.tools.keys()]) needed.add(cid)
    }
  }
  expect(new Set(await Array.fromAsync(store.listBlocks()))).toEqual(needed)
}

/** What was kept current says what is read afresh. */
async function assertSame(
  store: Store,
  interest: KeptInterest,
  ids: readonly PublisherId[],
): Promise<void> {
  const fresh = await openInterest(store)
  const said = (one: KeptInterest) => ({
    scope: one.scope,
    mirrored: one.mirrored,
    logs: ids.map((id) => [one.serves(id), one.roomFor(id), reasonOf(one, id)]),
  })
  expect(said(interest)).toEqual(said(fresh))
}

/** A log that was dropped as nobody’s is remembered only by the interest that saw it. */
function reasonOf(interest: KeptInterest, id: PublisherId): string | undefined {
  const reason = interest.reasonFor(id)
  return reason === 'maybe' ? undefined : reason
}

async function assertRoom(
  store: Store,
  interest: KeptInterest,
  kept: readonly string[],
): Promise<void> {
  const accounts = await Array.fromAsync(listAccounts(store))
  expect(accounts.map(({ publisher }) => publisher)).toEqual(await keysOf(store, 'head'))
  let mirrored = 0
  for (const account of accounts) {
    const { publisher, bytes } = account
    const reason = interest.reasonFor(publisher)
    expect(reason !== undefined || kept.includes(publisher)).toBe(true)
    if (reason === 'mirror' && !kept.includes(publisher)) mirrored += bytes
    const copy = await copyStore(store)
    await copy.commit({ remove: [accountKey(publisher)] })
    expect((await bringUp(copy, publisher, NOW))?.bytes).toBe(bytes)
  }
  expect(mirrored).toBeLessThanOrEqual(interest.mirror?.quota ?? 0)
}

async function keysOf(store: Store, table: 'head' | 'pin'): Promise<readonly string[]> {
  return (await Array.fromAsync(store.listRecords(table))).map(({ key }) => key)
}

function onlyUnknown(error: unknown): void {
  expect(error).toMatchObject({ code: 'NOT_FOUND' })
}

function onlyPinned(error: unknown): void {
  expect(error).toMatchObject({ code: 'USAGE' })
}
