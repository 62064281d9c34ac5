// T4, mix and match: a lockfile takes all names of a publisher from one state of its log, whichever peers serve which halves of two.

import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import { type Peer, proposeAdd, proposeUpdate } from '../../src/registry/index.ts'
import { parseLock, type Source } from '../../src/resolve/index.ts'
import { makeDesk } from '../support/desk-of.ts'
import { allow } from '../support/locked.ts'
import { peerOf, toolkit } from '../support/publisher.ts'
import { consumer, NAME, OTHER, openScene, type Scene } from '../support/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

const asking = (...peers: readonly Peer[]) => ({ peers, ask: true })

/** Shows the newest state, and has none of the blocks of the release that this is about. */
function withholding(source: Source, missing: ReadonlySet<string>): Source {
  return {
    ...source,
    blocks: async (cids, options) =>
      (await source.blocks(cids, options)).map((bytes, i) =>
        missing.has(cids[i] ?? '') ? undefined : bytes,
      ),
  }
}

/** A consumer who has locked both names as they were at first. */
async function openLocked() {
  const store = await consumer()
  const workspace = { ...scene.alice.workspace, store }
  const desk = await makeDesk(workspace, allow(scene.alice.id))
  for (const reference of [NAME, OTHER]) {
    const old = asking(peerOf(scene.older, 'old'))
    await desk.write(await proposeAdd(workspace, await desk.open(), { reference }, old))
  }
  return { workspace, desk }
}

describe.each([
  ['the first', NAME],
  ['the second', OTHER],
])('a peer that withholds the new blocks of %s name', (_label, name) => {
  test('and one that is behind: nothing is written', async () => {
    const { workspace, desk } = await openLocked()
    const before = await readFile(desk.path)
    const { release } = await scene.pullFrom(await consumer(), [peerOf(scene.alice.source)], name)
    const peers = [
      peerOf(withholding(scene.alice.source, new Set([release.cid])), 'new'),
      peerOf(scene.older, 'old'),
    ]
    const updating = proposeUpdate(
      workspace,
      await desk.open(),
      { names: [NAME, OTHER], latest: true },
      asking(...peers),
    )
    const error = await updating.catch((cause: unknown) => cause)
    expect(isRegistryError(error)).toBe(true)
    expect(['ROLLBACK', 'NOT_FOUND', 'CONFLICT']).toContain((error as { code: string }).code)
    expect(await readFile(desk.path)).toEqual(before)
    await desk[Symbol.asyncDispose]()
  })
})

test('a log that grows between two names is asked again, until both are of one state', async () => {
  const { workspace, desk } = await openLocked()
  const { alice } = scene
  let asked = 0
  const growing: Source = {
    ...alice.source,
    blocks: async (cids, options) => {
      asked += 1
      if (asked === 1) await alice.publish(toolkit('com.example/clock', '1.0.0'))
      return await alice.source.blocks(cids, options)
    },
  }
  const request = { names: [], latest: true }
  const found = await proposeUpdate(workspace, await desk.open(), request, asking(peerOf(growing)))
  expect(asked).toBeGreaterThan(0)
  await desk.write(...found)
  const { releases } = parseLock(await readFile(desk.path))
  const logs = [...releases.values()].map(({ log }) => `${log.size} ${log.root}`)
  expect(releases.size).toBe(2)
  expect(new Set(logs).size).toBe(1)
  expect([...releases.values()].map(({ version }) => version)).toEqual(['2.0.0', '2.0.0'])
  await desk[Symbol.asyncDispose]()
})

test('a log that never stands still is an error, and nothing is written', async () => {
  const { workspace, desk } = await openLocked()
  const before = await readFile(desk.path)
  const { alice } = scene
  let count = 0
  const growing: Source = {
    ...alice.source,
    checkpoint: async (publisher, options) => {
      count += 1
      await alice.publish(toolkit('com.example/busy', `1.0.${count}`))
      return await alice.source.checkpoint(publisher, options)
    },
  }
  const request = { names: [], latest: true }
  const updating = proposeUpdate(workspace, await desk.open(), request, asking(peerOf(growing)))
  await expect(updating).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'The log changed while its names were asked for.',
    details: {
      expected: expect.stringMatching(
        /^one state of the log of p\w+: \d+ entries with root [0-9a-f]{64}$/,
      ),
      got: expect.stringMatching(/^\d+ entries with root [0-9a-f]{64}, for com\.example\/\w+$/),
      next: 'Nothing was written. Run the command again; if it goes on, name a peer that is up to date with `--from`.',
    },
  })
  expect(await readFile(desk.path)).toEqual(before)
  await desk[Symbol.asyncDispose]()
})
