// A serving node as a whole: whom it lets in however full it is, what it does about errors that nobody caught, and that a home has what it took cosigned.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { serveWitness } from '../../src/http/index.ts'
import { parseConfig } from '../../src/node/config/parse-config.ts'
import { homeAt } from '../../src/node/home.ts'
import { dialHome } from '../../src/node/index.ts'
import { createLogger } from '../../src/node/logger.ts'
import { type Serving, serve } from '../../src/node/serve.ts'
import { openWorkspace } from '../../src/node/workspace.ts'
import {
  addWitness,
  createWitness,
  init,
  submit,
  type Workspace,
} from '../../src/registry/index.ts'
import { localSource } from '../../src/resolve/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'
import { connectSource, type Network, openLibp2pNetwork } from '../../src/sync/index.ts'
import { exportKey, importKey } from '../../src/trust/index.ts'
import { createSigner } from '../log/helpers.ts'
import { toolkit } from '../support/publisher.ts'
import { makeFolder, REGISTRY, registryJson } from '../support/registry.ts'
import { until } from '../support/until.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function folderHere(): Promise<string> {
  const folder = await makeFolder()
  open.push(folder)
  return folder.path
}

async function serveAt(
  folder: string,
  toml: string,
): Promise<{ readonly node: Serving; readonly workspace: Workspace; readonly lines: string[] }> {
  const home = homeAt(folder, {})
  const workspace = await openWorkspace(home)
  open.push(workspace)
  await init(workspace)
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  const log = createLogger({ level: 'info', format: 'json', now: () => new Date(), write })
  const config = parseConfig(Buffer.from(`listen = ["/ip4/127.0.0.1/tcp/0"]\n${toml}`))
  const node = await serve(home, workspace, { config, log })
  open.push(node)
  return { node, workspace, lines }
}

describe('a node that is full', () => {
  async function stranger(): Promise<Network> {
    const network = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'] })
    open.push(network)
    return network
  }

  /** Every node knows the question. */
  async function isLetIn(network: Network, address: string): Promise<boolean> {
    try {
      const source = connectSource(await network.dial(address))
      open.push(source)
      await source.claimants('ping/ping')
      return true
    } catch {
      return false
    }
  }

  test('lets in who was added, before or while it runs, and nobody else', async () => {
    const home = await folderHere()
    const [early, late, other] = [await stranger(), await stranger(), await stranger()]
    const add = (network: Network) =>
      registryJson(['peer', 'add', String(network.addresses[0])], { home })
    await add(early)
    const { node } = await serveAt(home, '[peers]\nmax_connections = 4')
    const address = String(node.addresses[0])
    // The keeper has dialled the one that was added; the others take what is left.
    await until(async () => early.peers().length > 0)
    const crowd = await Promise.all([1, 2, 3].map(stranger))
    for (const one of crowd) expect(await isLetIn(one, address)).toBe(true)
    expect(await isLetIn(other, address)).toBe(false)
    expect(await isLetIn(late, address)).toBe(false)
    await early.disconnect(node.peerId)
    await until(async () => early.peers().length === 0)
    expect(await isLetIn(await stranger(), address)).toBe(true)
    expect(await isLetIn(early, address)).toBe(true)
    await add(late)
    expect(await isLetIn(late, address)).toBe(true)
    expect(await isLetIn(other, address)).toBe(false)
  })
})

describe('an error that nobody caught', () => {
  test.each([
    [
      'thrown',
      'setImmediate(() => { throw new TypeError("out of the blue") })',
      'uncaughtException',
    ],
    ['a rejection', 'Promise.reject(new TypeError("out of the blue"))', 'unhandledRejection'],
  ])('%s: one line with its stack, the store closed, and a status', async (_, act, origin) => {
    const home = await folderHere()
    const program = `process.on('SIGUSR2', () => { ${act} })`
    const flags = ['--import', `data:text/javascript,${encodeURIComponent(program)}`]
    const child = spawn(process.execPath, [...flags, REGISTRY, '--home', home, '--json', 'serve'], {
      env: { PATH: process.env.PATH ?? '', HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString()
    })
    await once(child.stdout as Readable, 'data')
    child.kill('SIGUSR2')
    const [status] = await once(child, 'close')
    expect(status).toBe(1)
    const events = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ event }) => event)).toEqual(['started', 'fault', 'stopping', 'stopped'])
    expect(events[1]).toMatchObject({
      ...{ level: 'error', origin, code: 'UNEXPECTED', message: 'TypeError: out of the blue' },
      stack: expect.arrayContaining([expect.stringMatching(/^at .*data:text/)]),
    })
    // Whoever is killed leaves these behind.
    const left = await readdir(join(home, 'store'))
    expect(left.filter((name) => name === 'socket' || name === 'holder')).toEqual([])
  })
})

describe('a home', () => {
  test('has its witnesses cosign what was submitted to it', async () => {
    const home = await folderHere()
    const { node, workspace, lines } = await serveAt(home, 'accept_submissions = true')
    const { publisher } = await init(workspace)
    const cosigner = { name: 'witness.example/w1', signer: createSigner('ed25519') }
    const logs = [await vkeyOf(workspace, publisher)]
    const witness = createWitness(openMemoryStore(), cosigner, { now: () => new Date(), logs })
    const face = await serveWitness('127.0.0.1:0', witness)
    open.push(face)
    await addWitness(workspace.store, witness.vkey, face.url)
    const machine = await openWorkspace(homeAt(join(home, 'machine'), {}))
    open.push(machine)
    const text = await exportKey(workspace.keys, 'signing', { secret: true })
    await importKey(machine.keys, { name: 'signing', text })
    const place = { home: homeAt(join(home, 'machine'), {}), folder: home }
    const submitOne = (version: string) =>
      submit(machine, {
        toolkits: [toolkit(`${publisher}/hello`, version)],
        publisher,
        keys: ['signing'],
        open: (options) => dialHome(String(node.addresses[0]), place, options),
        random: () => 0,
      })
    const cosigned = async (): Promise<string> => {
      const note = await localSource(workspace.store).checkpoint(publisher)
      const [, size = '', ...rest] = Buffer.from(note).toString().split('\n')
      return rest.some((line) => line.startsWith(`\u2014 ${cosigner.name} `)) ? size : 'none'
    }
    await submitOne('1.0.0')
    await until(async () => (await cosigned()) === '2')
    await submitOne('1.0.1')
    await until(async () => (await cosigned()) === '3')
    expect(lines.filter((line) => line.includes('"cosigned-by"'))).toHaveLength(2)
  })
})

/** What a witness is told of a log, as https://c2sp.org/signed-note says. */
async function vkeyOf({ keys }: Workspace, publisher: string): Promise<string> {
  const pem = await exportKey(keys, 'log')
  const raw = Buffer.from(pem.replace(/-----.*-----|\n/g, ''), 'base64').subarray(-32)
  const bytes = Buffer.concat([Buffer.of(1), raw])
  const origin = `toolmark/${publisher}`
  const id = createHash('sha256').update(`${origin}\n`).update(bytes).digest('hex').slice(0, 8)
  return `${origin}+${id}+${bytes.toString('base64')}`
}
