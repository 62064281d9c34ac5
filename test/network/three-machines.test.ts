// Real processes on machines that reach their neighbours only (network namespaces): what is published on the first comes to the last through
// those between, over a link that delays, loses and is cut; two of them witness, and a client on a fourth demands the word of both.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRow, hasNamespaces, type Row } from '../support/namespaces.ts'
import { type Running, runCommandIn, runProgramIn } from '../support/processes.ts'

const RELEASES = 200
const PORT = 4040
/** There and back 200 ms; the link is cut when so many bytes are through, of some 1.1 MB. */
const BAD_LINK = { port: 5040, delayMs: 100, loss: 0.05, cutBytes: 400_000 }
const CUT_MS = 3_000

const isAble = hasNamespaces()
if (!isAble) console.warn('skipped: 3 tests, network namespaces need root and iproute2')

interface Machine {
  readonly name: string
  readonly home: string
  readonly running: Running[]
}

describe.skipIf(!isAble)('a row of machines', () => {
  let row: Row
  let folder: string
  let machines: Record<'a' | 'b' | 'c' | 'd', Machine>
  let publisher: string
  let link: Running

  async function ask(machine: Machine, ...args: readonly string[]): Promise<string> {
    const command = runCommandIn(row.namespace(machine.name), machine.home, ...args)
    const { code, output } = await command.ended
    if (code !== 0) throw new Error(`registry ${args.join(' ')} ended with ${code}: ${output}`)
    return output
  }

  async function askJson(machine: Machine, ...args: readonly string[]): Promise<Answer> {
    const output = await ask(machine, ...args, '--json')
    return JSON.parse(output.slice(output.indexOf('{'))) as Answer
  }

  /** Serves by this configuration and answers its peer id. */
  async function serve(machine: Machine, config: string): Promise<string> {
    const file = join(machine.home, 'node.toml')
    await writeFile(file, `version = 1\n${config}`)
    const command = runCommandIn(row.namespace(machine.name), machine.home, 'serve', '--json')
    machine.running.push(command)
    await command.printed('"peerId"')
    return (await statusOf(machine)).peerId
  }

  async function statusOf(machine: Machine): Promise<NonNullable<Answer['node']>> {
    const { node } = await askJson(machine, 'status')
    if (node === undefined) throw new Error(`${machine.name} does not run`)
    return node
  }

  async function countAt(machine: Machine): Promise<number> {
    const { releases = [] } = await askJson(machine, 'list')
    return releases.length
  }

  async function vkeyOf(machine: Machine): Promise<string> {
    return (await askJson(machine, 'witness', 'show')).vkey ?? ''
  }

  beforeAll(async () => {
    row = createRow(['a', 'b', 'c', 'd'])
    folder = await mkdtemp(join(tmpdir(), 'toolmark-row-'))
    const machine = (name: string): Machine => ({ name, home: join(folder, name), running: [] })
    machines = { a: machine('a'), b: machine('b'), c: machine('c'), d: machine('d') }
    for (const { name, home } of Object.values(machines)) {
      await rm(home, { recursive: true, force: true })
      if (name !== 'd') await ask(machines[name as 'a'], 'init')
    }
    const files = []
    for (let i = 0; i < RELEASES; i++) files.push(await writeToolkit(folder, i))
    const shown = await askJson(machines.a, 'publisher', 'show')
    publisher = shown.publisher ?? ''
    await ask(machines.a, 'publish', ...files)
  })

  afterAll(async () => {
    for (const { running } of Object.values(machines ?? {})) {
      for (const { child, ended } of running) {
        child.kill('SIGTERM')
        const { output } = await ended
        if (process.env.DEBUG !== undefined) console.log(output)
      }
    }
    link?.child.kill()
    row?.[Symbol.dispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test('what A publishes is on C, over a bad link that was cut on the way, and C never spoke to A', async () => {
    const { a, b, c } = machines
    const atA = await serve(a, `listen = ["/ip4/${row.address('a', 'b')}/tcp/${PORT}"]\n`)
    const { port, delayMs, loss, cutBytes } = BAD_LINK
    const args = [port, row.address('a', 'b'), PORT, delayMs, loss, cutBytes]
    link = runProgramIn(row.namespace('b'), 'bad-link-child', '127.0.0.1', ...args.map(String))
    await link.printed('listening')
    await ask(c, 'witness', 'add', await vkeyOf(b))
    const witness = '[witness]\nenabled = true\n'
    const follow = `[follow]\npublishers = ["${publisher}"]\n[sync]\nperiod = "2s"\nback_off = "1s"\n${witness}`
    const atB = await serve(
      b,
      `listen = ["/ip4/${row.address('b', 'c')}/tcp/${PORT}"]
[peers]
connect = ["/ip4/127.0.0.1/tcp/${BAD_LINK.port}/p2p/${atA}"]
${follow}`,
    )
    await serve(
      c,
      `listen = ["/ip4/${row.address('c', 'd')}/tcp/${PORT}"]
[peers]
connect = ["/ip4/${row.address('b', 'c')}/tcp/${PORT}/p2p/${atB}"]
${follow}`,
    )
    await link.printed('carried')
    row.cut('a', 'b')
    expect([await countAt(b), await countAt(c)]).toEqual([0, 0])
    await setTimeout(CUT_MS)
    row.heal('a', 'b')
    await expect.poll(() => countAt(c), { interval: 500 }).toBe(RELEASES)
    const { peers } = await statusOf(c)
    expect(peers.map(({ peerId }) => peerId)).toEqual([atB])
    await expect(
      ask(c, 'peer', 'ping', `/ip4/${row.address('a', 'b')}/tcp/${PORT}/p2p/${atA}`),
    ).rejects.toThrow(/ended with 15/)
  })

  test('a client on the fourth pulls from C and demands the word of B and of C', async () => {
    const { b, c, d } = machines
    const { node } = await askJson(c, 'status')
    const from = ['--from', node?.addresses[0] ?? '', '--publisher', publisher]
    const keys = [await vkeyOf(b), await vkeyOf(c)]
    const both = ['--quorum', '2', ...keys.flatMap((key) => ['--witness', key])]
    await ask(d, 'pull', `${publisher}/words`, ...from, ...both)
    const stranger = await vkeyOf(machines.a)
    const three = ['--quorum', '3', ...[...keys, stranger].flatMap((key) => ['--witness', key])]
    await expect(ask(d, 'pull', `${publisher}/words@1.0.0`, ...from, ...three)).rejects.toThrow(
      /ended with 6/,
    )
  })
})

interface Answer {
  readonly publisher?: string
  readonly vkey?: string
  readonly releases?: readonly unknown[]
  readonly node?: {
    readonly peerId: string
    readonly addresses: readonly string[]
    readonly peers: readonly { readonly peerId: string }[]
  }
}

async function writeToolkit(folder: string, i: number): Promise<string> {
  const file = join(folder, `tools-${i}.json`)
  const tool = {
    name: 'look_up',
    description: `Looks a word up in volume ${i}. ${'It answers what is written there. '.repeat(100)}`,
    inputSchema: { type: 'object', properties: { word: { type: 'string' } } },
  }
  await writeFile(file, JSON.stringify({ name: 'words', version: `1.0.${i}`, tools: [tool] }))
  return file
}
