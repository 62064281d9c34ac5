// The one error class. A code says what went wrong; its verdict says what that means for trust; faces turn the
// verdict into an exit status or an HTTP status. Adding a code means adding one row to VERDICT_OF.

/** What a failure means to someone deciding whether to use a tool (docs/architecture.md, section 3). */
export type Verdict =
  | 'FAILED'
  | 'USAGE'
  | 'UNSIGNED'
  | 'NOT_FOUND'
  | 'ROLLBACK'
  | 'STALE'
  | 'FORKED'
  | 'REBIND'
  | 'REVOKED'
  | 'MISMATCH'
  | 'POLICY'
  | 'CORRUPT'
  | 'MALFORMED'
  | 'NOTHING_TO_VERIFY'
  | 'UNAVAILABLE'

const VERDICT_OF = {
  // The caller's words.
  USAGE: 'USAGE',
  // Bytes that are not what a parser accepts.
  JSON_SYNTAX: 'MALFORMED',
  JSON_ENCODING: 'MALFORMED',
  JSON_DUPLICATE_KEY: 'MALFORMED',
  JSON_SURROGATE: 'MALFORMED',
  JSON_NUMBER: 'MALFORMED',
  JSON_FORBIDDEN_KEY: 'MALFORMED',
  NOT_CANONICAL: 'MALFORMED',
  LIMIT_EXCEEDED: 'MALFORMED',
  CID_INVALID: 'MALFORMED',
  NAME_INVALID: 'MALFORMED',
  VERSION_INVALID: 'MALFORMED',
  TEXT_FORBIDDEN: 'MALFORMED',
  DOCUMENT_INVALID: 'MALFORMED',
  SCHEMA_INVALID: 'MALFORMED',
  STATEMENT_INVALID: 'MALFORMED',
  BUNDLE_INVALID: 'MALFORMED',
  ROOT_INVALID: 'MALFORMED',
  CHECKPOINT_INVALID: 'MALFORMED',
  MESSAGE_INVALID: 'MALFORMED',
  KEY_INVALID: 'MALFORMED',
  POLICY_INVALID: 'MALFORMED',
  CONFIG_INVALID: 'MALFORMED',
  LOCK_INVALID: 'MALFORMED',
  // Good form, wrong content.
  HASH_MISMATCH: 'MISMATCH',
  SUBJECT_MISMATCH: 'MISMATCH',
  SIGNATURE_INVALID: 'MISMATCH',
  CERTIFICATE_INVALID: 'MISMATCH',
  TIMESTAMP_INVALID: 'MISMATCH',
  LOG_ENTRY_INVALID: 'MISMATCH',
  PROOF_INVALID: 'MISMATCH',
  LOCK_OUTDATED: 'MISMATCH',
  LOCK_MISMATCH: 'MISMATCH',
  SEQUENCE_INVALID: 'MISMATCH',
  VERSION_EXISTS: 'MISMATCH',
  TOOL_QUARANTINED: 'MISMATCH',
  LIFECYCLE_INVALID: 'MISMATCH',
  // Trust.
  UNSIGNED: 'UNSIGNED',
  SIGNER_UNAUTHORIZED: 'POLICY',
  EVIDENCE_MISSING: 'POLICY',
  ROOT_UNKNOWN: 'POLICY',
  PUBLISHER_UNPINNED: 'POLICY',
  PUBLISHER_UNTRUSTED: 'POLICY',
  PUBLISHER_CHANGED: 'REBIND',
  NAMESPACE_UNPROVEN: 'POLICY',
  NAMESPACE_AMBIGUOUS: 'POLICY',
  NAMESPACE_PRIVATE: 'POLICY',
  UNAPPROVED: 'POLICY',
  TOOL_SHADOWED: 'POLICY',
  TEXT_DECEPTIVE: 'POLICY',
  TOO_NEW: 'POLICY',
  YANKED: 'POLICY',
  REVOKED: 'REVOKED',
  TOMBSTONED: 'NOT_FOUND',
  ROLLBACK: 'ROLLBACK',
  STALE: 'STALE',
  FORKED: 'FORKED',
  // Absence.
  NOT_FOUND: 'NOT_FOUND',
  NOTHING_TO_VERIFY: 'NOTHING_TO_VERIFY',
  // The store, the disk, the keys, the network.
  STORE_CORRUPT: 'CORRUPT',
  STORE_BUSY: 'UNAVAILABLE',
  STORE_UNAVAILABLE: 'UNAVAILABLE',
  CONFLICT: 'UNAVAILABLE',
  KEY_MISSING: 'NOT_FOUND',
  IDENTITY_MISSING: 'NOT_FOUND',
  IDENTITY_REFUSED: 'POLICY',
  KEY_LOCKED: 'POLICY',
  KEY_PERMISSIONS: 'POLICY',
  SIGNING_UNAVAILABLE: 'UNAVAILABLE',
  FILE_UNAVAILABLE: 'UNAVAILABLE',
  FILE_EXISTS: 'UNAVAILABLE',
  PEER_UNAVAILABLE: 'UNAVAILABLE',
  PEER_MISBEHAVED: 'UNAVAILABLE',
  PEER_LIMIT: 'UNAVAILABLE',
  SERVER_FAILED: 'UNAVAILABLE',
  CLOSED: 'UNAVAILABLE',
  STOPPED: 'UNAVAILABLE',
  UNEXPECTED: 'FAILED',
} as const

export type ErrorCode = keyof typeof VERDICT_OF

export interface ErrorDetails {
  /** What would have been accepted. */
  readonly expected?: string | number
  /** What came instead. */
  readonly got?: string | number
  /** What the person reading this can do about it, as a sentence. */
  readonly next?: string
  /** JSON pointer of the offending value. */
  readonly path?: string
  /** One-based line in the input text. */
  readonly line?: number
  readonly cause?: unknown
  /** JSON-safe proof of the failure, for example both checkpoints of a fork. */
  readonly evidence?: unknown
}

export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.details = details
  }

  get verdict(): Verdict {
    return VERDICT_OF[this.code]
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(VERDICT_OF, value)
}

export function isRegistryError(value: unknown, code?: ErrorCode): value is RegistryError {
  return value instanceof RegistryError && (code === undefined || value.code === code)
}
