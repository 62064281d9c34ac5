// Asks an MCP server for its tools, over stdio or HTTP. Nothing is called on it but initialize and tools/list, and it is ended
// again; what it answers is bounded in pages, tools and time, and is not judged here.

import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { isJsonObject, type JsonObject, RegistryError } from '../lib/index.ts'
import { splitCommand } from './command-line.ts'
import type { McpListing, McpServer } from './mcp.ts'

/** More pages or tools than any real server has: a server that never ends its list is not listened to for ever. */
const MAX_PAGES = 1_000
const MAX_TOOLS = 10_000
/** Of what a server says beside the protocol: enough to recognise its complaint. */
const MAX_WORDS = 5

/**
 * Some servers offer a tool only to clients that could answer what it asks them. None is called here, so that nothing is asked; what
 * is asked all the same is refused.
 */
const CAPABILITIES = { roots: {}, sampling: {}, elicitation: { form: {}, url: {} } }

interface ListOptions {
  readonly signal?: AbortSignal
  /** For each answer, in milliseconds. */
  readonly timeout?: number
}

/** Starts or reaches the server, lists all its tools, and ends it again. Throws SERVER_FAILED with the server’s own words. */
export async function listMcpTools(
  server: McpServer,
  options: ListOptions = {},
): Promise<McpListing> {
  const words: string[] = []
  const transport = await openTransport(server, (text) => {
    if (words.length < MAX_WORDS) words.push(text.trim().slice(0, 200))
  })
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js')
  const client = new Client({ name: 'toolmark', version: '1' }, { capabilities: CAPABILITIES })
  client.onerror = (error) => {
    if (error instanceof SyntaxError && words.length < MAX_WORDS) words.push(error.message)
  }
  try {
    return await readListing(client, transport, options)
  } catch (cause) {
    options.signal?.throwIfAborted()
    throw new RegistryError('SERVER_FAILED', 'The MCP server did not list its tools.', {
      expected: 'an answer to initialize and tools/list',
      got: [...wordsOf(cause), ...words].join('; ').slice(0, 1_000),
      next:
        server.kind === 'http'
          ? 'See that the server is running and that the URL is that of its MCP endpoint, often /mcp.'
          : 'Run the command by hand and see that it starts a server on its standard input and output.',
      cause,
    })
  } finally {
    await client.close()
  }
}

async function readListing(
  client: Client,
  transport: Transport,
  { signal, timeout = 60_000 }: ListOptions,
): Promise<McpListing> {
  const { ResultSchema } = await import('@modelcontextprotocol/sdk/types.js')
  const limits = { timeout, ...(signal === undefined ? {} : { signal }) }
  await client.connect(transport, limits)
  const serverInfo = infoOf(client.getServerVersion())
  const tools: JsonObject[] = []
  let cursor: string | undefined
  for (let page = 0; page === 0 || cursor !== undefined; page++) {
    if (page >= MAX_PAGES || tools.length > MAX_TOOLS)
      throw new Error('the list of tools does not end')
    const params = cursor === undefined ? {} : { cursor }
    // The loose schema: the SDK’s own one for tools drops fields that it does not know.
    const answer = await client.request({ method: 'tools/list', params }, ResultSchema, limits)
    tools.push(...toolsOf(answer))
    cursor = typeof answer.nextCursor === 'string' ? answer.nextCursor : undefined
  }
  return { serverInfo, tools }
}

function infoOf(
  info: { name: string; version: string; title?: string | undefined } | undefined,
): McpListing['serverInfo'] {
  const { name = 'server', version = '', title } = info ?? {}
  return title === undefined ? { name, version } : { name, version, title }
}

function toolsOf(answer: Readonly<Record<string, unknown>>): readonly JsonObject[] {
  const tools = answer.tools
  if (!Array.isArray(tools)) throw new Error('its answer to tools/list has no array of tools')
  if (!tools.every((tool) => isJsonObject(tool)))
    throw new Error('its answer to tools/list holds something that is not a tool')
  return tools
}

/** An error’s message, after the HTTP status if it has one, and before its cause: "fetch failed" alone helps nobody. */
function wordsOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)]
  const code = 'code' in error && typeof error.code === 'number' ? error.code : 0
  const status = code >= 100 && code < 600 ? [`HTTP ${code}`] : []
  const cause = error.cause instanceof Error ? [error.cause.message] : []
  return [...status, error.message, ...cause]
}

async function openTransport(
  server: McpServer,
  onWords: (text: string) => void,
): Promise<Transport> {
  if (server.kind === 'http') {
    const url = webAddress(server.url)
    const { StreamableHTTPClientTransport } = await import(
      '@modelcontextprotocol/sdk/client/streamableHttp.js'
    )
    // The SDK’s own types are not written for exactOptionalPropertyTypes.
    return new StreamableHTTPClientTransport(url) as Transport
  }
  const [command = '', ...args] = splitCommand(server.command)
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js')
  const transport = new StdioClientTransport({
    command,
    args,
    stderr: 'pipe',
    ...(server.cwd === undefined ? {} : { cwd: server.cwd }),
  })
  transport.stderr?.on('data', (chunk: Buffer) => onWords(chunk.toString('utf8')))
  return transport
}

function webAddress(text: string): URL {
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new RegistryError('USAGE', 'This is not the URL of an MCP server.', {
    expected: 'an address that begins with http:// or https://',
    got: JSON.stringify(text.slice(0, 200)),
    next: 'For example `--mcp-url http://127.0.0.1:3001/mcp`.',
  })
}
