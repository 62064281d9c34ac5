// SHA-256 through Node's one-shot call, which costs a third of a hash object for small inputs. Asked for a buffer it allocates
// memory of its own for 32 bytes; a string of bytes costs half of that.

import { hash } from 'node:crypto'

/** 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary')
}

/** The same, as the 32 bytes of `target` from `at` on. */
export function writeSha256(bytes: Uint8Array, target: Buffer, at: number): void {
  target.write(hash('sha256', bytes, 'binary'), at, 'latin1')
}

/** 64 lower-case hex digits; of a text those of its UTF-8. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex')
}
