// SHA-256 through Node's one-shot call, which costs a third of a hash object for small inputs. Asked for a buffer it allocates
// memory of its own for 32 bytes; a string of bytes costs half of that.

import { hash } from 'node:crypto'

/** 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary')
}

/** 64 lower-case hex digits; of a text those of its UTF-8. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex')
}
