// What the index map has under a key, proven by a path of its nodes. Pure.

import { type Cid, cidOf } from '../cid/index.ts'
import { verifyName } from '../log/index.ts'
import { assertCid, mismatch } from './mismatch.ts'

/**
 * What the map has under a key, by a path of its nodes and, if there is something, its bytes at the end; undefined when the path proves that
 * there is nothing. `isValue` only tells nodes and values apart; what the bytes are is checked by their hash and their parser.
 */
export function verifyValue(
  root: Cid,
  name: string,
  path: readonly Uint8Array[],
  isValue: (bytes: Uint8Array) => boolean,
): Uint8Array | undefined {
  const last = path.at(-1)
  if (last === undefined || !isValue(last)) {
    const found = verifyName({ root, name, nodes: path })
    if (found === undefined) return undefined
    throw mismatch('PROOF_INVALID', 'The index names a history that was not sent along.', {
      expected: found,
      got: 'nothing',
    })
  }
  const cid = verifyName({ root, name, nodes: path.slice(0, -1) })
  if (cid === undefined) {
    throw mismatch(
      'PROOF_INVALID',
      'The index proves this name absent, and a history was sent along.',
      { expected: 'no history', got: cidOf(last) },
    )
  }
  assertCid(cid, last, `history of ${name}`)
  return last
}

/** Only to tell the two ends of a path apart. */
export function isHistory(bytes: Uint8Array): boolean {
  return utf8Text(bytes).includes('{"kind":"history/v1"')
}

/** The same, for the log’s state. */
export function isAuthorityBlock(bytes: Uint8Array): boolean {
  return utf8Text(bytes).includes('"kind":"authority/v1"')
}

function utf8Text(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
