// Asks the server for all its tools, through the guarded connection but with ids of the guard’s own. Bounded in pages, tools, bytes
// and time: a server that never ends its list is not listened to for ever.

import { randomUUID } from 'node:crypto'
import { isJsonObject, type JsonObject, RegistryError } from '../../lib/index.ts'
import { idKey, type Loose, type Message } from './wire.ts'

/** More than any real server has. */
const MAX_PAGES = 1_000
const MAX_TOOLS = 10_000
const MAX_BYTES = 32 * 1024 * 1024

type Send = (message: Message) => Promise<void>

export interface Lister {
  /** All pages. Throws SERVER_FAILED, LIMIT_EXCEEDED or CLOSED. */
  list(timeout: number): Promise<readonly JsonObject[]>
  /** Takes an answer to a request of the guard; false when it is none. Late and repeated ones are swallowed. */
  take(message: Loose): boolean
  /** Ends what is under way. */
  close(): void
}

interface Waiting {
  resolve(message: Loose): void
  reject(error: unknown): void
}

export function createLister(send: Send): Lister {
  // Nobody can guess it: neither a client whose ids happen to be alike, nor a server that answers before it is asked.
  const prefix = `toolmark-${randomUUID()}-`
  const waiting = new Map<string, Waiting>()
  let count = 0
  let isClosed = false

  const ask = async (params: JsonObject, deadline: number): Promise<JsonObject> => {
    if (isClosed) throw closed()
    const id = `${prefix}${count++}`
    const reply = new Promise<Loose>((resolve, reject) => waiting.set(id, { resolve, reject }))
    const timer = setTimeout(() => {
      waiting.get(id)?.reject(tooSlow())
      const notice = { requestId: id, reason: 'timeout' }
      send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: notice }).catch(() => {})
    }, deadline - performance.now())
    try {
      const request: Message = { jsonrpc: '2.0', id, method: 'tools/list', params }
      // Whichever fails first: the message may never leave, and then nobody answers.
      return resultOf(await Promise.race([reply, send(request).then(() => reply)]))
    } finally {
      clearTimeout(timer)
      waiting.delete(id)
    }
  }

  return {
    list: async (timeout) => {
      const deadline = performance.now() + timeout
      return await readPages((params) => ask(params, deadline))
    },
    take: (message) => {
      const { id } = message
      if (typeof id !== 'string' || !id.startsWith(prefix)) return false
      waiting.get(id)?.resolve(message)
      return true
    },
    close: () => {
      isClosed = true
      for (const { reject } of waiting.values()) reject(closed())
    },
  }
}

async function readPages(
  ask: (params: JsonObject) => Promise<JsonObject>,
): Promise<readonly JsonObject[]> {
  const tools: JsonObject[] = []
  const cursors = new Set<string>()
  let bytes = 0
  let params: JsonObject = {}
  for (let page = 1; ; page++) {
    const result = await ask(params)
    const found = toolsOf(result)
    const count = tools.length + found.length
    if (count > MAX_TOOLS) throw endless(`${MAX_TOOLS} tools`, `${count} tools`)
    tools.push(...found)
    bytes += sizeOf(found)
    if (bytes > MAX_BYTES) throw endless(`${MAX_BYTES} bytes`, `${bytes} bytes`)
    const { nextCursor: cursor } = result
    if (cursor === undefined || cursor === null) return tools
    if (page === MAX_PAGES) throw endless(`${MAX_PAGES} pages`, `${page} pages and a further one`)
    if (typeof cursor !== 'string' || cursors.has(idKey(cursor))) {
      throw failed('a cursor that has not been there before', 'one that leads round in a circle')
    }
    cursors.add(idKey(cursor))
    params = { cursor }
  }
}

function toolsOf({ tools }: JsonObject): readonly JsonObject[] {
  if (!Array.isArray(tools)) throw failed('an array of tools', 'an answer without one')
  if (tools.every((tool) => isJsonObject(tool))) return tools
  throw failed('an array of tools', 'one that holds something else')
}

function resultOf(message: Loose): JsonObject {
  if (isJsonObject(message.result)) return message.result
  const code = isJsonObject(message.error) ? message.error.code : undefined
  throw failed('its tools', typeof code === 'number' ? `error ${code}` : 'neither result nor error')
}

function sizeOf(tools: readonly JsonObject[]): number {
  try {
    return JSON.stringify(tools).length
  } catch {
    // Nested so deeply that it cannot be written: judged, and refused, tool by tool.
    return 0
  }
}

function endless(limit: string, got: string): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', 'The server’s list of tools does not end.', {
    expected: `at most ${limit}`,
    got,
    next: 'Do not use this server before its author has mended it.',
  })
}

function failed(expected: string, got: string): RegistryError {
  return new RegistryError('SERVER_FAILED', 'The MCP server did not list its tools.', {
    expected,
    got,
    next: 'See the server’s own log; until it lists its tools, none of them can be called.',
  })
}

function tooSlow(): RegistryError {
  return failed('an answer in time', 'none')
}

function closed(): RegistryError {
  return new RegistryError('CLOSED', 'The connection to the MCP server has ended.', {
    expected: 'an answer to tools/list',
    got: 'the end of the connection',
    next: 'Connect again.',
  })
}
