// An agent's client, a guard and a server that changes, in one process.

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { type GuardOptions, guardMcp, type Quarantined } from '../../src/index.ts'
import { surfaceDigest, type Tool } from '../../src/spec/index.ts'
import { type MutableOptions, type MutableServer, makeMutableServer } from './mutable-server.ts'

/** What `loadTools` answers, without a registry around it. */
export function lockedTools(tools: readonly object[]): Parameters<typeof guardMcp>[1] {
  return tools.map((wire) => {
    const tool = { kind: 'tool/v1', ...wire } as Tool
    return { name: tool.name, surface: surfaceDigest(tool), tool }
  })
}

export interface Scene extends AsyncDisposable {
  readonly server: MutableServer
  readonly client: Client
  readonly events: Quarantined[]
  readonly missing: (readonly string[])[]
  readonly errors: Error[]
  readonly changes: number[]
}

interface SceneOptions extends MutableOptions {
  readonly locked?: readonly object[]
  readonly guard?: GuardOptions
}

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const server = makeMutableServer(options)
  const [near, far] = InMemoryTransport.createLinkedPair()
  await server.server.connect(far as Transport)
  const locked = lockedTools(options.locked ?? server.tools)
  const watched = await connectGuarded(near as Transport, locked, options.guard)
  return {
    server,
    ...watched,
    [Symbol.asyncDispose]: async () => {
      await watched.client.close()
      await server.server.close()
    },
  }
}

export async function connectGuarded(
  transport: Transport,
  locked: Parameters<typeof guardMcp>[1],
  options: GuardOptions = {},
): Promise<Omit<Scene, 'server' | typeof Symbol.asyncDispose>> {
  const events: Quarantined[] = []
  const missing: (readonly string[])[] = []
  const errors: Error[] = []
  const changes: number[] = []
  const guarded = guardMcp(transport, locked, {
    onQuarantine: (event) => void events.push(event),
    onMissing: (names) => void missing.push(names),
    ...options,
  })
  const client = new Client(
    { name: 'agent', version: '1.0.0' },
    {
      capabilities: { sampling: {}, elicitation: {}, roots: {} },
      listChanged: {
        tools: { autoRefresh: false, debounceMs: 0, onChanged: () => void changes.push(1) },
      },
    },
  )
  client.onerror = (error) => void errors.push(error)
  await client.connect(guarded)
  return { client, events, missing, errors, changes }
}

// biome-ignore lint/suspicious/noExplicitAny: messages of any shape, also wrong ones.
type Raw = any

export interface Wire {
  readonly guarded: Transport
  /** What the client was given, and what the server was sent. */
  readonly received: Raw[]
  readonly sent: Raw[]
  readonly errors: Error[]
  /** Answers a request with a result; undefined leaves it unanswered. */
  server(answer: (message: Raw) => object | undefined): void
  /** Says something as the server. */
  say(message: Raw): void
  readonly inner: Transport
}

/** A guard with nothing but a transport behind it: for what no SDK would send. */
export function openWire(locked: Parameters<typeof guardMcp>[1], options: GuardOptions = {}): Wire {
  const [received, sent, errors]: [Raw[], Raw[], Error[]] = [[], [], []]
  let answer: (message: Raw) => Raw = () => undefined
  const inner: Transport = {
    start: async () => {},
    close: async () => inner.onclose?.(),
    send: async (message: Raw) => {
      sent.push(message)
      const result = 'method' in message ? answer(message) : undefined
      if (result !== undefined) inner.onmessage?.({ jsonrpc: '2.0', id: message.id, result })
    },
  }
  const guarded = guardMcp(inner, locked, options)
  guarded.onmessage = (message) => void received.push(message)
  guarded.onerror = (error) => void errors.push(error)
  const server: Wire['server'] = (given) => {
    answer = given
  }
  const say: Wire['say'] = (message) => inner.onmessage?.(message)
  return { guarded, received, sent, errors, server, say, inner }
}

export async function namesOf(client: Client): Promise<readonly string[]> {
  const { tools } = await client.listTools()
  return tools.map(({ name }) => name)
}

/** The JSON-RPC error that a call is answered with. */
export async function refusalOf(work: Promise<unknown>): Promise<{
  readonly code: number
  readonly message: string
  readonly data: Record<string, unknown>
}> {
  try {
    await work
  } catch (error) {
    return error as never
  }
  throw new Error('it was not refused')
}
