// A node that witnesses what it follows, running among others: its word reaches who asks the home of the log for it, and is said again as time goes by.

import { afterEach, expect, test } from 'vitest'
import { findCosignatures, parseWitness } from '../../../src/log/index.ts'
import {
  createFederation,
  type Federation,
  type FederationOptions,
} from '../../../src/node/federation/index.ts'
import { addWitness, createWitness, follow, publish } from '../../../src/registry/index.ts'
import { localSource } from '../../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { createMemoryHub, type Network, systemTimers } from '../../../src/sync/index.ts'
import { createSigner } from '../../log/helpers.ts'
import { createNodeLog } from '../../support/node-log.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { until } from '../../support/until.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

const HOURS = 60 * 60 * 1_000
let ahead = 0
const now = (): Date => new Date(Date.now() + ahead)

const log = createNodeLog()

async function start(
  network: Network,
  store: Store,
  options: Partial<FederationOptions> = {},
): Promise<Federation> {
  const parts = { store, network, log, timers: systemTimers, now }
  const federation = await createFederation({ ...parts, ...options })
  open.push(network, federation)
  return federation
}

/** What the log’s note says here: its size, and when the witness saw it. */
async function wordAt(
  { store }: { readonly store: Store },
  { id }: TestPublisher,
  vkey: string,
): Promise<{ readonly size: number; readonly time: number } | undefined> {
  const note = await localSource(store).checkpoint(id)
  const [found] = findCosignatures(note, [parseWitness(vkey)])
  const size = Number(Buffer.from(note).toString().split('\n')[1])
  return found === undefined ? undefined : { size, time: found.time.getTime() }
}

test('what it cosigns reaches the home and a follower, and is renewed', async () => {
  const home = await openPublisher()
  open.push(home)
  const hub = createMemoryHub()
  const cosigner = { name: 'witness.example/w1', signer: createSigner('ed25519') }
  const stores = [openMemoryStore(), openMemoryStore()] as const
  open.push(...stores)
  for (const store of stores) {
    await follow({ ...home.workspace, store }, [home.id])
  }
  const witnessing = await start(hub.open('witness'), stores[0], {
    peers: ['memory:home'],
    period: 300,
    beacon: 3_000,
    openWitness: (store) => createWitness(store, cosigner, { now }),
  })
  const vkey = witnessing.witness?.vkey ?? ''
  for (const store of [home.workspace.store, stores[1]]) await addWitness(store, vkey, undefined)
  const options = { peers: ['memory:witness'], period: 300 }
  const alice = await start(hub.open('home'), home.workspace.store, options)
  const follower = await start(hub.open('follower'), stores[1], options)
  for (const node of [witnessing, alice, follower]) {
    await until(async () => (await wordAt(node, home, vkey).catch(() => undefined))?.size === 1)
  }
  await publish({ ...home.workspace, store: alice.store }, [toolkit(`${home.id}/x`, '1.0.0')])
  for (const node of [witnessing, alice, follower]) {
    await until(async () => (await wordAt(node, home, vkey))?.size === 2)
  }
  // Nothing happens any more, and that is said too.
  ahead = 3 * HOURS
  const later = now().getTime() - 1_000
  for (const node of [witnessing, alice, follower]) {
    await until(async () => ((await wordAt(node, home, vkey))?.time ?? 0) > later)
  }
  const { node } = await witnessing.status()
  expect(node?.witness?.vkey).toBe(vkey)
  expect(node?.witness?.cosigned).toBeGreaterThanOrEqual(3)
})
