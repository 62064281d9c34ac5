// Frames on a byte stream: a u32 big-endian length, then that many bytes. The length is checked before anything is
// buffered, so that a peer that claims 4 GiB costs four bytes.

import { RegistryError } from './errors.ts'

const HEADER = 4

export function frame(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(HEADER + bytes.length)
  new DataView(framed.buffer).setUint32(0, bytes.length)
  framed.set(bytes, HEADER)
  return framed
}

/** Cuts a stream into frames, whatever the chunks it arrives in. Holds at most one unfinished frame. */
export class FrameReader {
  readonly #limit: number
  #chunks: Uint8Array[] = []
  #held = 0
  /** Bytes of the frame under way, header included; undefined until its header is complete. */
  #wanted: number | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** True when the stream may end here. */
  get empty(): boolean {
    return this.#held === 0
  }

  /** The frames that this chunk completes. Throws PEER_LIMIT for an oversized one; the stream is then beyond use. */
  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    let rest = chunk
    while (rest.length > 0) {
      const missing = (this.#wanted ?? HEADER) - this.#held
      const part = rest.subarray(0, missing)
      rest = rest.subarray(part.length)
      this.#chunks.push(part)
      this.#held += part.length
      if (part.length < missing) break
      if (this.#wanted === undefined) this.#readHeader()
      if (this.#held === this.#wanted) frames.push(this.#take())
    }
    return frames
  }

  #readHeader(): void {
    const header = Buffer.concat(this.#chunks)
    const length = header.readUInt32BE(0)
    if (length > this.#limit) {
      throw new RegistryError(
        'PEER_LIMIT',
        'The other side announced a message that is too long.',
        {
          expected: `at most ${this.#limit} bytes`,
          got: `${length} bytes`,
          next: 'Check that both sides run the same version of this program.',
        },
      )
    }
    this.#chunks = [header]
    this.#wanted = HEADER + length
  }

  #take(): Uint8Array {
    const whole = Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#held = 0
    this.#wanted = undefined
    return new Uint8Array(whole.buffer, whole.byteOffset + HEADER, whole.length - HEADER)
  }
}
