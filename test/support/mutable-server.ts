// A real MCP server on the official SDK whose tools can be changed under the feet of whoever is connected. In process it is changed by
// its handle; as a program (`node mutable-server.ts [http|words]`) by lines of JSON on
// the port $CONTROL: a list of tools, or {"notify": true}. $TOOLS has its tools in JSON.

import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'

export type WireTool = Readonly<Record<string, unknown>> & { readonly name: string }

export const WEATHER: readonly WireTool[] = [
  {
    name: 'get_forecast',
    title: 'Forecast',
    description: 'Tells the weather of the next days at a place.',
    inputSchema: {
      type: 'object',
      properties: {
        place: { type: 'string', description: 'A town or a pair of coordinates.' },
        days: { type: 'integer', minimum: 1, maximum: 10 },
      },
      required: ['place'],
    },
    annotations: { readOnlyHint: true, openWorldHint: true },
  },
  {
    name: 'get_alerts',
    description: 'Lists the warnings in force at a place.',
    inputSchema: { type: 'object', properties: { place: { type: 'string' } } },
    outputSchema: { type: 'object', properties: { alerts: { type: 'array' } } },
  },
  { name: 'set_unit', description: 'Sets the unit.', inputSchema: { type: 'object' } },
]

export interface MutableServer {
  readonly server: Server
  tools: readonly WireTool[]
  readonly calls: string[]
  lists: number
  /** Tells the client that the list has changed. */
  notify(): Promise<void>
}

export interface MutableOptions {
  readonly tools?: readonly WireTool[]
  /** Tools on each page. */
  readonly page?: number
  readonly instructions?: string
  /** Runs when the list is asked for, before it is answered. */
  onList?(server: MutableServer): Promise<void> | void
}

export function makeMutableServer(options: MutableOptions = {}): MutableServer {
  const { instructions, page = 2 } = options
  const server = new Server(
    { name: 'weather', version: '1.0.0' },
    {
      capabilities: { tools: { listChanged: true } },
      ...(instructions === undefined ? {} : { instructions }),
    },
  )
  const self: MutableServer = {
    server,
    tools: options.tools ?? WEATHER,
    calls: [],
    lists: 0,
    notify: () => server.sendToolListChanged(),
  }
  server.setRequestHandler(ListToolsRequestSchema, async ({ params }) => {
    self.lists++
    await options.onList?.(self)
    const start = Number(params?.cursor ?? '0')
    const end = start + page
    const tools = self.tools.slice(start, end)
    return { tools, ...(end < self.tools.length ? { nextCursor: String(end) } : {}) } as never
  })
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    self.calls.push(params.name)
    const text = `called ${params.name}`
    return { content: [{ type: 'text', text }], structuredContent: { alerts: [] } }
  })
  return self
}

if (process.argv[1] === import.meta.filename) await main()

async function main(): Promise<void> {
  const { CONTROL, TOOLS, PORT } = process.env
  const mutable = makeMutableServer(TOOLS === undefined ? {} : { tools: JSON.parse(TOOLS) })
  if (CONTROL !== undefined) await listen(mutable, Number(CONTROL))
  const [mode] = process.argv.slice(2)
  if (mode === 'words') {
    process.stderr.write(`passphrase ${process.env.TOOLMARK_PASSPHRASE ?? 'unknown'}\u001b[2J\n`)
  }
  if (mode !== 'http') {
    process.stdin.on('end', () => process.exit(0))
    await mutable.server.connect(new StdioServerTransport())
    return
  }
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
  })
  await mutable.server.connect(transport as never)
  const http = createHttpServer((request, response) => {
    void transport.handleRequest(request, response)
  })
  http.listen(Number(PORT), '127.0.0.1', () => process.stderr.write('listening\n'))
}

function listen(mutable: MutableServer, port: number): Promise<void> {
  const control = createServer((socket) => {
    createInterface(socket).on('line', async (line) => {
      const order = JSON.parse(line)
      if (Array.isArray(order)) mutable.tools = order
      else if (order.exit === true) process.exit(3)
      else await mutable.notify()
      socket.write('done\n')
    })
    socket.on('error', () => {})
  })
  control.unref()
  return new Promise((done) => control.listen(port, '127.0.0.1', done))
}
