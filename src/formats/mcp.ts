// MCP in and out: what a server answers to `tools/list` becomes a toolkit document, and a tool becomes an MCP tool again, with
// every field that a model sees unchanged. Asking a server is in mcp-client.ts.

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
    .replace(/^[._-]+/, '')
    .slice(0, 100)
    .replace(/[._-]+$/, '')
  if (fitting === '') {
    throw new RegistryError('NAME_INVALID', 'No name can be made of the server’s own.', {
      expected: 'a name with a letter a-z or a digit in it',
      got: JSON.stringify(name.slice(0, 100)),
      next: 'Give one: `--as NAME`.',
    })
  }
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
