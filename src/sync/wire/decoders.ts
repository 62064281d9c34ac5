// Fields that several ops have, and the form of a table of ops.

import { type Cid, isCid } from '../../cid/index.ts'
import type { SignedStatement } from '../../resolve/index.ts'
import { isPublisherId, LIMITS, type PublisherId } from '../../spec/index.ts'
import { bytes, type Decode, type Fields, list, record, refuse } from './fields.ts'

export const MAX_ENTRIES = 64
/** An audit path has one hash a level, a consistency proof at most two; sizes stay below 2^53. */
export const MAX_HASHES = 108
const MAX_BUNDLES = 16

export type OpTable<Asks, Answers extends { readonly [K in keyof Asks]: unknown }> = {
  readonly [K in keyof Asks]: {
    readonly ask: Fields<Asks[K]>
    readonly answer: Decode<Answers[K]>
  }
}

export const publisher: Decode<PublisherId> = (value, path) =>
  isPublisherId(value) ? value : refuse(path, 'a publisher id', value)
export const cid: Decode<Cid> = (value, path) =>
  isCid(value) ? value : refuse(path, 'a CID', value)
export const hash: Decode<Uint8Array> = bytes(32, 32)
export const signedStatement: Decode<SignedStatement> = record({
  statement: bytes(1, LIMITS.statementBytes),
  bundles: list(bytes(1, LIMITS.bundleBytes), MAX_BUNDLES, 1),
})
