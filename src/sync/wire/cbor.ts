// CBOR (RFC 8949) as this protocol speaks it: definite lengths, shortest forms, no tags, no floats, no duplicate keys.
// A scan without recursion goes first, because a decoder that recurses can be made to overflow its stack by a peer
// (a megabyte of nested one-element arrays), and one that counts lazily can be made to build a million objects.

import { decode, encode } from 'cborg'
import { RegistryError } from '../../lib/index.ts'

/** Deepest message: answer → ok → logs → log → entries → entry → bundles. */
const MAX_DEPTH = 7
/** Largest honest message: 1,024 CIDs, or 64 entries of 16 bundles each. */
const MAX_ITEMS = 8192

export function encodeCbor(value: unknown): Uint8Array {
  return encode(value)
}

/**
 * Throws MESSAGE_INVALID. Maps come back as Map, so that no key can reach an object's prototype; strings of bytes as views of the message,
 * which stays as long as one of them: whoever keeps few of its bytes for long copies them.
 */
export function decodeCbor(bytes: Uint8Array): unknown {
  scan(bytes)
  try {
    const { buffer, byteOffset, length } = bytes
    return decode(new Message(buffer as ArrayBuffer, byteOffset, length), {
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      allowBigInt: false,
      strict: true,
      useMaps: true,
      rejectDuplicateMapKeys: true,
      tags: {},
    })
  } catch (cause) {
    throw invalid('it does not decode', cause)
  }
}

/** The decoder copies every string of bytes that it finds. Nobody writes into a message that has come, so views of it will do. */
class Message extends Uint8Array<ArrayBuffer> {
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array
  }

  override slice(start: number, end: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end) as Uint8Array<ArrayBuffer>
  }
}

function scan(bytes: Uint8Array): void {
  const open: number[] = [1]
  let at = 0
  let items = 0
  while (open.length > 0) {
    const left = open.pop() ?? 0
    if (left === 0) continue
    open.push(left - 1)
    items += 1
    if (items > MAX_ITEMS) throw invalid(`it holds more than ${MAX_ITEMS} items`)
    const head = readHead(bytes, at)
    at = head.next
    if (head.major === 2 || head.major === 3) at += head.value
    else if (head.major === 4 || head.major === 5) {
      if (open.length > MAX_DEPTH) throw invalid(`it nests deeper than ${MAX_DEPTH} levels`)
      open.push(head.major === 4 ? head.value : head.value * 2)
    } else if (head.major === 6) throw invalid('it uses a tag')
    else if (head.major === 7 && (head.value < 20 || head.value > 22 || head.wide)) {
      throw invalid('it holds a float or a simple value other than false, true and null')
    }
    if (at > bytes.length) throw invalid('it ends too early')
  }
  if (at !== bytes.length) throw invalid('bytes follow the message')
}

interface Head {
  readonly major: number
  readonly value: number
  readonly wide: boolean
  readonly next: number
}

function readHead(bytes: Uint8Array, at: number): Head {
  const first = bytes[at]
  if (first === undefined) throw invalid('it ends too early')
  const major = first >> 5
  const info = first & 31
  if (info < 24) return { major, value: info, wide: false, next: at + 1 }
  if (info > 27) throw invalid('it uses an indefinite or reserved length')
  const width = 1 << (info - 24)
  if (at + 1 + width > bytes.length) throw invalid('it ends too early')
  let value = 0
  for (let i = 1; i <= width; i += 1) value = value * 256 + (bytes[at + i] ?? 0)
  return { major, value, wide: true, next: at + 1 + width }
}

function invalid(problem: string, cause?: unknown): RegistryError {
  return new RegistryError(
    'MESSAGE_INVALID',
    `This is not a message of the protocol: ${problem}.`,
    {
      expected: 'one definite-length CBOR map as docs/protocol.md describes it',
      next: 'The other side speaks another protocol or is broken; use another peer.',
      ...(cause === undefined ? {} : { cause }),
    },
  )
}
