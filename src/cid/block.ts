// Bytes under the name they hash to.

import { type Cid, cidOf } from './cid.ts'

export interface Block {
  readonly cid: Cid
  readonly bytes: Uint8Array
}

const hashed = new WeakSet<Block>()

/** Hashes the bytes, once for all who get the block: nobody may change them any more. */
export function blockOf(bytes: Uint8Array): Block {
  const block = Object.freeze({ cid: cidOf(bytes), bytes })
  hashed.add(block)
  return block
}

/** Whether its name was worked out by `blockOf`, in this process. */
export function isHashed(block: Block): boolean {
  return hashed.has(block)
}
