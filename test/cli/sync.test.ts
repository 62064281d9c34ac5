// registry sync against real nodes over TCP: what it fetches, what it says, and what it ends with.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findHead } from '../../src/log/index.ts'
import { openLevelStore, type Store } from '../../src/store/index.ts'
import { openLibp2pNetwork } from '../../src/sync/index.ts'
import { copyStore } from '../support/copy-store.ts'
import { followerOf } from '../support/follower.ts'
import { registryHere } from '../support/in-process.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'
import { makeFolder, type TestFolder } from '../support/registry.ts'
import { shareStoreOn } from '../support/sharing-node.ts'

const NOWHERE = '/ip4/127.0.0.1/tcp/9'
const LISTEN = ['/ip4/127.0.0.1/tcp/0']

let folder: TestFolder
let alice: TestPublisher
const closing = new AsyncDisposableStack()
beforeAll(async () => {
  folder = closing.use(await makeFolder())
  alice = closing.use(await openPublisher())
  await alice.publish(toolkit('com.alice/weather', '1.0.0'))
})
afterAll(() => closing[Symbol.asyncDispose]())

async function nodeWith(store: Store): Promise<string> {
  const network = closing.use(await openLibp2pNetwork({ listen: LISTEN }))
  await shareStoreOn(network, store)
  return String(network.addresses[0])
}

async function homeOf(name: string): Promise<string> {
  const home = join(folder.path, name)
  await mkdir(home)
  return home
}

test('fetches what is followed, says so, and has nothing to do a second time', async () => {
  const home = await homeOf('bob')
  const address = await nodeWith(await followerOf(alice))
  await registryHere(['follow', alice.id], { home })
  const first = await registryHere(['sync', address, NOWHERE, '--once'], { home })
  expect(first.status).toBe(0)
  expect(first.stdout).toMatch(/: 1 log, 2 entries, 3 blocks \([0-9.]+ KiB, [2-4] round trips\)/)
  expect(first.stdout).toContain(`${NOWHERE}: no answer`)
  expect((await registryHere(['list'], { home })).stdout).toBe(
    `com.alice/weather@1.0.0  followed  ${alice.id}\n`,
  )
  const second = await registryHere(['sync', address, '--once'], { home })
  expect(second.stdout).toMatch(/: nothing new \([0-9]+ bytes, 1 round trip\)/)
  const json = await registryHere(['--json', 'sync', address, '--once'], { home })
  expect(JSON.parse(json.stdout)).toEqual({
    peers: [
      {
        ...{ peer: address, logs: 0, entries: 0, blocks: 0, lacking: 0, roundTrips: 1 },
        ...{ bytes: expect.any(Number), refused: [] },
      },
    ],
    dropped: [],
    forks: [],
  })
})

test('a fork between two peers ends with 7, and is shown from then on', async () => {
  const home = await homeOf('carol')
  await using forker = await openPublisher()
  await forker.publish(toolkit('com.fork/x', '1.0.0'))
  const twin = await copyStore(forker.workspace.store)
  await forker.publish(toolkit('com.fork/x', '2.0.0'))
  const one = await nodeWith(await followerOf(forker))
  const { publish } = await import('../../src/registry/index.ts')
  await publish({ ...forker.workspace, store: twin }, [toolkit('com.fork/x', '3.0.0')])
  const other = await nodeWith(
    await followerOf({ ...forker, workspace: { ...forker.workspace, store: twin } }),
  )
  await registryHere(['follow', forker.id], { home })
  expect((await registryHere(['sync', one, '--once'], { home })).status).toBe(0)
  const second = await registryHere(['sync', other, '--once'], { home })
  expect(second.status).toBe(7)
  expect(second.stdout).toContain(`FORKED ${forker.id}`)
  expect((await registryHere(['list'], { home })).status).toBe(7)
  const { stdout } = await registryHere(['fork', 'list'], { home })
  expect(stdout).toContain(`FORKED ${forker.id}`)
  expect(stdout.match(/3 entries with root/g)).toHaveLength(2)
  expect(stdout).toMatch(/, from /)
})

test('with no peer that answers it ends with 15, and with nobody to follow or to ask it says so', async () => {
  const home = await homeOf('dave')
  const nobody = await registryHere(['sync', NOWHERE, '--once'], { home })
  expect([nobody.status, nobody.stderr]).toEqual([
    2,
    expect.stringContaining('Nobody is followed here: there is nothing to fetch.'),
  ])
  await registryHere(['follow', alice.id], { home })
  const alone = await registryHere(['sync', '--once'], { home })
  expect([alone.status, alone.stderr]).toEqual([
    15,
    expect.stringContaining('There is no peer to ask.'),
  ])
  const unanswered = await registryHere(['sync', NOWHERE, '--once'], { home })
  expect(unanswered.status).toBe(15)
  expect(unanswered.stdout).toContain(`${NOWHERE}: no answer`)
  const { peers } = JSON.parse(
    (await registryHere(['--json', 'sync', NOWHERE, '--once'], { home })).stdout,
  )
  expect(peers).toMatchObject([{ peer: NOWHERE, logs: 0, error: { code: 'PEER_UNAVAILABLE' } }])
})

test('T13: what is private is not fetched, though it was followed before', async () => {
  const home = await homeOf('erin')
  const address = await nodeWith(await followerOf(alice))
  await registryHere(['follow', alice.id], { home })
  await writeFile(
    join(home, 'trust.toml'),
    `version = 1\n\n[private]\nnamespaces = ["${alice.id}"]\n`,
  )
  const { status, stdout } = await registryHere(['sync', address, '--once'], { home })
  expect([status, stdout]).toEqual([0, `${address}: nothing to ask\n`])
  await using store = await openLevelStore(join(home, 'store'))
  expect(await findHead(store, alice.id)).toBeUndefined()
})
