// What goes to which stream, and what happens when nobody reads it any more.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../support/processes.ts'
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

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s stops a command that waits, and is told as such',
  async (name) => {
    await using folder = await makeFolder()
    const silent = createServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const node = `/ip4/127.0.0.1/tcp/${port}/p2p/12D3KooWM4gRdtDpxX5bL8FGjk5wG2TmJmvA9bPJFHmNRHaybvUa`
    const args = ['pull', 'com.example/hello', '--from', node]
    const pulling = runCommand(join(folder.path, 'home'), ...args)
    await once(silent, 'connection')
    pulling.child.kill(name)
    expect(await pulling.ended).toEqual({
      code: 15,
      output: [
        `error UNAVAILABLE The command was stopped by ${name} before it was done.`,
        '  next     Run it again: it goes on from what it has done, and nothing is half stored.',
        '  code     STOPPED (exit 15)',
        '',
      ].join('\n'),
    })
    silent.close()
  },
)

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
