// A stream muxer behind a guard. libp2p's yamux buffers a data frame until it is whole, whatever length it claims, so one
// header of twelve bytes can make it wait for, and hold, 4 GiB. The guard reads the headers first and ends such a connection.

import type {
  MessageStream,
  MultiaddrConnection,
  StreamMessageEvent,
  StreamMuxer,
  StreamMuxerFactory,
} from '@libp2p/interface'
import { RegistryError } from '../lib/index.ts'
import { partsOf } from './parts.ts'

const HEADER = 12
const DATA = 0

/** Finds the frames in a yamux byte stream and throws PEER_LIMIT when one claims more than `limit` bytes of data. */
export class YamuxScan {
  readonly #limit: number
  readonly #header = new Uint8Array(HEADER)
  #have = 0
  #skip = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at)
        this.#skip -= step
        at += step
        continue
      }
      const part = chunk.subarray(at, at + HEADER - this.#have)
      this.#header.set(part, this.#have)
      this.#have += part.length
      at += part.length
      if (this.#have === HEADER) this.#readHeader()
    }
  }

  #readHeader(): void {
    this.#have = 0
    if (this.#header[1] !== DATA) return
    const length = new DataView(this.#header.buffer).getUint32(8)
    if (length > this.#limit) {
      throw new RegistryError('PEER_LIMIT', 'A peer announced more data than its window allows.', {
        expected: `at most ${this.#limit} bytes`,
        got: `${length} bytes`,
      })
    }
    this.#skip = length
  }
}

/** `limit` is the largest stream window: an honest frame never exceeds it. */
export function guardMuxer(inner: StreamMuxerFactory, limit: number): StreamMuxerFactory {
  return {
    protocol: inner.protocol,
    createStreamMuxer(connection: MessageStream): StreamMuxer {
      const scan = new YamuxScan(limit)
      const onMessage = (event: StreamMessageEvent): void => {
        try {
          for (const part of partsOf(event.data)) scan.push(part)
        } catch (error) {
          event.stopImmediatePropagation()
          connection.abort(error as Error)
        }
      }
      // Listeners run in the order they were added: this one before the muxer's.
      connection.addEventListener('message', onMessage)
      return inner.createStreamMuxer(connection as MultiaddrConnection)
    },
  }
}
