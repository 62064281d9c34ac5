// Commands that dial are in the private network that the configuration beside them names, and in no other.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNetworkKey, openLibp2pNetwork } from '../../src/sync/index.ts'
import { followerOf } from '../support/follower.ts'
import { registryHere } from '../support/in-process.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'
import { makeFolder, type Ran } from '../support/registry.ts'
import { shareStoreOn } from '../support/sharing-node.ts'

const NAME = 'com.alice/weather'
const closing = new AsyncDisposableStack()
let folder: string
let alice: TestPublisher
let address: string
beforeAll(async () => {
  folder = closing.use(await makeFolder()).path
  alice = closing.use(await openPublisher())
  await alice.publish(toolkit(NAME, '1.0.0'))
  const key = createNetworkKey()
  const network = closing.use(
    await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], networkKey: Buffer.from(key) }),
  )
  await shareStoreOn(network, await followerOf(alice))
  address = String(network.addresses[0])
  await writeFile(join(folder, 'network.key'), key)
  await writeFile(join(folder, 'other.key'), createNetworkKey())
  await writeFile(join(folder, 'bad.key'), 'deadbeef')
})
afterAll(() => closing[Symbol.asyncDispose]())

/** A home that follows Alice, with or without a configuration. */
async function homeWith(name: string, key?: string): Promise<string> {
  const home = join(folder, name)
  await mkdir(home)
  if (key !== undefined) await writeFile(join(home, 'node.toml'), configOf(`../${key}`))
  await registryHere(['follow', alice.id], { home })
  return home
}

const configOf = (key: string): string => `[peers]\nprivate_network = "${key}"\n`

const commands: readonly (readonly [string, () => readonly string[]])[] = [
  ['pull', () => ['pull', NAME, '--from', address, '--publisher', alice.id]],
  ['sync', () => ['sync', address, '--once']],
  ['peer ping', () => ['peer', 'ping', address]],
  ['doctor', () => ['doctor', '--from', address]],
]

describe.each(commands)('%s', (name, words) => {
  const run = (home: string, ...more: readonly string[]): Promise<Ran> =>
    registryHere([...words(), ...more], { home })

  test('reaches a node of its own network, and none without its key', async () => {
    const inside = await homeWith(`${name} in`, 'network.key')
    const outside = await homeWith(`${name} out`, name === 'sync' ? 'other.key' : undefined)
    expect(await run(inside)).toMatchObject({ status: 0 })
    expect(await run(outside)).toMatchObject({ status: 15 })
  })
})

describe('the configuration', () => {
  const pull = (): readonly string[] => commands[0]?.[1]() ?? []

  test.each(commands.slice(0, 3))('may be elsewhere: %s --config', async (name, words) => {
    const home = await homeWith(`${name} named`)
    const file = join(folder, `${name}.toml`)
    await writeFile(file, configOf('network.key'))
    expect(await registryHere([...words(), '--config', file], { home })).toMatchObject({
      status: 0,
    })
  })

  test.each([
    ['names a key that is not there', 'no.key', 'no.key'],
    ['names what is no key', 'bad.key', 'This is not the key of a private network.'],
  ])('%s: nobody is dialled', async (name, key, text) => {
    const ran = await registryHere(pull(), { home: await homeWith(name, key) })
    expect(ran.status).not.toBe(0)
    expect(ran.stderr).toContain(text)
    expect(ran.stderr).not.toContain('deadbeef')
  })

  test('cannot be read: nobody is dialled', async () => {
    const home = await homeWith('broken')
    await writeFile(join(home, 'node.toml'), '[peers]\nprivate_netwrok = "x"\n')
    const ran = await registryHere(pull(), { home })
    expect(ran.status).toBe(13)
    expect(ran.stderr).toContain('Did you mean "private_network"?')
  })
})
