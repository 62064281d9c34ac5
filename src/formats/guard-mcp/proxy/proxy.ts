// An MCP server over stdio in front of another one: any client that starts servers can start the guard in place of one. The server is
// started by the guard, with the client’s own environment, and ends with it.

import type { Readable, Writable } from 'node:stream'
import type { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { escapeText, isRegistryError, RegistryError } from '../../../lib/index.ts'
import type { LockedTool } from '../compare/judge.ts'
import { guardMcp } from '../guard.ts'
import type { GuardOptions } from '../options.ts'
import type { Quarantined } from '../report.ts'
import { idKey, kindOf, type Loose, type Message, refusal } from '../wire.ts'
import { readLines, writeLine } from './lines.ts'

/** Of a line that a server writes to its log: the log is read by people. */
const LONGEST_LINE = 2_000

export interface GuardedCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly tools: readonly LockedTool[]
  readonly options?: GuardOptions
  readonly signal: AbortSignal
  /** Lines for people, escaped. */
  log(line: string): void
}

/** Runs until the client leaves or `signal` is aborted. Throws SERVER_FAILED when the server cannot be started or ends first. */
export async function proxyMcp(
  request: GuardedCommand,
  { input, output }: { readonly input: Readable; readonly output: Writable },
): Promise<void> {
  const { guarded, server } = await openGuarded(request)
  const ended = Promise.withResolvers<void>()
  // Told below, unless the server could not even be started.
  ended.promise.catch(() => {})
  const sending = new Set<Promise<void>>()
  let isLeaving = false
  guarded.onmessage = (message) => writeLine(output, message)
  guarded.onerror = (error) => request.log(lineOf(error))
  guarded.onclose = () => (isLeaving ? ended.resolve() : ended.reject(serverEnded()))
  await start(guarded)
  const leave = (): void => {
    isLeaving = true
    server.close().then(ended.resolve, ended.reject)
  }
  const stop = readLines(input, {
    onMessage: (message) => {
      const sent = send(guarded, message, output)
      sending.add(sent)
      void sent.finally(() => sending.delete(sent))
    },
    onEnd: (error) => {
      if (error !== undefined) request.log(lineOf(error))
      // What waits for a check was asked before the client left.
      void Promise.allSettled(sending).then(leave)
    },
    reply: (message) => writeLine(output, message),
  })
  request.signal.addEventListener('abort', leave, { once: true })
  try {
    if (request.signal.aborted) leave()
    await ended.promise
  } finally {
    request.signal.removeEventListener('abort', leave)
    stop()
    isLeaving = true
    await server.close()
  }
}

export interface GuardCheck {
  /** What a client would be shown. */
  readonly tools: readonly string[]
  readonly quarantined: readonly Quarantined[]
  readonly missing: readonly string[]
}

/** Starts the server, compares its list once, and ends it. Throws SERVER_FAILED and what listing throws. */
export async function checkMcp(request: GuardedCommand): Promise<GuardCheck> {
  const quarantined: Quarantined[] = []
  let missing: readonly string[] = []
  const options: GuardOptions = {
    ...request.options,
    onQuarantine: (event) => void quarantined.push(event),
    onMissing: (names) => {
      missing = names
    },
  }
  const { guarded } = await openGuarded({ ...request, options })
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js')
  const client = new Client({ name: 'toolmark', version: '1' })
  let failure: Error | undefined
  client.onerror = (error) => {
    failure ??= error
  }
  try {
    await client.connect(guarded, { signal: request.signal })
    const { tools } = await client.listTools({}, { signal: request.signal })
    return { tools: tools.map(({ name }) => name), quarantined, missing }
  } catch (cause) {
    request.signal.throwIfAborted()
    throw isRegistryError(failure) ? failure : notStarted(failure ?? cause)
  } finally {
    await client.close()
  }
}

async function openGuarded(
  request: GuardedCommand,
): Promise<{ readonly guarded: Transport; readonly server: StdioClientTransport }> {
  const { command, env, log } = request
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js')
  const given = Object.entries(env).filter(
    // The keys here are nothing to the server.
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !entry[0].startsWith('TOOLMARK_'),
  )
  const server = new StdioClientTransport({
    command,
    args: [...request.args],
    env: Object.fromEntries(given),
    stderr: 'pipe',
  })
  logLines(server.stderr as Readable | null, log)
  return { guarded: guardMcp(server, request.tools, request.options), server }
}

async function start(guarded: Transport): Promise<void> {
  try {
    await guarded.start()
  } catch (cause) {
    throw notStarted(cause)
  }
}

/** Every request has an answer, also when it could not be sent. */
async function send(
  guarded: Transport,
  message: Message | readonly Message[],
  output: Writable,
): Promise<void> {
  const all = Array.isArray(message) ? (message as readonly Message[]) : [message as Message]
  await Promise.all(
    all.map(async (one) => {
      try {
        await guarded.send(one)
      } catch (error) {
        const { id } = one as Loose
        if (kindOf(one) === 'request') writeLine(output, refusal(id, asRefusal(error, id)))
      }
    }),
  )
}

function asRefusal(error: unknown, id: unknown): RegistryError {
  if (isRegistryError(error)) return error
  return new RegistryError('SERVER_FAILED', 'The MCP server could not be sent this.', {
    expected: 'a server that listens',
    got: `request ${idKey(id)} not sent`,
    next: 'Start it again.',
    cause: error,
  })
}

/** A server’s log is a stranger’s text, and must not pass for the guard’s own: each line is escaped and says whose it is. */
function logLines(stream: Readable | null, log: (line: string) => void): void {
  let rest = ''
  stream?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
    for (const line of lines) log(`server: ${escapeText(line.slice(0, LONGEST_LINE))}`)
  })
  stream?.on('end', () => {
    if (rest !== '') log(`server: ${escapeText(rest)}`)
  })
}

function lineOf(error: Error): string {
  const got = isRegistryError(error) ? error.details.got : undefined
  return escapeText(got === undefined ? error.message : `${error.message} (got ${got})`)
}

function notStarted(cause: unknown): RegistryError {
  return new RegistryError('SERVER_FAILED', 'The MCP server could not be used.', {
    expected: 'a command that starts an MCP server on its standard input and output',
    got: cause instanceof Error ? cause.message.slice(0, 1_000) : String(cause),
    next: 'Run the command after -- by hand.',
    cause,
  })
}

function serverEnded(): RegistryError {
  return new RegistryError('SERVER_FAILED', 'The MCP server has ended.', {
    expected: 'a server that runs until its client leaves',
    got: 'the end of its process',
    next: 'See its last words above, and start it again.',
  })
}
