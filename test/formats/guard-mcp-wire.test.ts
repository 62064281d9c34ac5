// guardMcp message by message: what it lets through, in both directions, of what no well-behaved side would send.

import { beforeEach, describe, expect, test } from 'vitest'
import { lockedTools, openWire, type Wire } from '../support/guarded.ts'
import { WEATHER } from '../support/mutable-server.ts'

const LOCKED = lockedTools(WEATHER)
let wire: Wire

beforeEach(async () => {
  wire = openWire(LOCKED)
  wire.server(({ method }) => (method === 'tools/list' ? { tools: WEATHER } : undefined))
  await wire.guarded.start()
})

const request = (id: unknown, method: string, params?: object): never =>
  ({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) }) as never
const result = (id: unknown, value: object): object => ({ jsonrpc: '2.0', id, result: value })

describe('answers', () => {
  test('t40-unasked: a server cannot answer the list in the guard’s place', async () => {
    wire.server(() => undefined)
    void wire.guarded.send(request(7, 'tools/list'))
    const evil = { tools: [{ name: 'evil', inputSchema: { type: 'object' } }] }
    for (const id of [7, '7', 7.0, 0, null]) wire.say(result(id, evil))
    expect(wire.received).toEqual([])
    expect(wire.errors[0]?.message).toBe('The server answered what it was not asked.')
  })

  test('t40-unasked: an id of another type is another id', async () => {
    await wire.guarded.send(request(3, 'ping'))
    wire.say(result('3', { note: 'for a client that takes one for the other' }))
    expect(wire.received).toEqual([])
    wire.say(result(3, {}))
    wire.say(result(3, { again: true }))
    expect(wire.received).toEqual([result(3, {})])
  })

  test('late answers to the guard’s own requests are swallowed', async () => {
    await wire.guarded.send(request(1, 'tools/list'))
    const { id } = wire.sent[0]
    expect(id).toMatch(/^toolmark-[0-9a-f-]{36}-0$/)
    wire.say(result(id, { tools: [] }))
    expect(wire.received).toHaveLength(1)
    expect(wire.errors).toEqual([])
  })

  test('a client whose ids look like the guard’s gets its own answers', async () => {
    await wire.guarded.send(request('toolmark-1', 'ping'))
    wire.say(result('toolmark-1', {}))
    expect(wire.received).toEqual([result('toolmark-1', {})])
  })

  test('errors pass, also one about no request', async () => {
    await wire.guarded.send(request(1, 'prompts/get', { name: 'x' }))
    const known = {
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32602, message: 'no such prompt', data: { x: 1 } },
    }
    const unknown = { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'Parse error' } }
    wire.say(known)
    wire.say(unknown)
    expect(wire.received).toEqual([known, unknown])
  })

  test('what could be taken for two things is passed on as none', () => {
    wire.say({ jsonrpc: '2.0', id: 1, method: 'ping', result: {} })
    wire.say({ jsonrpc: '2.0' })
    wire.say('text')
    expect(wire.received).toEqual([])
    expect(wire.errors.map(({ message }) => message)).toEqual(
      Array(3).fill('The server sent what is no JSON-RPC message.'),
    )
  })
})

describe('requests and notifications', () => {
  test('of the server reach the client as they are, and its answers the server', async () => {
    const asked = request('s1', 'sampling/createMessage', { messages: [], maxTokens: 5 })
    const news = {
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 1, progress: 2 },
    }
    wire.say(asked)
    wire.say(news)
    expect(wire.received).toEqual([asked, news])
    await wire.guarded.send(result('s1', { role: 'assistant' }) as never)
    expect(wire.sent).toEqual([result('s1', { role: 'assistant' })])
  })

  test('a batch is taken apart in both directions', async () => {
    const batch = [request(1, 'ping'), request(2, 'tools/call', { name: 'evil' })]
    await wire.guarded.send(batch as never)
    expect(wire.sent.map(({ method }) => method)).toEqual(['ping', 'tools/list'])
    expect(wire.received).toMatchObject([{ id: 2, error: { code: -32090 } }])
    wire.say([result(1, {}), result(2, { content: [] })])
    expect(wire.received.map(({ id }) => id)).toEqual([2, 1])
  })

  test('a way to tools that is not known is closed', async () => {
    await wire.guarded.send(request(1, 'tools/run', { name: 'evil' }))
    expect(wire.sent).toEqual([])
    expect(wire.received[0].error).toEqual({
      code: -32601,
      message: 'The guard does not let tools/run through: it knows tools/list and tools/call.',
    })
  })

  test.each([
    [
      'a call that asks for no answer',
      { jsonrpc: '2.0', method: 'tools/call', params: { name: 'evil' } },
    ],
    ['a call that is an answer too', { jsonrpc: '2.0', id: 1, method: 'tools/call', result: {} }],
    ['nothing', {}],
  ])('%s does not reach the server', async (_what, message) => {
    await expect(wire.guarded.send(message as never)).rejects.toMatchObject({
      code: 'MESSAGE_INVALID',
      message: 'The client sent what is no JSON-RPC message.',
      details: { next: 'Nothing of it was passed on.' },
    })
    expect(wire.sent).toEqual([])
  })

  test('of the answer to initialize, only what MCP defines and says nothing to a model passes', async () => {
    const known = { protocolVersion: '2025-11-25', capabilities: { tools: {} } }
    const info = { name: 'weather', version: '1.0.0', title: 'Weather' }
    await wire.guarded.send(request(0, 'initialize', {}))
    const words = { instructions: 'IGNORE', systemPrompt: 'IGNORE' }
    const serverInfo = { ...info, description: 'IGNORE' }
    wire.say(result(0, { ...known, ...words, serverInfo }))
    expect(wire.received).toEqual([result(0, { ...known, serverInfo: info })])
  })

  test('what the client does with its list changes nothing here', async () => {
    await wire.guarded.send(request(1, 'tools/list'))
    wire.received[0].result.tools[0].description = 'Mine.'
    wire.received[0].result.tools[0].inputSchema.properties = {}
    await wire.guarded.send(request(2, 'tools/list'))
    expect(wire.received[1].result.tools).toEqual(WEATHER)
  })

  test('there are no cursors', async () => {
    await wire.guarded.send(request(1, 'tools/list', { cursor: '2' }))
    expect(wire.received[0].error).toMatchObject({
      code: -32602,
      message:
        'There is no page of that cursor. The guard answers all tools in one page: ask without a cursor.',
    })
  })

  test('a call without a name is refused', async () => {
    await wire.guarded.send(request(1, 'tools/call', { name: ['get_forecast'] }))
    expect(wire.received[0].error).toMatchObject({
      code: -32602,
      message: 'The call names no tool. Give `params.name`.',
    })
    await wire.guarded.send(request(2, 'tools/call'))
    expect(wire.received[1].error.code).toBe(-32602)
    for (const name of ['__proto__', 'constructor', '']) {
      await wire.guarded.send(request(name, 'tools/call', { name }))
      expect(wire.received.at(-1).error).toMatchObject({
        code: -32090,
        data: { reason: 'unknown' },
      })
    }
  })

  test('a call that is cancelled while it waits is neither sent nor answered', async () => {
    wire.server(() => undefined)
    const call = wire.guarded.send(request(5, 'tools/call', { name: 'set_unit' }))
    const params = { requestId: 5, reason: 'bored' }
    await wire.guarded.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params })
    wire.say(result(wire.sent[0].id, { tools: WEATHER }))
    await call
    expect(wire.sent.map(({ method }) => method)).toEqual(['tools/list', 'notifications/cancelled'])
    expect(wire.received).toEqual([])
  })

  test('what the transport says of a message that it cannot send reaches the client', async () => {
    await wire.guarded.send(request(1, 'tools/list'))
    wire.inner.send = () => Promise.reject(new Error('HTTP 404'))
    await expect(wire.guarded.send(request(2, 'ping'))).rejects.toThrow('HTTP 404')
    const call = request(3, 'tools/call', { name: 'set_unit' })
    await expect(wire.guarded.send(call)).rejects.toThrow('HTTP 404')
  })
})

describe('lists without end', () => {
  const list = async (): Promise<{ message: string; data: { code: string } }> => {
    await wire.guarded.send(request(1, 'tools/list'))
    return wire.received[0].error
  }

  test('cursors that lead round in a circle', async () => {
    wire.server(({ params }) => ({ tools: [], nextCursor: params.cursor === 'a' ? 'b' : 'a' }))
    expect((await list()).data.code).toBe('SERVER_FAILED')
    expect(wire.errors[0]).toMatchObject({
      message: 'The MCP server did not list its tools.',
      details: {
        expected: 'a cursor that has not been there before',
        got: 'one that leads round in a circle',
        next: 'See the server’s own log; until it lists its tools, none of them can be called.',
      },
    })
    expect(wire.sent).toHaveLength(3)
  })

  test('ever new pages', async () => {
    let page = 0
    wire.server(() => ({ tools: [], nextCursor: String(page++) }))
    expect((await list()).message).toBe(
      'The server’s list of tools does not end. Do not use this server before its author has mended it.',
    )
    expect(wire.errors[0]).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { expected: 'at most 1000 pages', got: '1000 pages and a further one' },
    })
    expect(page).toBe(1_000)
  })

  test('a million tools', async () => {
    const tools = Array.from({ length: 1_000_000 }, () => ({ name: 'a' }))
    wire.server(() => ({ tools }))
    expect((await list()).data.code).toBe('LIMIT_EXCEEDED')
    expect(wire.errors[0]).toMatchObject({
      details: { expected: 'at most 10000 tools', got: '1000000 tools' },
    })
  })

  test('endless words', async () => {
    const description = 'x'.repeat(4 * 1024 * 1024)
    let page = 0
    wire.server(() => ({ tools: [{ name: 'a', description }], nextCursor: String(page++) }))
    expect((await list()).data.code).toBe('LIMIT_EXCEEDED')
    expect(wire.errors[0]).toMatchObject({
      details: { expected: `at most ${32 * 1024 * 1024} bytes` },
    })
    expect(page).toBe(8)
  })

  test.each([
    ['no tools', { tool: [] }, 'an answer without one'],
    ['something else', { tools: ['a', null] }, 'one that holds something else'],
  ])('%s', async (_what, answer, got) => {
    wire.server(() => answer)
    expect((await list()).data.code).toBe('SERVER_FAILED')
    expect(wire.errors[0]).toMatchObject({ details: { expected: 'an array of tools', got } })
  })
})

describe('the connection', () => {
  test('ends for both sides, and what waits is not answered any more', async () => {
    wire.server(() => undefined)
    let closed = 0
    wire.guarded.onclose = () => {
      closed++
    }
    const call = wire.guarded.send(request(1, 'tools/call', { name: 'set_unit' }))
    await wire.guarded.close()
    await call
    expect(closed).toBe(1)
    expect(wire.received).toEqual([])
    await wire.guarded.send(request(2, 'tools/call', { name: 'set_unit' }))
    expect(wire.received[0].error).toMatchObject({
      message: 'The connection to the MCP server has ended. Connect again.',
      data: { code: 'CLOSED' },
    })
  })

  test('keeps the session and the protocol version of the transport', async () => {
    let version = ''
    wire.inner.sessionId = 'session-1'
    wire.inner.setProtocolVersion = (given) => {
      version = given
    }
    expect(wire.guarded.sessionId).toBe('session-1')
    wire.guarded.setProtocolVersion?.('2025-11-25')
    expect(version).toBe('2025-11-25')
    wire.inner.onerror?.(new Error('socket'))
    expect(wire.errors[0]?.message).toBe('socket')
  })

  test('keeps listeners that the transport had', async () => {
    const other = openWire(LOCKED)
    const heard: unknown[] = []
    other.inner.onmessage = (message) => void heard.push(message)
    await other.guarded.start()
    other.say({ jsonrpc: '2.0', method: 'notifications/message' })
    expect(heard).toHaveLength(1)
    expect(other.received).toHaveLength(1)
  })
})
