// guardMcp in front of real servers, over stdio and over HTTP: one that changes under our feet, and the reference server of the MCP
// project with all it can do.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CreateMessageRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, test } from 'vitest'
import { listMcpTools, toolkitFromMcp } from '../../src/formats/index.ts'
import { canonicalBytes, type JsonObject } from '../../src/lib/index.ts'
import { parseToolkit } from '../../src/spec/index.ts'
import { everythingPath, freePort, startEverythingHttp } from '../support/everything.ts'
import { connectGuarded, lockedTools, namesOf, refusalOf } from '../support/guarded.ts'
import { WEATHER } from '../support/mutable-server.ts'
import { control, MUTABLE } from '../support/remote-control.ts'

interface Running extends AsyncDisposable {
  readonly transport: Transport
  readonly port: number
}

async function overStdio(): Promise<Running> {
  const port = await freePort()
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [MUTABLE],
    env: { CONTROL: String(port) },
  })
  return { transport, port, [Symbol.asyncDispose]: () => transport.close() }
}

async function overHttp(): Promise<Running> {
  const [port, web] = [await freePort(), await freePort()]
  const child = spawn(process.execPath, [MUTABLE, 'http'], {
    env: { ...process.env, CONTROL: String(port), PORT: String(web) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for await (const chunk of child.stderr) if (String(chunk).includes('listening')) break
  const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${web}/mcp`))
  return {
    transport: transport as Transport,
    port,
    [Symbol.asyncDispose]: async () => {
      await transport.close()
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

const RUG = WEATHER.map((tool) =>
  tool.name === 'get_alerts' ? { ...tool, description: `${tool.description}.` } : tool,
)

describe.each([
  ['stdio', overStdio],
  ['HTTP', overHttp],
])('over %s', (_name, start) => {
  test('t40-rug-pull-live: one character more, and announced', async () => {
    await using running = await start()
    const scene = await connectGuarded(running.transport, lockedTools(WEATHER))
    expect(await namesOf(scene.client)).toEqual(['get_forecast', 'get_alerts', 'set_unit'])
    await scene.client.callTool({ name: 'get_alerts' })
    await control(running.port, RUG)
    await control(running.port, { notify: true })
    await expect.poll(() => scene.events.length).toBe(1)
    expect(scene.events[0]?.diff).toEqual([
      {
        path: '/description',
        before: 'Lists the warnings in force at a place.',
        after: 'Lists the warnings in force at a place..',
        risk: 'text',
        visible: true,
      },
    ])
    const refused = await refusalOf(scene.client.callTool({ name: 'get_alerts' }))
    expect(refused.data).toMatchObject({ code: 'TOOL_QUARANTINED', fields: ['description'] })
    expect(await namesOf(scene.client)).toEqual(['get_forecast', 'set_unit'])
    const answer = await scene.client.callTool({ name: 'get_forecast', arguments: { place: 'x' } })
    expect(answer.content).toEqual([{ type: 'text', text: 'called get_forecast' }])
    await scene.client.close()
  })

  test('t40-rug-pull-live: one character more, and not announced', async () => {
    await using running = await start()
    const scene = await connectGuarded(running.transport, lockedTools(WEATHER), { maxAge: 0 })
    await scene.client.callTool({ name: 'get_alerts' })
    await control(running.port, RUG)
    const refused = await refusalOf(scene.client.callTool({ name: 'get_alerts' }))
    expect(refused.data).toMatchObject({ reason: 'changed', fields: ['description'] })
    await scene.client.callTool({ name: 'set_unit' })
    expect(scene.events.map(({ tool }) => tool)).toEqual(['get_alerts'])
    await scene.client.close()
  })
})

test('the end of the server is the end of the connection', async () => {
  await using running = await overStdio()
  const scene = await connectGuarded(running.transport, lockedTools(WEATHER))
  let closed = 0
  scene.client.onclose = () => {
    closed++
  }
  await scene.client.listTools()
  await control(running.port, { exit: true })
  await expect.poll(() => closed).toBe(1)
})

describe('the reference server', () => {
  const stdio = {
    kind: 'stdio',
    command: `'${process.execPath}' '${everythingPath()}' stdio`,
  } as const

  /** As `publish --mcp` makes them. */
  async function published(): Promise<readonly JsonObject[]> {
    const { toolkit } = toolkitFromMcp(stdio, await listMcpTools(stdio), {
      name: 'a.example/every',
    })
    return parseToolkit(canonicalBytes(toolkit)).tools as unknown as readonly JsonObject[]
  }

  test('passes whole over stdio, with progress, cancellation, sampling and roots', async () => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [everythingPath(), 'stdio'],
      stderr: 'ignore',
    })
    await useAll(transport, await published())
  })

  test('passes whole over HTTP', async () => {
    await using everything = await startEverythingHttp()
    const transport = new StreamableHTTPClientTransport(new URL(everything.url))
    await useAll(transport as Transport, await published())
    expect(transport.sessionId).toMatch(/^[0-9a-f-]{36}$/)
  })
})

async function useAll(transport: Transport, tools: readonly JsonObject[]): Promise<void> {
  const scene = await connectGuarded(transport, lockedTools(tools))
  const { client } = scene
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [] }))
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'none',
    role: 'assistant',
    content: { type: 'text', text: 'sampled' },
  }))
  const listed = await client.listTools()
  expect(listed.tools.length).toBeGreaterThan(8)
  expect(scene.events).toEqual([])
  const echo = await client.callTool({ name: 'echo', arguments: { message: 'hello' } })
  expect(JSON.stringify(echo.content)).toContain('hello')
  await progress(client)
  await cancellation(client)
  const sampled = await client.callTool({
    name: 'trigger-sampling-request',
    arguments: { prompt: 'hi', maxTokens: 10 },
  })
  expect(JSON.stringify(sampled.content)).toContain('sampled')
  const { resources } = await client.listResources()
  expect(resources.length).toBeGreaterThan(0)
  const { prompts } = await client.listPrompts()
  expect(prompts.length).toBeGreaterThan(0)
  await client.ping()
  expect(scene.events).toEqual([])
  expect(scene.errors.filter((error) => !isLate(error))).toEqual([])
  await client.close()
}

const LONG = 'trigger-long-running-operation'

async function progress(client: Client): Promise<void> {
  const seen: number[] = []
  const call = { name: LONG, arguments: { duration: 0.4, steps: 4 } }
  await client.callTool(call, undefined, { onprogress: ({ progress }) => void seen.push(progress) })
  expect([1, 2, 3, 4].slice(0, Math.max(seen.length, 3))).toEqual(seen)
}

/** The SDK drops the last one when it comes in one piece with the answer, guard or no guard, and says so. */
function isLate({ message }: Error): boolean {
  return message.includes('progress notification for an unknown token')
}

async function cancellation(client: Client): Promise<void> {
  const stop = new AbortController()
  const call = { name: LONG, arguments: { duration: 20, steps: 2 } }
  const running = client.callTool(call, undefined, { signal: stop.signal })
  setTimeout(() => stop.abort('enough'), 50)
  await expect(running).rejects.toThrow('enough')
}
