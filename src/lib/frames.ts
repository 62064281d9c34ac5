// Frames on a byte stream: a u32 big-endian length, then that many bytes. The length is checked before anything is
// buffered, so that a peer that claims 4 GiB costs four bytes.

import { RegistryError } from './errors.ts'

const HEADER = 4
const FIRST = 1024
/** Room for so many times what has arrived. */
const GROWTH = 4

export function frame(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([frameHeader(bytes.length), bytes])
}

/** What goes before so many bytes. */
export function frameHeader(length: number): Uint8Array {
  const header = Buffer.allocUnsafe(HEADER)
  header.writeUInt32BE(length)
  return header
}

/** Cuts a stream into frames, whatever the chunks it arrives in. Holds at most one unfinished frame. */
export class FrameReader {
  readonly #limit: number
  /** Grows with what has arrived, never with what was announced; a peer of one-byte packets costs no more than others. */
  #buffer: Uint8Array = new Uint8Array(FIRST)
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
      this.#keep(part)
      if (part.length < missing) break
      if (this.#wanted === undefined) this.#readHeader()
      if (this.#held === this.#wanted) frames.push(this.#take())
    }
    return frames
  }

  #keep(part: Uint8Array): void {
    const needed = this.#held + part.length
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.min(this.#wanted ?? HEADER, needed * GROWTH))
      larger.set(this.#buffer.subarray(0, this.#held))
      this.#buffer = larger
    }
    this.#buffer.set(part, this.#held)
    this.#held = needed
  }

  #readHeader(): void {
    const length = new DataView(this.#buffer.buffer).getUint32(0)
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
    this.#wanted = HEADER + length
  }

  #take(): Uint8Array {
    const bytes = this.#buffer.subarray(HEADER, this.#held)
    // A buffer that has grown has grown for this frame, and ends with it: whoever gets the frame gets the buffer.
    const isOwn = this.#buffer.length > FIRST
    const whole = isOwn ? bytes : bytes.slice()
    if (isOwn) this.#buffer = new Uint8Array(FIRST)
    this.#held = 0
    this.#wanted = undefined
    return whole
  }
}
