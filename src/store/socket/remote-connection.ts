// One socket to a node that shares its store: requests out, answers matched by id. When the node goes away, everything
// under way and everything later ends with CLOSED.

import { connect, type Socket } from 'node:net'
import { FrameReader, frame, isRegistryError, RegistryError } from '../../lib/index.ts'
import { closed } from '../checks.ts'
import { translateFailure } from '../level/failures.ts'
import { type Codec, FRAME_LIMIT, loadCodec, malformed, parseError } from './wire.ts'

interface Waiting {
  readonly resolve: (ok: unknown) => void
  readonly reject: (error: unknown) => void
}

const GONE =
  'The node that shared this store has stopped. Run the command again; what was not acknowledged may or may not be kept.'

export class RemoteConnection {
  readonly #socket: Socket
  readonly #codec: Codec
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #failure: RegistryError | undefined

  private constructor(socket: Socket, codec: Codec) {
    this.#socket = socket
    this.#codec = codec
    const reader = new FrameReader(FRAME_LIMIT)
    socket.on('data', (chunk) => this.#receive(reader, chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#fail(closed(GONE)))
    // An idle connection keeps no process alive, as an open LevelDB does not.
    socket.unref()
  }

  /** undefined when nobody listens at this address. */
  static async open(address: string): Promise<RemoteConnection | undefined> {
    const socket = await dial(address)
    return socket === undefined ? undefined : new RemoteConnection(socket, await loadCodec())
  }

  /** `id` names the request to a later one; see `nextId`. */
  async ask(op: string, args: readonly unknown[], id: number = this.nextId()): Promise<unknown> {
    if (this.#failure !== undefined) throw this.#failure
    const bytes = this.#codec.encode({ id, op, args })
    if (bytes.length > FRAME_LIMIT) {
      throw new RegistryError('LIMIT_EXCEEDED', 'This is too much for one message to the node.', {
        expected: `at most ${FRAME_LIMIT} bytes`,
        got: `${bytes.length} bytes`,
        next: 'Stop the node and run the command again, or do the work in smaller parts.',
      })
    }
    this.#socket.ref()
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket.write(frame(bytes))
    })
  }

  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  close(): void {
    this.#fail(closed())
    this.#socket.destroy()
  }

  #receive(reader: FrameReader, chunk: Uint8Array): void {
    try {
      for (const bytes of reader.push(chunk)) this.#settle(this.#codec.decode(bytes))
    } catch (error) {
      this.#fail(isRegistryError(error) ? error : malformed('an answer', error))
      this.#socket.destroy()
    }
  }

  #settle(answer: unknown): void {
    if (!(answer instanceof Map)) throw malformed('an answer', answer)
    const id: unknown = answer.get('id')
    // An answer to nobody: the node could not read a message of ours at all.
    if (id === null) throw parseError(answer.get('error'))
    const waiting = typeof id === 'number' ? this.#waiting.get(id) : undefined
    if (typeof id !== 'number' || waiting === undefined) return
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#socket.unref()
    if (answer.has('error')) waiting.reject(parseError(answer.get('error')))
    else waiting.resolve(answer.get('ok'))
  }

  #fail(error: RegistryError): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#failure)
    this.#waiting.clear()
  }
}

function dial(address: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
    socket.once('error', (error) => {
      const code = 'code' in error ? String(error.code) : ''
      // Left over from a crash, or stopping right now; EAGAIN is a full queue, worth another round.
      if (['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EAGAIN'].includes(code)) resolve(undefined)
      else reject(translateFailure(error))
    })
  })
}
