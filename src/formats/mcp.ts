// MCP in and out: what a server answers to `tools/list` becomes a toolkit document, and a tool becomes an MCP tool again, with
// every field that a model sees unchanged. Nothing is called on the server but initialize and tools/list.

import { isRegistryError, type JsonObject, RegistryError } from '../lib/index.ts'
import type { Tool } from '../spec/index.ts'
import { parseVersion } from '../spec/index.ts'
import { splitCommand } from './command-line.ts'

export type McpServer =
  | { readonly kind: 'stdio'; readonly command: string; readonly cwd?: string }
  | { readonly kind: 'http'; readonly url: string }

/** What a server says of itself and offers, before anything is made of it. */
export interface McpListing {
  readonly serverInfo: { readonly name: string; readonly version: string; readonly title?: string }
  readonly tools: readonly JsonObject[]
}

/** More pages or tools than any real server has: a server that never ends its list is not listened to for ever. */
const MAX_PAGES = 1_000
const MAX_TOOLS = 10_000

export interface ImportOptions {
  /** Name and version to publish under, where the server’s own do not fit or are not wanted. */
  readonly name?: string | undefined
  readonly version?: string | undefined
}

/** A toolkit document from a listing; `changes` says in sentences what could not be taken over as it was. */
export function toolkitFromMcp(
  server: McpServer,
  listing: McpListing,
  options: ImportOptions = {},
): { readonly toolkit: JsonObject; readonly changes: readonly string[] } {
  const changes: string[] = []
  const name = options.name ?? nameFrom(listing.serverInfo.name, changes)
  const version = options.version ?? versionFrom(listing.serverInfo.version)
  const { title } = listing.serverInfo
  const toolkit: JsonObject = {
    name,
    version,
    ...(title === undefined ? {} : { title }),
    bindings: [bindingOf(server)],
    tools: listing.tools.map((tool) => knownFields(tool, changes)),
  }
  return { toolkit, changes }
}

const FIELDS = new Set(
  'name title description inputSchema outputSchema annotations icons execution _meta'.split(' '),
)

/** A field that MCP does not define has no place in a tool’s contract; what is left out is said. */
function knownFields(tool: JsonObject, changes: string[]): JsonObject {
  const unknown = Object.keys(tool).filter((field) => !FIELDS.has(field))
  if (unknown.length === 0) return tool
  changes.push(`${tool.name}: left out ${unknown.join(', ')}, which MCP does not define.`)
  return Object.fromEntries(Object.entries(tool).filter(([field]) => FIELDS.has(field)))
}

function bindingOf(server: McpServer): JsonObject {
  if (server.kind === 'http') return { kind: 'mcp-http', url: server.url }
  const [command = '', ...args] = splitCommand(server.command)
  return { kind: 'mcp-stdio', command, args }
}

/** `mcp-servers/everything` and `@scope/Name` become `mcp-servers-everything` and `scope-name`. */
function nameFrom(name: string, changes: string[]): string {
  const fitting = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|[._-]+$/g, '')
    .slice(0, 100)
  if (fitting !== name) changes.push(`The server’s name ${JSON.stringify(name)} became ${fitting}.`)
  return fitting
}

function versionFrom(version: string): string {
  try {
    return parseVersion(version)
  } catch (cause) {
    if (!isRegistryError(cause)) throw cause
    throw new RegistryError(
      'VERSION_INVALID',
      'The server’s own version is not a semantic version.',
      {
        expected: 'MAJOR.MINOR.PATCH',
        got: JSON.stringify(version),
        next: 'Give one: `--as NAME@1.0.0`.',
        cause,
      },
    )
  }
}

/** The tool as MCP’s `tools/list` would have it: all fields but our own `kind`, `effects`, `examples` and `hints`. */
export function toMcpTool(tool: Tool): JsonObject {
  const { kind: _kind, effects: _effects, examples: _examples, hints: _hints, ...mcp } = tool
  return mcp as unknown as JsonObject
}

/** Starts or reaches the server, lists all its tools, and ends it again. Throws SERVER_FAILED with the server’s own words. */
export async function listMcpTools(
  server: McpServer,
  options: { readonly signal?: AbortSignal; readonly timeout?: number } = {},
): Promise<McpListing> {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js')
  const { ResultSchema } = await import('@modelcontextprotocol/sdk/types.js')
  const client = new Client({ name: 'toolmark', version: '1' })
  const limits = {
    timeout: options.timeout ?? 60_000,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }
  const errors: string[] = []
  try {
    await client.connect(await openTransport(server, errors), limits)
    const serverInfo = client.getServerVersion()
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
    return { serverInfo: infoOf(serverInfo), tools }
  } catch (cause) {
    options.signal?.throwIfAborted()
    throw new RegistryError('SERVER_FAILED', 'The MCP server did not list its tools.', {
      expected: 'an answer to initialize and tools/list',
      got: [cause instanceof Error ? cause.message : String(cause), ...errors]
        .join('; ')
        .slice(0, 1_000),
      next: 'Run the command by hand and see that it starts a server on its standard input and output.',
      cause,
    })
  } finally {
    await client.close()
  }
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
  return tools as readonly JsonObject[]
}

async function openTransport(
  server: McpServer,
  errors: string[],
): Promise<import('@modelcontextprotocol/sdk/shared/transport.js').Transport> {
  if (server.kind === 'http') {
    const { StreamableHTTPClientTransport } = await import(
      '@modelcontextprotocol/sdk/client/streamableHttp.js'
    )
    // The SDK’s own types are not written for exactOptionalPropertyTypes.
    return new StreamableHTTPClientTransport(
      new URL(server.url),
    ) as import('@modelcontextprotocol/sdk/shared/transport.js').Transport
  }
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js')
  const [command = '', ...args] = splitCommand(server.command)
  const transport = new StdioClientTransport({
    command,
    args,
    stderr: 'pipe',
    ...(server.cwd === undefined ? {} : { cwd: server.cwd }),
  })
  transport.stderr?.on('data', (chunk: Buffer) => {
    if (errors.length < 5) errors.push(chunk.toString('utf8').trim().slice(0, 200))
  })
  return transport
}
