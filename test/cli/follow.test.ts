// registry follow, unfollow and mirror: what they say, what they keep, and what they refuse.

import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatPin } from '../../src/resolve/index.ts'
import { openLevelStore } from '../../src/store/index.ts'
import { bringLog } from '../support/follower.ts'
import { registryHere } from '../support/in-process.ts'
import { allow } from '../support/locked.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'
import { makeFolder, type TestFolder } from '../support/registry.ts'

let folder: TestFolder
let alice: TestPublisher
let bob: TestPublisher
beforeAll(async () => {
  folder = await makeFolder()
  alice = await openPublisher()
  bob = await openPublisher()
  await alice.publish(toolkit('com.alice/weather', '1.0.0'))
  await bob.publish(toolkit('com.bob/weather', '1.0.0'))
})
afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await bob[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** A home with both logs, in which Alice is pinned. */
async function homeWithBoth(name: string): Promise<string> {
  const home = join(folder.path, name)
  const store = await openLevelStore(join(home, 'store'))
  for (const publisher of [alice, bob]) await bringLog(store, publisher)
  const since = new Date(0).toISOString()
  const pin = { namespace: 'com.alice', publisher: alice.id, how: 'flag', since } as const
  await store.commit({ put: [formatPin(pin)] })
  await store[Symbol.asyncDispose]()
  return home
}

test('follow shows what it does and whom there is, unfollow frees the disk, and says what stays', async () => {
  const home = await homeWithBoth('carol')
  const nobody = await registryHere(['follow'], { home })
  expect(nobody.stderr).toContain('Nobody is followed here. Next: `registry follow PUBLISHER`.')
  const followed = await registryHere(['follow', alice.id, bob.id, '--max-size', '5MiB'], { home })
  expect(followed.stdout).toBe(
    `Following publisher ${alice.id}  (at most 5 MiB)\nFollowing publisher ${bob.id}  (at most 5 MiB)\n`,
  )
  const again = await registryHere(['follow', bob.id, '--untold'], { home })
  expect(again.stdout).toBe(`Following already: publisher ${bob.id}  (at most 5 MiB, untold)\n`)
  const shown = await registryHere(['follow'], { home })
  expect(shown.stdout.split('\n').filter(Boolean)).toHaveLength(2)
  const gone = await registryHere(['unfollow', alice.id, bob.id], { home })
  expect(gone).toMatchObject({ status: 0, stderr: '' })
  expect(gone.stdout).toContain(`Following ${bob.id} no longer`)
  expect(gone.stdout).toMatch(new RegExp(`Dropped ${bob.id}: 2 entries, about [0-9.]+ KiB`))
  expect(gone.stdout).toContain(`Kept ${alice.id}: its publisher is pinned to a namespace here`)
  expect((await registryHere(['list'], { home })).stdout).not.toContain('com.bob/weather')
  expect((await registryHere(['verify', 'com.alice/weather'], { home })).status).toBe(0)
  expect((await registryHere(['doctor', '--json'], { home })).stdout).toContain(
    '"ok":true,"checks"',
  )
  const twice = await registryHere(['unfollow', bob.id], { home })
  expect(twice.status).toBe(4)
  expect(twice.stderr).toContain(`${bob.id} is neither followed nor refused here.`)
  expect(twice.stderr).toContain(
    'Run `registry follow` without a name to see whom this node follows.',
  )
})

test('refusing drops at once, and mirroring brings it back into question only when it is lifted', async () => {
  const home = await homeWithBoth('dave')
  const json = async (...args: readonly string[]) =>
    JSON.parse((await registryHere(['--json', ...args], { home })).stdout)
  expect(await json('mirror', '--quota', '1GiB')).toMatchObject({
    mirroring: true,
    quota: 1024 ** 3,
    dropped: [],
  })
  const used = (await json('mirror')).used
  expect(used).toBeGreaterThan(4_000)
  const refused = await json('follow', '--never', 'com.bob')
  expect(refused.followed).toMatchObject([{ kind: 'namespace', how: 'never', told: false }])
  expect(refused.dropped).toMatchObject([{ publisher: bob.id }])
  expect((await json('mirror')).used).toBeLessThan(used)
  const text = await registryHere(['follow'], { home })
  expect(text.stdout).toContain('never    namespace com.bob')
  expect(text.stdout).toContain(`never    publisher ${bob.id}  (because of com.bob)`)
  expect(text.stdout).toContain('mirror   everything, within 1 GiB')
  expect(await json('mirror', '--off')).toMatchObject({ mirroring: false, quota: 0, dropped: [] })
})

test('a log stays as long as a lockfile names a release of it', async () => {
  const home = join(folder.path, 'gina')
  const store = await openLevelStore(join(home, 'store'))
  await using erin = await openPublisher()
  await erin.publish(toolkit(`${erin.id}/hello`, '1.0.0'))
  await bringLog(store, erin)
  await store[Symbol.asyncDispose]()
  await writeFile(join(home, 'trust.toml'), allow(erin.id, erin.id))
  expect(await registryHere(['add', `${erin.id}/hello`, '--approve'], { home })).toMatchObject({
    status: 0,
  })
  const unfollow = async () => {
    await registryHere(['follow', erin.id], { home })
    return (await registryHere(['unfollow', erin.id], { home })).stdout
  }
  expect(await unfollow()).toContain(`Kept ${erin.id}: a lockfile names a release of it`)
  expect((await registryHere(['verify', '--locked'], { home })).status).toBe(0)
  await rename(join(home, 'tools.lock.json'), join(home, 'elsewhere'))
  await writeFile(join(home, 'tools.lock.json'), 'rotten')
  expect(await unfollow()).toContain(`Kept ${erin.id}: a lockfile names a release of it`)
  await rm(join(home, 'tools.lock.json'))
  expect(await unfollow()).toContain(`Dropped ${erin.id}: 2 entries`)
})

test('words that mean nothing are refused', async () => {
  const home = join(folder.path, 'eve')
  for (const [args, status, text] of [
    [['follow', 'weather'], 13, 'This is not a name'],
    [['follow', 'com.acme/weather'], 11, 'No publisher is pinned to com.acme here.'],
    [['follow', '--never'], 2, 'Whom to follow or refuse is not said.'],
    [['follow', '--never', '/ip4/192.0.2.1/tcp/1'], 2, 'A peer’s list can be followed or not'],
    [['follow', 'com.acme', '--max-size', '5 GB'], 2, 'This is no size for --max-size.'],
    [['follow', 'com.acme', '--max-entries', '0'], 2, 'This is no number of entries.'],
    [['mirror', '--off', '--quota', '1GiB'], 2, 'A mirror has a quota, or there is none.'],
    [['mirror', '--quota', '99999999TiB'], 2, 'This is no size for --quota.'],
  ] as const) {
    const { status: got, stderr } = await registryHere(args, { home })
    expect([got, stderr], args.join(' ')).toEqual([status, expect.stringContaining(text)])
  }
})

test('T13: a private namespace is not followed, and nothing is written', async () => {
  const home = join(folder.path, 'frank')
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'trust.toml'), 'version = 1\n\n[private]\nnamespaces = ["com.corp"]\n')
  const { status, stderr } = await registryHere(['follow', 'com.open', 'com.corp.team'], { home })
  expect(status).toBe(11)
  expect(stderr).toContain('com.corp.team is never asked of peers.')
  expect((await registryHere(['follow'], { home })).stdout).toBe('')
})
