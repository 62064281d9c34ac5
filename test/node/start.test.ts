// loadTools as an agent calls it: both files read by it, frozen to the last field, and the older form beside it.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadTools, openRegistry } from '../../src/index.ts'
import { isRegistryError } from '../../src/lib/index.ts'
import { type Consumer, type LockedScene, openLockedScene } from '../support/locked.ts'
import { toolkit } from '../support/publisher.ts'

const NAME = 'com.example/weather'

let scene: LockedScene
let bob: Consumer
let files: { readonly lockfile: string; readonly policy: string; readonly home: string }

beforeAll(async () => {
  scene = await openLockedScene()
  await scene.publish(toolkit(NAME, '1.0.0', 3))
  bob = await scene.consumer()
  await bob.json(['add', NAME, '--from', scene.web.url, '--approve', '--tool', 'tool_2'])
  files = { lockfile: bob.lockPath, policy: join(bob.home, 'trust.toml'), home: bob.home }
})
afterAll(() => scene[Symbol.asyncDispose]())

function unfrozen(value: unknown, path = 'tools'): string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = Object.isFrozen(value) ? [] : [path]
  return [
    ...own,
    ...Object.entries(value).flatMap(([key, item]) => unfrozen(item, `${path}.${key}`)),
  ]
}

describe('loadTools', () => {
  test('answers the tools that were approved and no other one, frozen to the last field', async () => {
    const tools = await loadTools(files)
    expect(tools.map(({ name, visibleName }) => [name, visibleName])).toEqual([
      ['tool_2', 'tool_2'],
    ])
    expect(tools[0]?.release).toMatchObject({
      name: NAME,
      version: '1.0.0',
      publisher: scene.publisher,
    })
    expect(tools[0]?.release.release.license).toBe('Apache-2.0')
    expect(tools[0]?.tool.description).toBe('Says hello. Number 2.')
    expect(unfrozen(tools)).toEqual([])
  })

  test('is the same from a registry that is open', async () => {
    await using registry = await openRegistry({ home: bob.home })
    const { lockfile, policy } = files
    expect(await registry.loadTools({ lockfile, policy })).toEqual(await loadTools(files))
  })

  test('finds its files where the agent runs', async () => {
    expect(await loadTools({ home: bob.home, folder: bob.home, environment: {} })).toHaveLength(1)
  })

  test('still takes names and publisher ids', async () => {
    const publishers = [scene.publisher]
    const tools = await loadTools({ home: bob.home, tools: [NAME], publishers })
    expect(tools.map(({ name }) => name)).toEqual(['tool_0', 'tool_1', 'tool_2'])
  })

  test('on a machine that has fetched nothing says so', async () => {
    const home = join(bob.home, 'empty')
    await mkdir(home)
    const error = await loadTools({ ...files, home }).catch((cause: unknown) => cause)
    expect(isRegistryError(error, 'NOT_FOUND') && error.details.next).toBe(
      `Fetch what is locked: \`registry install\`; or take it out: \`registry remove ${NAME}\`.`,
    )
  })
})
