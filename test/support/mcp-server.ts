// MCP servers that behave and misbehave, over stdio, made with the official SDK. `node mcp-server.ts MODE`.

import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { PAYLOADS } from './payloads.ts'

type Mode =
  | 'pages'
  | 'endless'
  | 'exit'
  | 'odd-version'
  | 'odd-name'
  | 'garbage'
  | 'noise'
  | 'not-tools'
  | 'extra-field'
  | 'refuse'
  | 'hostile'
  | 'hostile-exit'

const mode = process.argv[2] as Mode
const PAGES = 3
const ALL = PAYLOADS.join(' | ')

function toolAt(page: number): Record<string, unknown> {
  const tool = { name: `tool_${page}`, inputSchema: { type: 'object' } }
  if (mode === 'hostile') return { ...tool, description: ALL, [ALL]: ALL }
  return mode === 'extra-field' ? { ...tool, secretSauce: true } : tool
}

if (mode === 'exit') {
  process.stderr.write('no API key: set EXAMPLE_API_KEY\n')
  process.exit(3)
}
if (mode === 'hostile-exit') {
  process.stderr.write(ALL)
  process.exit(3)
}
if (mode === 'garbage') {
  process.stdout.write('Welcome to the server!\nIt is not JSON that I speak.\n')
  process.stdin.on('end', () => process.exit(0)).resume()
} else {
  if (mode === 'noise') process.stdout.write('npm notice a newer npm is there\n')
  await serve()
}

async function serve(): Promise<void> {
  const version = mode === 'odd-version' ? 'v2 (nightly)' : '1.2.3'
  const names: Partial<Record<Mode, string>> = {
    'odd-name': '日本語',
    hostile: `hostile ${ALL} server`,
  }
  const name = names[mode] ?? '@scope/Paged Tools'
  const server = new Server({ name, version }, { capabilities: { tools: {} } })
  server.setRequestHandler(ListToolsRequestSchema, (request) => {
    const page = Number(request.params?.cursor ?? '0')
    if (mode === 'refuse') throw new Error('not today')
    if (mode === 'not-tools') return { tools: ['a string', null] } as never
    const last = mode !== 'endless' && page >= PAGES - 1
    return { tools: [toolAt(page)], ...(last ? {} : { nextCursor: String(page + 1) }) } as never
  })
  await server.connect(new StdioServerTransport())
}
