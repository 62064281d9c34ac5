// Sharing a store with other processes of the same user, over a unix socket that only its owner can open. What a
// connection has locked is released when it ends, however it ends.

import { chmod } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { FrameReader, frame, RegistryError } from '../lib/index.ts'
import { translateFailure } from './level/failures.ts'
import { realFolder } from './open-level.ts'
import { clearSocket, findSocket, makeSocketPath } from './socket/path.ts'
import { connectStore } from './socket/remote.ts'
import { answer } from './socket/serve.ts'
import {
  asSize,
  asText,
  asTuple,
  type Codec,
  FRAME_LIMIT,
  findId,
  formatError,
  loadCodec,
  malformed,
  parseRequest,
} from './socket/wire.ts'
import type { Store } from './store.ts'

/** A pending or granted lock of one connection, by the id of the request that asked for it. */
interface Claim {
  readonly abort: AbortController
  held?: AsyncDisposable
}

/** What a running node answers beside its store, by what is asked: texts, whose meaning is the node's own. */
export type NodeAnswers = Readonly<Record<string, () => Promise<string>>>

/** Serves `store` to everyone who calls `openStore(folder)`, until disposed. Does not dispose the store. */
export async function shareStore(
  store: Store,
  folder: string,
  answers: NodeAnswers = {},
): Promise<AsyncDisposable> {
  const path = await realFolder(folder)
  await assertUnshared(path)
  const codec = await loadCodec()
  const connections = new Set<Connection>()
  const server = createServer((socket) => {
    const connection = new Connection({ store, answers, codec, socket })
    connections.add(connection)
    void connection.serve().finally(() => connections.delete(connection))
  })
  try {
    await clearSocket(path)
    const address = await makeSocketPath(path)
    await listen(server, address)
    await chmod(address, 0o600)
  } catch (error) {
    server.close()
    throw translateFailure(error)
  }
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      if (!server.listening) return
      const ended = new Promise((resolve) => server.close(resolve))
      await Promise.all([...connections].map((connection) => connection.stop()))
      await ended
      await clearSocket(path)
    },
  }
}

/** A socket nobody answers is left over from a crash, and is replaced; one that answers belongs to a running node. */
export async function assertUnshared(folder: string): Promise<void> {
  const path = await realFolder(folder)
  const address = await findSocket(path)
  const other = address === undefined ? undefined : await connectStore(address)
  if (other === undefined) return
  await other[Symbol.asyncDispose]()
  throw new RegistryError('STORE_BUSY', `A node already shares the store in ${path}.`, {
    next: 'Stop that node first, or use it as it is: other commands join it by themselves.',
  })
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, () => {
      server.off('error', reject)
      // A failed accept (too many open files) concerns one client, not this process.
      server.on('error', () => {})
      resolve()
    })
  })
}

interface Shared {
  readonly store: Store
  readonly answers: NodeAnswers
  readonly codec: Codec
  readonly socket: Socket
}

class Connection {
  readonly #store: Store
  readonly #answers: NodeAnswers
  readonly #codec: Codec
  readonly #socket: Socket
  readonly #claims = new Map<number, Claim>()
  #busy: Promise<void> = Promise.resolve()

  constructor({ store, answers, codec, socket }: Shared) {
    this.#store = store
    this.#answers = answers
    this.#codec = codec
    this.#socket = socket
    socket.on('error', () => {})
  }

  /** One request at a time, so that a fast sender waits for itself; only waiting for a lock holds nobody up. */
  async serve(): Promise<void> {
    const reader = new FrameReader(FRAME_LIMIT)
    try {
      // Kept open when reading fails, so that the reason can still be sent.
      for await (const chunk of this.#socket.iterator({ destroyOnReturn: false })) {
        for (const bytes of reader.push(chunk)) {
          this.#busy = this.#handle(bytes)
          await this.#busy
        }
      }
    } catch (error) {
      // An oversized frame or a lost connection: the stream cannot be read any further.
      if (!this.#socket.destroyed) await this.#send(formatError(null, error))
    } finally {
      this.#socket.destroy()
      await this.#releaseAll()
    }
  }

  /** Lets the request under way finish, so that its answer and what it did agree. */
  async stop(): Promise<void> {
    await this.#busy.catch(() => {})
    this.#socket.destroy()
    await this.#releaseAll()
  }

  async #handle(bytes: Uint8Array): Promise<void> {
    let id: number | undefined
    try {
      const message = this.#codec.decode(bytes)
      id = findId(message)
      const request = parseRequest(message)
      if (request.op === 'lock') this.#lock(request.id, request.args)
      else await this.#send({ id, ok: await this.#answer(request.op, request.args) })
    } catch (error) {
      await this.#send(formatError(id ?? null, error))
    }
  }

  async #answer(op: string, args: readonly unknown[]): Promise<unknown> {
    if (op === 'unlock') return await this.#unlock(asSize(asTuple(args, 1)[0]))
    if (op === 'ask') return await this.#tell(asText(asTuple(args, 1)[0]))
    return await answer(this.#store, op, args)
  }

  /** CBOR null for what this node has no answer to. */
  async #tell(about: string): Promise<string | null> {
    const tell = Object.hasOwn(this.#answers, about) ? this.#answers[about] : undefined
    return tell === undefined ? null : await tell()
  }

  #lock(id: number, args: readonly unknown[]): void {
    const name = asText(asTuple(args, 1)[0])
    if (this.#claims.has(id)) throw malformed('an id that is not in use', String(id))
    const claim: Claim = { abort: new AbortController() }
    this.#claims.set(id, claim)
    void this.#grant(id, name, claim)
  }

  async #grant(id: number, name: string, claim: Claim): Promise<void> {
    try {
      const held = await this.#store.lock(name, { signal: claim.abort.signal })
      claim.held = held
      // Given up, or the connection gone, in the very turn it was granted.
      if (this.#claims.get(id) !== claim) return await held[Symbol.asyncDispose]()
      await this.#send({ id, ok: null })
    } catch (error) {
      this.#claims.delete(id)
      await this.#send(formatError(id, error))
    }
  }

  async #unlock(id: number): Promise<null> {
    const claim = this.#claims.get(id)
    this.#claims.delete(id)
    claim?.abort.abort()
    await claim?.held?.[Symbol.asyncDispose]()
    return null
  }

  async #releaseAll(): Promise<void> {
    await Promise.all([...this.#claims.keys()].map((id) => this.#unlock(id)))
  }

  async #send(message: unknown): Promise<void> {
    if (this.#socket.destroyed) return
    const bytes = frame(this.#codec.encode(message))
    await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()))
  }
}
