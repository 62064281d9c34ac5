// What goes to which stream, and what happens when nobody reads it any more.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder, REGISTRY, registry, registryJson } from '../support/registry.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

test('a reader that leaves does not stop the work', async () => {
  await using folder = await makeFolder()
  const home = join(folder.path, 'home')
  await registryJson(['init'], { home })
  const files = await Promise.all(
    Array.from({ length: 40 }, (_, i) => writeToolkit(folder.path, { ...HELLO, name: `t-${i}` })),
  )
  const child = spawn(process.execPath, [REGISTRY, '--home', home, 'publish', ...files], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const [status] = await once(child, 'close')
  expect(Buffer.concat(errors).toString('utf8')).toBe('')
  expect(status).toBe(0)
  expect((await registryJson(['list'], { home })).releases).toHaveLength(40)
})

test('with --json there is one line of JSON, and nothing beside it', async () => {
  for (const args of [
    ['list'],
    ['verify'],
    ['nonsense'],
    ['show', 'x'],
    ['publish', 'x'],
    ['doctor'],
  ]) {
    await using folder = await makeFolder()
    const { stdout, stderr } = await registry([...args, '--json'], { home: folder.path })
    expect(stderr).toBe('')
    expect(stdout.indexOf('\n')).toBe(stdout.length - 1)
    JSON.parse(stdout)
  }
})
