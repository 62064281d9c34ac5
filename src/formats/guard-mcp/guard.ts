// A live MCP connection on which only the verified tools can be seen and called. It stands between an agent’s client and the server’s
// transport, answers `tools/list` itself from what it has compared, and lets nothing through that the client did not ask for.
// What tools answer, prompts, resources, sampling and elicitation pass as they are (docs/agents.md).

import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { MessageExtraInfo } from '@modelcontextprotocol/sdk/types.js'
import { isJsonObject, isRegistryError } from '../../lib/index.ts'
import { judge, type LockedTool, lockedByName } from './compare/judge.ts'
import { createGuardGroup, type GuardGroup } from './group.ts'
import { type InstructionRule, parseInstructionRule, withholdWords } from './instructions.ts'
import { createLister, type Lister } from './listing.ts'
import { createNews, type News } from './news.ts'
import type { GuardOptions } from './options.ts'
import { noCursor, nonsense, noSuchMethod, notCallable, unasked } from './refusals.ts'
import { createReporter } from './report.ts'
import { createWatch, type Watch } from './watch.ts'
import { answer, idKey, kindOf, type Loose, type Message, paramsOf, refusal } from './wire.ts'

/**
 * The transport to connect the agent’s client to, in place of the one given. `tools` are those of this server’s release, as `loadTools`
 * answers them. Throws NOTHING_TO_VERIFY, USAGE or HASH_MISMATCH at once. Refused calls are answered with the JSON-RPC error -32090.
 */
export function guardMcp(
  transport: Transport,
  tools: readonly LockedTool[],
  options: GuardOptions = {},
): Transport {
  // The SDK’s own types are not written for exactOptionalPropertyTypes.
  return new McpGuard(transport, tools, options) as unknown as Transport
}

const LIST_CHANGED = 'notifications/tools/list_changed'

type Sending = TransportSendOptions | undefined

class McpGuard {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: <T extends Message>(message: T, extra?: MessageExtraInfo) => void
  readonly #inner: Transport
  readonly #group: GuardGroup
  readonly #instructions: InstructionRule
  readonly #lister: Lister
  readonly #watch: Watch
  readonly #news: News
  readonly #maxAge: number
  readonly #locked: ReadonlyMap<string, LockedTool>
  /** Requests that the server was sent and has not answered: id → method. */
  readonly #pending = new Map<string, string>()
  /** Requests that wait for a check. */
  readonly #held = new Set<string>()
  #isReady = false

  constructor(transport: Transport, tools: readonly LockedTool[], options: GuardOptions) {
    const { group = createGuardGroup(), timeout = 30_000, maxAge = 60_000 } = options
    const locked = lockedByName(tools)
    this.#instructions = parseInstructionRule(options.allowInstructions)
    this.#inner = transport
    this.#locked = locked
    this.#group = group
    this.#maxAge = maxAge
    group.take(locked.keys(), this)
    this.#lister = createLister((message) => this.#inner.send(message))
    const report = createReporter(options, (error) => this.#fail(error))
    this.#watch = createWatch({
      list: (left) => this.#lister.list(left),
      judge: (listed) =>
        judge(listed, { tools: locked, isTaken: (name) => group.isTaken(name, this) }),
      onJudged: report,
      timeout,
    })
    this.#news = createNews({
      look: async () => this.#isReady && (await this.#watch.current(maxAge)),
      pass: (notice) => this.#deliver(notice),
      onError: (error) => this.#fail(error),
    })
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion?.(version)
  }

  async start(): Promise<void> {
    const { onclose, onerror, onmessage } = this.#inner
    this.#inner.onclose = () => {
      onclose?.()
      this.#closed()
    }
    this.#inner.onerror = (error) => {
      onerror?.(error)
      this.onerror?.(error)
    }
    this.#inner.onmessage = (message, extra) => {
      onmessage?.(message, extra)
      this.#receive(message, extra)
    }
    // A client that takes a session up again does not initialize it.
    this.#isReady = this.#inner.sessionId !== undefined
    await this.#inner.start()
  }

  async close(): Promise<void> {
    await this.#inner.close()
  }

  async send(message: Message | readonly Message[], options?: TransportSendOptions): Promise<void> {
    // A batch is taken apart: each of its requests is answered for itself.
    if (Array.isArray(message)) {
      await Promise.all(message.map((one: Message) => this.send(one, options)))
      return
    }
    const loose = message as Loose
    const kind = kindOf(loose)
    const { method } = loose
    if (kind === 'nonsense') throw nonsense('client')
    if (kind === 'notification') this.#notice(loose)
    // A call that asks for no answer is a call all the same.
    if (kind === 'notification' && isAboutTools(method)) throw nonsense('client')
    if (kind !== 'request') return await this.#inner.send(message as Message, options)
    if (method === 'tools/list') return await this.#list(loose)
    if (method === 'tools/call') return await this.#call(loose, options)
    // A way to tools that this guard does not know is closed.
    if (isAboutTools(method)) return this.#deliver(noSuchMethod(loose))
    await this.#forward(loose, options)
  }

  async #list(request: Loose): Promise<void> {
    await this.#hold(request, async () => {
      // All pages are one here, so no cursor was ever given out.
      if (paramsOf(request).cursor !== undefined) throw noCursor()
      const { allowed } = await this.#watch.current(0)
      return async () =>
        this.#deliver(answer(request.id, { tools: structuredClone([...allowed.values()]) }))
    })
  }

  async #call(request: Loose, options: Sending): Promise<void> {
    const { name } = paramsOf(request)
    await this.#hold(request, async () => {
      const judged = await this.#watch.current(this.#maxAge)
      if (typeof name === 'string' && judged.allowed.has(name)) {
        return () => this.#forward(request, options)
      }
      throw notCallable(name, judged, this.#locked)
    })
  }

  /** Decides, then does. What `decide` throws is answered; what the transport throws on sending is for the client to see. */
  async #hold(request: Loose, decide: () => Promise<() => Promise<void>>): Promise<void> {
    const key = idKey(request.id)
    this.#isReady = true
    this.#held.add(key)
    let proceed: () => Promise<void>
    try {
      proceed = await decide()
    } catch (error) {
      if (!isRegistryError(error, 'TOOL_QUARANTINED')) this.#fail(error)
      proceed = async () => this.#deliver(refusal(request.id, error))
    }
    // Cancelled meanwhile, or the connection has ended: nobody waits for it.
    if (this.#held.delete(key)) await proceed()
  }

  async #forward(request: Loose, options: Sending): Promise<void> {
    const key = idKey(request.id)
    this.#pending.set(key, String(request.method))
    try {
      await this.#inner.send(request as Message, options)
    } catch (error) {
      this.#pending.delete(key)
      throw error
    }
  }

  /** What the client announces. */
  #notice({ method, ...rest }: Loose): void {
    if (method === 'notifications/initialized') this.#isReady = true
    if (method !== 'notifications/cancelled') return
    const key = idKey(paramsOf(rest).requestId)
    this.#held.delete(key)
    this.#pending.delete(key)
  }

  #receive(message: unknown, extra: MessageExtraInfo | undefined): void {
    if (Array.isArray(message)) {
      for (const one of message) this.#receive(one, extra)
      return
    }
    const kind = kindOf(message)
    if (kind === 'nonsense' || !isJsonObject(message)) this.#fail(nonsense('server'))
    else if (kind === 'response') this.#answered(message, extra)
    else if (message.method === LIST_CHANGED) {
      this.#watch.doubt()
      this.#news.take(message as Message)
    } else this.#deliver(message as Message, extra)
  }

  #answered(message: Loose, extra: MessageExtraInfo | undefined): void {
    if (this.#lister.take(message)) return
    const method = this.#pending.get(idKey(message.id))
    // An error about what could not even be read has no id.
    const isAboutNone = (message.id ?? undefined) === undefined && 'error' in message
    // Stops a server from answering what it was never asked, such as the `tools/list` that the guard answers.
    if (method === undefined && !isAboutNone) {
      this.#fail(unasked())
      return
    }
    this.#pending.delete(idKey(message.id))
    const isGreeting = method === 'initialize'
    this.#deliver(
      (isGreeting ? withholdWords(message, this.#instructions) : message) as Message,
      extra,
    )
  }

  #deliver(message: Message, extra?: MessageExtraInfo): void {
    if (extra === undefined) this.onmessage?.(message)
    else this.onmessage?.(message, extra)
  }

  #closed(): void {
    this.#news.close()
    this.#lister.close()
    this.#held.clear()
    this.#pending.clear()
    this.#group.leave(this)
    this.onclose?.()
  }

  #fail(error: unknown): void {
    this.onerror?.(error instanceof Error ? error : new Error(String(error)))
  }
}

function isAboutTools(method: unknown): boolean {
  return String(method).startsWith('tools/')
}
