// What 46 real MCP servers list, imported, published on one node, pulled by another over the wire protocol, and exported
// again: every field that a model sees is as the server wrote it.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type McpListing, toMcpTool, toolkitFromMcp } from '../../src/formats/index.ts'
import { canonicalBytes, isRegistryError, type JsonObject } from '../../src/lib/index.ts'
import { checkLog, init, type Peer, publish, pull } from '../../src/registry/index.ts'
import { localSource } from '../../src/resolve/index.ts'
import { parseToolkit, type Tool } from '../../src/spec/index.ts'
import { connectSource, createMemoryHub, serveSource } from '../../src/sync/index.ts'
import { sharedPath } from '../shared.ts'
import { openTestWorkspace, type TestWorkspace } from '../support/workspace.ts'

const CAPTURED = 46
const VISIBLE =
  'name title description inputSchema outputSchema annotations icons execution _meta'.split(' ')

interface Capture extends McpListing {
  readonly package: string
  readonly command: string
}

const folder = sharedPath('data', 'mcp')
const files = folder === undefined ? [] : readdirSync(folder).sort()

const hub = createMemoryHub({ seed: 7 })
const alice = hub.open('alice')
const bob = hub.open('bob')
let publisherSide: TestWorkspace
let consumerSide: TestWorkspace
let publisher: Awaited<ReturnType<typeof init>>['publisher']

beforeAll(async () => {
  publisherSide = await openTestWorkspace('level')
  consumerSide = await openTestWorkspace('level')
  publisher = (await init(publisherSide)).publisher
  alice.handle((channel) => serveSource(channel, localSource(publisherSide.store)))
})

afterAll(async () => {
  await bob[Symbol.asyncDispose]()
  await alice[Symbol.asyncDispose]()
  await publisherSide[Symbol.asyncDispose]()
  await consumerSide[Symbol.asyncDispose]()
})

const peer: Peer = {
  label: 'memory:alice',
  open: async (options) => connectSource(await bob.dial('memory:alice', options)),
}

test.skipIf(folder === undefined)('every captured server is here', () => {
  expect(files).toHaveLength(CAPTURED)
})

test.skipIf(folder === undefined).each(files)('%s', async (file) => {
  const captured = JSON.parse(readFileSync(join(folder ?? '', file), 'utf8')) as Capture
  const toolkit = importCaptured(captured)
  const [published] = await publish(publisherSide, [toolkit])
  expect(published?.kind).toBe('published')

  const reference = `${published?.name}@${published?.version}`
  const pulled = await pull(consumerSide, { reference, peers: [peer] })
  expect(pulled.refused).toEqual([])
  expect(pulled.release.cid).toBe(published?.release)

  const exported = new Map(
    pulled.release.tools.map(({ name, tool }) => [name, toMcpTool(tool as Tool)]),
  )
  expect(exported.size).toBe(captured.tools.length)
  for (const tool of captured.tools) {
    expect(exported.get(String(tool.name))).toEqual(onlyVisible(tool))
  }
})

test.skipIf(folder === undefined)('the log that grew on the way is in order', async () => {
  expect((await checkLog(publisherSide.store, publisher)).size).toBe(1 + CAPTURED)
})

/** Two servers call themselves 0.8.x and v1.0.67: that is refused until the person who publishes says a version. */
function importCaptured(captured: Capture): ReturnType<typeof parseToolkit> {
  const server = { kind: 'stdio', command: captured.command } as const
  const name = captured.package.replace('@', '').replace('/', '-')
  try {
    return parse(toolkitFromMcp(server, captured, { name }).toolkit)
  } catch (error) {
    expect(isRegistryError(error, 'VERSION_INVALID')).toBe(true)
    expect(['0.8.x', 'v1.0.67']).toContain(captured.serverInfo.version)
    return parse(toolkitFromMcp(server, captured, { name, version: '1.0.0' }).toolkit)
  }
}

function parse(toolkit: JsonObject): ReturnType<typeof parseToolkit> {
  return parseToolkit(canonicalBytes(toolkit))
}

function onlyVisible(tool: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(tool).filter(([field]) => VISIBLE.includes(field)))
}
