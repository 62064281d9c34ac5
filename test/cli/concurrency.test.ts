// Many processes at one folder: with a node that shares it, without one, and with one that dies under its clients.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { homeAt } from '../../src/node/home.ts'
import { openWorkspace } from '../../src/node/workspace.ts'
import { checkLog, getOwnPublisher, listReleases } from '../../src/registry/index.ts'
import { type Ended, type Running, runCommand, runProgram } from '../support/processes.ts'
import { toolkit } from '../support/publisher.ts'
import { makeFolder, registry, registryJson } from '../support/registry.ts'

const EACH = 20

/** What people must never be shown. */
const LOCK_ERROR = /LOCK|already held|STORE_BUSY/

async function startServing(home: string): Promise<Running> {
  const node = runCommand(home, 'serve', '--listen', '/ip4/127.0.0.1/tcp/0')
  await node.printed('Serving as')
  return node
}

async function stop(node: Running): Promise<void> {
  node.child.kill('SIGTERM')
  expect(await node.ended).toMatchObject({ code: 0 })
}

/** A process for each release. */
async function publishByCommand(home: string, folder: string, name: string): Promise<Ended[]> {
  const ends: Ended[] = []
  for (let i = 0; i < EACH; i++) {
    const file = join(folder, `${name}-${i}.toolkit.json`)
    await writeFile(file, JSON.stringify(toolkit(`${name}-${i}`, '1.0.0', 1)))
    ends.push(await runCommand(home, 'publish', file).ended)
  }
  return ends
}

/** `log`, `list`, `verify` and `doctor` in turn until `done`; the log never shrinks and never has a gap. */
async function readByCommand(home: string, done: () => boolean): Promise<Ended[]> {
  const ends: Ended[] = []
  let size = 0
  while (!done()) {
    const { entries } = await registryJson(['log'], { home })
    expect(entries.map(({ seq }: { seq: number }) => seq)).toEqual([...entries.keys()])
    expect(entries.length).toBeGreaterThanOrEqual(size)
    size = entries.length
    // With nothing published yet, verify has nothing to say.
    if (size === 1) continue
    for (const verb of ['list', 'verify', 'doctor']) ends.push(await runCommand(home, verb).ended)
    await setTimeout(1_000)
  }
  return ends
}

/** Opens the folder when nobody else has it: the log replays, and its releases are these many, each its own. */
async function expectLog(home: string, releases: number): Promise<readonly string[]> {
  await using workspace = await openWorkspace(homeAt(home, {}))
  const { store } = workspace
  const { size } = await checkLog(store, await getOwnPublisher(store))
  const names = (await Array.fromAsync(listReleases(store))).map(({ name }) => name)
  expect([size, new Set(names).size]).toEqual([releases + 1, releases])
  return names
}

function expectQuiet(ends: readonly Ended[]): void {
  for (const { code, output } of ends) {
    expect(output).not.toMatch(LOCK_ERROR)
    expect([code, code === 0 ? '' : output]).toEqual([0, ''])
  }
}

describe('a folder that a node shares', () => {
  it('takes 200 releases of ten processes while three others read', async () => {
    await using folder = await makeFolder()
    const home = join(folder.path, 'home')
    const started = performance.now()
    await registryJson(['init'], { home })
    const node = await startServing(home)
    let published = false
    const readers = [1, 2].map(() => runProgram('client-child', 'read', home))
    const reading = readByCommand(home, () => published)
    const ends = await Promise.all([
      ...[1, 2].map((i) => publishByCommand(home, folder.path, `command-${i}`)),
      ...[3, 4, 5, 6, 7, 8, 9, 10].map(
        (i) => runProgram('client-child', 'publish', home, `library-${i}`, String(EACH)).ended,
      ),
    ])
    published = true
    for (const { child } of readers) child.stdin?.end()
    const read = await Promise.all(readers.map(({ ended }) => ended))
    expectQuiet([...ends.flat(), ...read, ...(await reading)])
    const { entries } = await registryJson(['log'], { home })
    expect(entries).toHaveLength(1 + 10 * EACH)
    expect((await registry(['doctor'], { home })).status).toBe(0)
    await stop(node)
    expect((await node.ended).output).not.toMatch(LOCK_ERROR)
    await expectLog(home, 10 * EACH)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.info(
      `ten processes, 200 releases, three readers: ${seconds} s; ${read.map(({ output }) => output.trim()).join('; ')}`,
    )
  })

  it('waits for the command that has it, then serves', async () => {
    await using folder = await makeFolder()
    const home = join(folder.path, 'home')
    await registryJson(['init'], { home })
    const holder = runProgram('client-child', 'hold', home)
    await holder.printed('ready')
    const starting = runCommand(home, 'serve', '--listen', '/ip4/127.0.0.1/tcp/0')
    const client = runProgram('client-child', 'publish', home, 'patient', '1')
    await setTimeout(700)
    expect([starting.child.exitCode, client.child.exitCode]).toEqual([null, null])
    holder.child.stdin?.end()
    await starting.printed('Serving as')
    expectQuiet([await holder.ended, await client.ended])
    await stop(starting)
    await expectLog(home, 1)
  })

  it('is told as such when its node is killed, and is served again', async () => {
    await using folder = await makeFolder()
    const home = join(folder.path, 'home')
    await registryJson(['init'], { home })
    const node = await startServing(home)
    const clients = ['one', 'two'].map((name) =>
      runProgram('client-child', 'publish', home, name, '100000'),
    )
    const idle = runProgram('client-child', 'read', home)
    const commands = publishByCommand(home, folder.path, 'command')
    await Promise.all(clients.map(({ printed }) => printed('-5\n')))
    node.child.kill('SIGKILL')
    const ends = await Promise.all([...clients, idle].map(({ ended }) => ended))
    for (const { code, output } of ends) {
      expect([code, output]).toEqual([1, expect.not.stringMatching(LOCK_ERROR)])
      const said = JSON.parse(output.trim().split('\n').at(-1) ?? '')
      expect([said.code, said.next]).toEqual(['CLOSED', expect.stringContaining('again')])
    }
    for (const { code, output } of await commands) {
      if (code !== 0)
        expect([code, output]).toEqual([15, expect.stringMatching(/next[\s\S]*CLOSED/)])
    }
    // The dead node's socket lies there still.
    const again = await startServing(home)
    expectQuiet([await runProgram('client-child', 'publish', home, 'after', '3').ended])
    const { entries } = await registryJson(['log'], { home })
    await stop(again)
    const names = await expectLog(home, entries.length - 1)
    const acknowledged = ends.flatMap(({ output }) => [...output.matchAll(/^ack (.*)$/gm)])
    expect(acknowledged.length).toBeGreaterThanOrEqual(10)
    for (const [, name] of acknowledged) expect(names).toContain(name)
  })
})

describe('a folder without a node', () => {
  it('is used in turn by commands that start at once', async () => {
    await using folder = await makeFolder()
    const home = join(folder.path, 'home')
    await registryJson(['init'], { home })
    const files = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        const file = join(folder.path, `${name}.toolkit.json`)
        await writeFile(file, JSON.stringify(toolkit(name, '1.0.0')))
        return file
      }),
    )
    expectQuiet(await Promise.all(files.map((file) => runCommand(home, 'publish', file).ended)))
    await expectLog(home, 4)
  })

  it('is made once by commands that start at once', async () => {
    await using folder = await makeFolder()
    const home = join(folder.path, 'home')
    const ends = await Promise.all([1, 2, 3].map(() => runCommand(home, '--json', 'init').ended))
    expectQuiet(ends)
    const made = ends.map(({ output }) => JSON.parse(output))
    expect(new Set(made.map(({ publisher }) => publisher)).size).toBe(1)
    expect(made.filter(({ created }) => created)).toHaveLength(1)
    await expectLog(home, 0)
  })
})
