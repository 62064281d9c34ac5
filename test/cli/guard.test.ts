// registry guard, as an MCP client starts it: the built command in front of a real server.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../support/everything.ts'
import { namesOf, refusalOf } from '../support/guarded.ts'
import { WEATHER } from '../support/mutable-server.ts'
import {
  makeFolder,
  REGISTRY,
  registry,
  registryJson,
  type TestFolder,
} from '../support/registry.ts'
import { control, MUTABLE } from '../support/remote-control.ts'

let folder: TestFolder
let home: string
let name: string
const NAMES = WEATHER.map((tool) => tool.name)
const RUG = WEATHER.map((tool) =>
  tool.name === 'set_unit' ? { ...tool, description: 'Sets the unit!' } : tool,
)

beforeAll(async () => {
  folder = await makeFolder()
  home = join(folder.path, 'home')
  await registryJson(['init'], { home })
  const args = ['publish', '--mcp', `'${process.execPath}' '${MUTABLE}'`]
  name = (await registryJson(args, { home })).releases[0].name
})
afterAll(() => folder[Symbol.asyncDispose]())

interface Guarded extends AsyncDisposable {
  readonly client: Client
  readonly port: number
  log(): string
}

async function startGuarded(...words: readonly string[]): Promise<Guarded> {
  const port = await freePort()
  const before = ['--home', home, 'guard', '--release', name, ...words, '--']
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [REGISTRY, ...before, process.execPath, MUTABLE, 'words', '--json'],
    env: { CONTROL: String(port), TOOLMARK_PASSPHRASE: 'secret' },
    stderr: 'pipe',
  })
  let text = ''
  transport.stderr?.on('data', (chunk) => {
    text += String(chunk)
  })
  const client = new Client({ name: 'agent', version: '1' })
  await client.connect(transport)
  return { client, port, log: () => text, [Symbol.asyncDispose]: () => client.close() }
}

test('t40-rug-pull-guard: any client can put it in front of a server', async () => {
  await using guarded = await startGuarded()
  const { client, port } = guarded
  expect(await namesOf(client)).toEqual(NAMES)
  await client.callTool({ name: 'set_unit' })
  await control(port, RUG)
  await control(port, { notify: true })
  await expect
    .poll(guarded.log)
    .toContain('quarantined: The tool set_unit is not what was verified')
  expect(guarded.log()).toContain(`      - "Sets the unit."\n      + "Sets the unit!"\n`)
  const refused = await refusalOf(client.callTool({ name: 'set_unit' }))
  expect(refused).toMatchObject({ code: -32090, data: { reason: 'changed' } })
  expect(await namesOf(client)).toEqual(NAMES.filter((one) => one !== 'set_unit'))
  await client.callTool({ name: 'get_forecast' })
  // The store is free while the guard runs, and its keys are not the server’s.
  expect((await registry(['list'], { home })).status).toBe(0)
  expect(guarded.log()).toContain('server: passphrase unknown\\u{1b}[2J\n')
})

test('by lockfile and policy: what was approved, and nothing before it was', async () => {
  const cwd = join(folder.path, 'project')
  await mkdir(cwd)
  const words = ['guard', '--locked', '--check', '--', process.execPath, MUTABLE]
  const early = await registry(words, { home, cwd })
  expect(early.status).toBe(4)
  expect(early.stderr).toContain('There is no lockfile at')
  await registryJson(['trust', 'init'], { home, cwd })
  await registryJson(['trust', 'add', name.split('/')[0] ?? ''], { home, cwd })
  await registryJson(['add', name, '--approve'], { home, cwd })
  const { status, stdout } = await registry(words, { home, cwd })
  expect([status, stdout.split('\n').filter((line) => line !== '').length]).toEqual([
    0,
    NAMES.length,
  ])
  const other = [
    'guard',
    '--locked',
    '--release',
    'com.acme/other',
    '--',
    process.execPath,
    MUTABLE,
  ]
  const refused = await registry(other, { home, cwd })
  expect(refused.status).toBe(4)
  expect(refused.stderr).toContain('The lockfile locks no release of that name.')
})

test('other commands can use the store, and other guards start, at the same time', async () => {
  const all = await Promise.all([startGuarded(), startGuarded(), startGuarded()])
  for (const guarded of all) {
    expect(await namesOf(guarded.client)).toEqual(NAMES)
    await guarded[Symbol.asyncDispose]()
  }
})

describe('messages', () => {
  const START = ['guard', '--release']
  const hello = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    },
  }

  function start(args: readonly string[]) {
    const child = spawn(process.execPath, [REGISTRY, '--home', home, ...args])
    const out: string[] = []
    const err: string[] = []
    child.stdout.on('data', (chunk) => out.push(String(chunk)))
    child.stderr.on('data', (chunk) => err.push(String(chunk)))
    const ended = once(child, 'close').then(([status]) => status as number | null)
    return { child, out, err: () => err.join(''), ended }
  }

  test('what was asked before the client left is answered; the end is 0', async () => {
    const { child, out, ended } = start([...START, name, '--', process.execPath, MUTABLE])
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'evil' } }
    const ready = { jsonrpc: '2.0', method: 'notifications/initialized' }
    child.stdin.end(
      `${JSON.stringify(hello)}\nnot json\n${JSON.stringify([ready, list, call])}\n{"id":1}\n`,
    )
    expect(await ended).toBe(0)
    const lines = out
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const answers = new Map(lines.filter(({ id }) => id !== null).map((line) => [line.id, line]))
    expect(answers.get(1).result.tools).toHaveLength(3)
    expect(answers.get(2).error).toMatchObject({ code: -32090, data: { reason: 'unknown' } })
    expect(lines.filter(({ id }) => id === null).map(({ error }) => error)).toEqual([
      { code: -32700, message: 'This line is not JSON.' },
      { code: -32600, message: 'This line is no JSON-RPC message.' },
    ])
  })

  test('a server that ends first is 15', async () => {
    const port = await freePort()
    process.env.CONTROL = String(port)
    const { err, ended, out, child } = start([...START, name, '--', process.execPath, MUTABLE])
    delete process.env.CONTROL
    child.stdin.write(`${JSON.stringify(hello)}\n`)
    await expect.poll(() => out.length).toBeGreaterThan(0)
    await control(port, { exit: true })
    expect(await ended).toBe(15)
    expect(err()).toContain('error UNAVAILABLE The MCP server has ended.')
  })

  test('stops when it is told to', async () => {
    const { child, ended, out } = start([...START, name, '--', process.execPath, MUTABLE])
    child.stdin.write(`${JSON.stringify(hello)}\n`)
    await expect.poll(() => out.length).toBeGreaterThan(0)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  test('a command that is not there is 15, and said', async () => {
    const { err, ended } = start([...START, name, '--', 'no-such-program-anywhere'])
    expect(await ended).toBe(15)
    expect(err()).toContain('error UNAVAILABLE The MCP server could not be used.')
    expect(err()).toContain('got      spawn no-such-program-anywhere ENOENT')
    expect(err()).toContain('next     Run the command after -- by hand.')
  })
})

describe('before the server is started', () => {
  const refused: readonly (readonly [
    what: string,
    args: readonly string[],
    status: number,
    text: string,
  ])[] = [
    ['no release', [], 2, 'Say which release the server is to be compared with.'],
    ['an unknown one', ['--release', 'io.github.alice/weather'], 11, 'PUBLISHER_UNPINNED'],
    ['--json without --check', ['--json'], 2, 'A running guard has no answer in JSON.'],
  ]
  test.each(refused)('%s', async (_what, args, status, text) => {
    const marker = join(folder.path, 'started')
    const ran = await registry(['guard', ...args, '--', 'touch', marker], { home })
    expect(ran.status).toBe(status)
    expect(ran.stdout + ran.stderr).toContain(text)
    expect(existsSync(marker)).toBe(false)
  })
})

describe('--check', () => {
  const check = (tools: unknown, ...words: readonly string[]) =>
    registry(['guard', '--check', '--release', name, ...words, '--', process.execPath, MUTABLE], {
      home,
      env: tools === undefined ? {} : { TOOLS: JSON.stringify(tools) },
    })

  test('the same tools are 0', async () => {
    const { status, stdout } = await check(undefined)
    expect(stdout).toBe(NAMES.map((one) => `the same  ${one}\n`).join(''))
    expect(status).toBe(0)
  })

  test('others are 10, with the difference', async () => {
    const { status, stdout } = await check(RUG.slice(1))
    expect(status).toBe(10)
    expect(stdout).toBe(`the same  get_alerts
The tool set_unit is not what was verified any more (description).
  ~ /description
      - "Sets the unit."
      + "Sets the unit!"
Look for a new release with \`registry update\`, which shows the difference before anything is approved.
not listed  get_forecast
`)
    const json = await check(RUG, '--json')
    expect(json.status).toBe(10)
    expect(JSON.parse(json.stdout)).toEqual({
      tools: ['get_forecast', 'get_alerts'],
      quarantined: [
        {
          tool: 'set_unit',
          reason: 'changed',
          changes: [
            {
              path: '/description',
              before: 'Sets the unit.',
              after: 'Sets the unit!',
              risk: 'text',
              visible: true,
            },
          ],
        },
      ],
      missing: [],
    })
  })

  test('no server is 15', async () => {
    const ran = await registry(['guard', '--check', '--release', name, '--', 'false'], { home })
    expect(ran.status).toBe(15)
    expect(ran.stderr).toContain('The MCP server could not be used.')
  })
})
