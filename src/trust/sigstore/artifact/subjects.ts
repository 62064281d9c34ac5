// The artifacts that an in-toto statement is about: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md. Statements
// of any tool, so only what is needed to find an artifact is read; what the statement claims of it is not judged here.

import {
  isJsonObject,
  isRegistryError,
  type Json,
  parseJson,
  RegistryError,
} from '../../../lib/index.ts'
import { HASHES, type Hash } from './artifact.ts'

const TYPES: readonly (Json | undefined)[] = [
  'https://in-toto.io/Statement/v1',
  'https://in-toto.io/Statement/v0.1',
]

export interface ForeignStatement {
  readonly predicateType: string
  /** Of each subject, the digests by algorithms that are known here, in hex. */
  readonly subjects: readonly Readonly<Partial<Record<Hash, string>>>[]
}

/** Throws STATEMENT_INVALID, or LIMIT_EXCEEDED. */
export function readStatement(payload: Uint8Array, maxBytes: number): ForeignStatement {
  const statement = readJson(payload, maxBytes)
  if (!isJsonObject(statement) || !TYPES.includes(statement._type)) {
    throw refusal(`an in-toto statement, ${TYPES.join(' or ')}`, 'something else')
  }
  const { predicateType, subject } = statement
  if (typeof predicateType !== 'string' || predicateType === '')
    throw refusal('a predicate type', 'none')
  if (!Array.isArray(subject) || subject.length === 0) throw refusal('a subject', 'none')
  return { predicateType, subjects: subject.map(readDigests) }
}

function readDigests(subject: Json): Readonly<Partial<Record<Hash, string>>> {
  const digests = isJsonObject(subject) ? subject.digest : undefined
  if (!isJsonObject(digests)) throw refusal('subjects with digests', 'one without')
  const known: Partial<Record<Hash, string>> = {}
  for (const hash of HASHES) {
    const hex = digests[hash]
    if (hex === undefined) continue
    if (typeof hex !== 'string' || !/^(?:[0-9a-f]{2})+$/.test(hex)) {
      throw refusal('digests in lower-case hex', `another ${hash}`)
    }
    known[hash] = hex
  }
  return known
}

function readJson(payload: Uint8Array, maxBytes: number): Json {
  try {
    return parseJson(payload, { maxBytes, maxDepth: 128, maxKeys: 1_000_000 })
  } catch (cause) {
    if (!isRegistryError(cause) || cause.code === 'LIMIT_EXCEEDED') throw cause
    throw refusal('strict JSON', cause.message)
  }
}

function refusal(expected: string, got: string): RegistryError {
  return new RegistryError('STATEMENT_INVALID', 'The signed statement cannot be read.', {
    expected,
    got,
    next: 'Do not use it. Ask whoever signed for a statement about this artifact.',
  })
}
