// Good form, wrong content: the error of every check in this module, and the check of bytes against their name.

import { type Cid, cidOf } from '../cid/index.ts'
import { RegistryError } from '../lib/index.ts'

export function mismatch(
  code: 'HASH_MISMATCH' | 'SUBJECT_MISMATCH' | 'PROOF_INVALID' | 'SEQUENCE_INVALID',
  message: string,
  details: { readonly expected: string; readonly got: string; readonly next?: string },
): RegistryError {
  return new RegistryError(code, message, {
    next: 'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
    ...details,
  })
}

/** Throws HASH_MISMATCH unless these are exactly the bytes that the CID names. */
export function assertCid(cid: Cid, bytes: Uint8Array, what: string): void {
  const got = cidOf(bytes)
  if (got === cid) return
  throw mismatch('HASH_MISMATCH', `The bytes of the ${what} are not the ones that were signed.`, {
    expected: cid,
    got,
    next: 'Do not use them. Pull again from another peer, and tell the publisher.',
  })
}
