// registry search: who is trusted comes first, what is only followed after it, and everything else not at all.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatPin } from '../../src/resolve/index.ts'
import { openLevelStore } from '../../src/store/index.ts'
import { bringLog } from '../support/follower.ts'
import { registryHere } from '../support/in-process.ts'
import { openPublisher, toolkit } from '../support/publisher.ts'
import { makeFolder } from '../support/registry.ts'

test('pinned before followed, nothing of others, and every line is a hint', async () => {
  await using folder = await makeFolder()
  await using alice = await openPublisher()
  await using bob = await openPublisher()
  await using carol = await openPublisher()
  await alice.publish(toolkit('com.alice/forecast', '1.0.0', 1, 'Tells the weather.'))
  await bob.publish(toolkit('com.bob/weather', '1.0.0', 1, 'Weather.'))
  await carol.publish(toolkit('com.carol/weather', '1.0.0', 1, 'Weather.'))
  const home = join(folder.path, 'home')
  const store = await openLevelStore(join(home, 'store'))
  for (const publisher of [alice, bob, carol]) await bringLog(store, publisher)
  const since = new Date(0).toISOString()
  const pin = { namespace: 'com.alice', publisher: alice.id, how: 'flag', since } as const
  await store.commit({ put: [formatPin(pin)] })
  await store[Symbol.asyncDispose]()
  const search = (...args: readonly string[]) => registryHere(['search', ...args], { home })
  await registryHere(['follow', bob.id], { home })
  const { status, stdout, stderr } = await search('weather')
  expect(status).toBe(0)
  expect(stdout).toBe(
    `com.alice/forecast@1.0.0  pinned  ${alice.id}  A toolkit of a test\n` +
      `com.bob/weather@1.0.0  followed  ${bob.id}  A toolkit of a test\n`,
  )
  expect(stderr).toContain('These are hints: `registry show NAME` verifies one')
  const { results } = JSON.parse(
    (await search('tells', 'weather', '--limit', '1', '--json')).stdout,
  )
  expect(results).toMatchObject([{ name: 'com.alice/forecast', standing: 'pinned' }])
  expect((await search('zeppelin')).stderr).toContain('Nothing here fits. Next: `registry follow')
  const many = await search('weather', '--limit', '0')
  expect(many.status).toBe(2)
  expect(many.stderr).toContain('This is not a number of results.')
  expect(many.stderr).toContain('1 to 1000')
  expect(many.stderr).toContain('Leave `--limit` out for ten.')
})
