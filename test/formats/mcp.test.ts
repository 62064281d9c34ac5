import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { listMcpTools, type McpServer, toMcpTool, toolkitFromMcp } from '../../src/formats/index.ts'
import { canonicalBytes, type JsonObject, RegistryError } from '../../src/lib/index.ts'
import { parseToolkit, type Tool } from '../../src/spec/index.ts'
import { everythingPath, freePort, startEverythingHttp } from '../support/everything.ts'

const PROGRAM = join(import.meta.dirname, '..', 'support', 'mcp-server.ts')

function server(mode: string): McpServer {
  return { kind: 'stdio', command: `'${process.execPath}' '${PROGRAM}' ${mode}` }
}

async function failure(run: () => unknown): Promise<RegistryError> {
  try {
    await run()
  } catch (error) {
    if (error instanceof RegistryError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('over stdio', () => {
  test('reads every page, in order', async () => {
    const { serverInfo, tools } = await listMcpTools(server('pages'))
    expect(serverInfo).toEqual({ name: '@scope/Paged Tools', version: '1.2.3' })
    expect(tools.map(({ name }) => name)).toEqual(['tool_0', 'tool_1', 'tool_2'])
  })

  test('does not mind words between the messages', async () => {
    expect((await listMcpTools(server('noise'))).tools).toHaveLength(3)
  })

  test('does not listen for ever to a list that never ends', async () => {
    const error = await failure(() => listMcpTools(server('endless')))
    expect(error.code).toBe('SERVER_FAILED')
    expect(error.message).toBe('The MCP server did not list its tools.')
    expect(error.details.got).toBe('the list of tools does not end')
  })

  test('tells the last words of a server that exits at once', async () => {
    const error = await failure(() => listMcpTools(server('exit')))
    expect(error.code).toBe('SERVER_FAILED')
    expect(error.details.expected).toBe('an answer to initialize and tools/list')
    expect(error.details.got).toBe(
      'MCP error -32000: Connection closed; no API key: set EXAMPLE_API_KEY',
    )
    expect(error.details.next).toBe(
      'Run the command by hand and see that it starts a server on its standard input and output.',
    )
  })

  test('quotes what is not the protocol', async () => {
    const error = await failure(() => listMcpTools(server('garbage'), { timeout: 4_000 }))
    expect(error.code).toBe('SERVER_FAILED')
    expect(error.details.got).toContain('Request timed out')
    expect(error.details.got).toContain('not valid JSON')
  })

  test('tells a refusal', async () => {
    const error = await failure(() => listMcpTools(server('refuse')))
    expect(error.code).toBe('SERVER_FAILED')
    expect(error.details.got).toContain('not today')
  })

  test('refuses a list of something else than tools', async () => {
    const error = await failure(() => listMcpTools(server('not-tools')))
    expect(error.code).toBe('SERVER_FAILED')
    expect(error.details.got).toBe('its answer to tools/list holds something that is not a tool')
  })

  test('names the program that is not there', async () => {
    const error = await failure(() =>
      listMcpTools({ kind: 'stdio', command: 'no-such-program-anywhere' }),
    )
    expect(error.code).toBe('SERVER_FAILED')
    expect(error.details.got).toBe('spawn no-such-program-anywhere ENOENT')
  })

  test('stops when it is told to', async () => {
    const stop = new AbortController()
    const listing = listMcpTools(server('garbage'), { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('stopped')), 300)
    await expect(listing).rejects.toThrow('stopped')
  })

  test('reads a server that others wrote', async () => {
    const { serverInfo, tools } = await listMcpTools({
      kind: 'stdio',
      command: `'${process.execPath}' '${everythingPath()}' stdio`,
    })
    expect(serverInfo.name).toBe('mcp-servers/everything')
    expect(tools.map(({ name }) => name)).toContain('echo')
  })
})

describe('over HTTP', async () => {
  const everything = await startEverythingHttp()
  afterAll(() => everything[Symbol.asyncDispose]())

  test('lists the same tools as over stdio', async () => {
    const http = await listMcpTools({ kind: 'http', url: everything.url })
    const stdio = await listMcpTools({
      kind: 'stdio',
      command: `'${process.execPath}' '${everythingPath()}' stdio`,
    })
    expect(http).toEqual(stdio)
  })

  test('says so where nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}/mcp`
    const error = await failure(() => listMcpTools({ kind: 'http', url }))
    expect(error.code).toBe('SERVER_FAILED')
    expect(error.details.got).toContain('ECONNREFUSED')
    expect(error.details.next).toBe(
      'See that the server is running and that the URL is that of its MCP endpoint, often /mcp.',
    )
  })

  test('says so where something else answers', async () => {
    const error = await failure(() =>
      listMcpTools({ kind: 'http', url: everything.url.replace('/mcp', '/nowhere') }),
    )
    expect(error.code).toBe('SERVER_FAILED')
    expect(error.details.got).toContain('404')
  })

  test.each(['nonsense', 'file:///etc/passwd', 'ws://127.0.0.1/mcp', 'javascript:alert(1)'])(
    'refuses the URL %s without a question to anybody',
    async (url) => {
      const error = await failure(() => listMcpTools({ kind: 'http', url }))
      expect(error.code).toBe('USAGE')
      expect(error.details.expected).toBe('an address that begins with http:// or https://')
    },
  )
})

describe('the toolkit made of a listing', () => {
  const listing = (name: string, version = '1.0.0') => ({
    serverInfo: { name, version },
    tools: [{ name: 'a', inputSchema: { type: 'object' } }],
  })

  test.each([
    ['mcp-servers/everything', 'mcp-servers-everything'],
    ['@scope/Name', 'scope-name'],
    ['Figma MCP Server', 'figma-mcp-server'],
    ['plain', 'plain'],
    [`${'a'.repeat(99)}.b`, 'a'.repeat(99)],
  ])('names %s %s', (given, name) => {
    const { toolkit, changes } = toolkitFromMcp({ kind: 'http', url: 'http://x/' }, listing(given))
    expect(toolkit.name).toBe(name)
    expect(changes).toEqual(
      given === name ? [] : [`The server’s name ${JSON.stringify(given)} became ${name}.`],
    )
    expect(parseToolkit(canonicalBytes(toolkit)).name).toBe(name)
  })

  test('asks for a name where nothing of the server’s own fits', async () => {
    const error = await failure(() => toolkitFromMcp(server('x'), listing('日本語')))
    expect(error.code).toBe('NAME_INVALID')
    expect(error.details.got).toBe('"日本語"')
    expect(error.details.next).toBe('Give one: `--as NAME`.')
  })

  test('asks for a version where the server’s own is none', async () => {
    const found = listing('a', 'v2 (nightly)')
    const error = await failure(() => toolkitFromMcp(server('x'), found))
    expect(error.code).toBe('VERSION_INVALID')
    expect(error.message).toBe('The server’s own version is not a semantic version.')
    expect(error.details.got).toBe('"v2 (nightly)"')
    expect(error.details.next).toBe('Give one: `--as NAME@1.0.0`.')
    expect(toolkitFromMcp(server('x'), found, { version: '2.0.0' }).toolkit.version).toBe('2.0.0')
  })

  test('keeps the command as words, and says which fields it left out', () => {
    const { toolkit, changes } = toolkitFromMcp(
      { kind: 'stdio', command: `npx -y "a b" 'c'` },
      {
        serverInfo: { name: 's', version: '1.0.0', title: 'S' },
        tools: [{ name: 'a', inputSchema: { type: 'object' }, secretSauce: 1, price: 2 }],
      },
    )
    expect(toolkit.bindings).toEqual([
      { kind: 'mcp-stdio', command: 'npx', args: ['-y', 'a b', 'c'] },
    ])
    expect(toolkit.title).toBe('S')
    expect(toolkit.tools).toEqual([{ name: 'a', inputSchema: { type: 'object' } }])
    expect(changes).toEqual(['a: left out secretSauce, price, which MCP does not define.'])
  })

  test('a tool goes out without what is ours', () => {
    const tool = {
      kind: 'tool/v1',
      name: 'a',
      title: 'A',
      inputSchema: { type: 'object' },
      effects: { network: true },
      examples: [{ input: {} }],
      hints: { defer: true },
      _meta: { 'example.com/x': 1 },
    } as const satisfies Tool
    expect(toMcpTool(tool)).toEqual({
      name: 'a',
      title: 'A',
      inputSchema: { type: 'object' },
      _meta: { 'example.com/x': 1 },
    } satisfies JsonObject)
  })
})
