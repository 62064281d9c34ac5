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

export async function namesOf(client: Client): Promise<readonly string[]> {
  const { tools } = await client.listTools()
  return tools.map(({ name }) => name)
}

/** The JSON-RPC error that a call is answered with. */
export async function refusalOf(
  work: Promise<unknown>,
): Promise<{
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
