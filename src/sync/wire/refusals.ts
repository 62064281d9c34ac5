// What a home node may refuse a submission for, in so many words. Any other failure is its own business, and is not described to a peer.

import { type ErrorCode, type ErrorDetails, escapeText, RegistryError } from '../../lib/index.ts'
import type { Failure } from './messages.ts'

const REFUSALS: readonly ErrorCode[] = [
  // The log is another than the submitter saw; the node has no time.
  'CONFLICT',
  'PEER_LIMIT',
  'NOT_FOUND',
  // What the log's state does not allow.
  'SIGNER_UNAUTHORIZED',
  'UNSIGNED',
  'VERSION_EXISTS',
  'LIFECYCLE_INVALID',
  'SEQUENCE_INVALID',
  'PROOF_INVALID',
  'PUBLISHER_CHANGED',
  // Bytes that are not what they should be.
  'BUNDLE_INVALID',
  'CID_INVALID',
  'DOCUMENT_INVALID',
  'HASH_MISMATCH',
  'JSON_DUPLICATE_KEY',
  'JSON_ENCODING',
  'JSON_FORBIDDEN_KEY',
  'JSON_NUMBER',
  'JSON_SURROGATE',
  'JSON_SYNTAX',
  'KEY_INVALID',
  'LIMIT_EXCEEDED',
  'NAME_INVALID',
  'NOT_CANONICAL',
  'SCHEMA_INVALID',
  'SIGNATURE_INVALID',
  'STATEMENT_INVALID',
  'SUBJECT_MISMATCH',
  'TEXT_FORBIDDEN',
  'VERSION_INVALID',
]

export function isRefusal(code: string): code is ErrorCode {
  return REFUSALS.some((one) => one === code)
}

/** A home node’s no, in its own words, which may be anybody’s; what to do about it is said here. */
export function refusalOf(remote: string, failure: Failure): RegistryError | undefined {
  const { code, message, expected, got } = failure
  if (!isRefusal(code)) return undefined
  const details: ErrorDetails = {
    ...(expected === undefined ? {} : { expected: escapeText(expected) }),
    ...(got === undefined ? {} : { got: escapeText(got) }),
    next: 'Nothing was appended. Ask whoever runs the home node if you do not know why.',
  }
  return new RegistryError(code, `The home node ${remote} refused: ${escapeText(message)}`, details)
}
