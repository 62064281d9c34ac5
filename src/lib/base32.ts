// RFC 4648 base32, lower case, without padding: the `b` multibase. Small enough to own, and 15 times faster than a CID class.

import { RegistryError } from './errors.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const VALUE_OF: ReadonlyMap<string, number> = new Map([...ALPHABET].map((char, i) => [char, i]))

export function encodeBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(held >> bits) & 31]
    }
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text
}

/** Throws CID_INVALID for a character outside the alphabet. Left-over bits are dropped: callers that need one spelling encode again. */
export function decodeBase32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8))
  let bits = 0
  let held = 0
  let at = 0
  for (const char of text) {
    const value = VALUE_OF.get(char)
    if (value === undefined) {
      throw new RegistryError('CID_INVALID', 'This text is not lower-case base32.', {
        expected: ALPHABET,
        got: JSON.stringify(char),
      })
    }
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (held >> bits) & 255
    }
  }
  return bytes
}
