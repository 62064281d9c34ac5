// Attestations: any in-toto Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) about blocks, by anyone. Form
// only: who signed it is verify.ts’s. Bytes of others are kept as they are; only what is made here is in RFC 8785 form.

import { type Cid, cidFromDigest, cidOf, digestOf } from '../../cid/index.ts'
import {
  canonicalBytes,
  fromHex,
  isJsonObject,
  isRegistryError,
  type Json,
  type JsonObject,
  parseJson,
  RegistryError,
  toHex,
} from '../../lib/index.ts'
import { assertLimit, LIMITS } from '../../spec/index.ts'
import { checkPredicate } from './predicates.ts'

export interface Attestation {
  /** Of the statement’s bytes: with the signer, what identifies an attestation. */
  readonly statement: Cid
  readonly bytes: Uint8Array
  /** What it is about, by hash. Names beside the hashes are anybody’s words, and are not read. */
  readonly subjects: readonly Cid[]
  readonly predicateType: string
  readonly predicate: JsonObject
}

export interface AttestationWords {
  readonly cid: Cid
  /** For people; it decides nothing. */
  readonly name: string
  readonly predicateType: string
  readonly predicate: Json
}

const TYPE = 'https://in-toto.io/Statement/v1'
const FIELDS = ['_type', 'subject', 'predicateType', 'predicate']
/** What GitHub signs at most in one statement. */
const MAX_SUBJECTS = 1024
const MAX_TYPE = 512
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/
/** Whoever signs for a log says so under this host; nothing under it is an attestation. */
const OWN_HOST = 'toolmark.dev'

/** Throws STATEMENT_INVALID, or the JSON_* or LIMIT_EXCEEDED that says more. */
export function parseAttestation(bytes: Uint8Array): Attestation {
  assertLimit('attestationBytes', bytes.length)
  const statement = readObject(bytes)
  const missing = FIELDS.find((name) => !Object.hasOwn(statement, name))
  if (missing !== undefined) throw refuse('', `a field ${missing}`, undefined)
  const stranger = Object.keys(statement).find((name) => !FIELDS.includes(name))
  if (stranger !== undefined) throw refuse('', `only ${FIELDS.join(', ')}`, stranger)
  if (statement._type !== TYPE) throw refuse('/_type', TYPE, statement._type)
  const predicateType = parsePredicateType(statement.predicateType)
  const { predicate } = statement
  if (!isJsonObject(predicate)) throw refuse('/predicate', 'an object', predicate)
  checkPredicate(predicateType, predicate, (path, expected, got) =>
    refuse(`/predicate${path}`, expected, got),
  )
  return Object.freeze({
    statement: cidOf(bytes),
    bytes,
    subjects: parseSubjects(statement.subject),
    predicateType,
    predicate,
  })
}

/** What to sign, in RFC 8785 form. Throws what `parseAttestation` throws: whatever is signed here, readers accept. */
export function makeAttestation({
  cid,
  name,
  predicateType,
  predicate,
}: AttestationWords): Attestation {
  const subject = [{ name, digest: { sha256: toHex(digestOf(cid)) } }]
  return parseAttestation(canonicalBytes({ _type: TYPE, subject, predicateType, predicate }))
}

/** Throws STATEMENT_INVALID for what is no absolute URI, and for what only entries of a log may be. */
export function parsePredicateType(value: Json | undefined): string {
  const isUri = typeof value === 'string' && value.length <= MAX_TYPE && ABSOLUTE_URI.test(value)
  if (!isUri) throw refuse('/predicateType', 'an absolute URI in ASCII', value)
  // A release key signs both. One statement must not be evidence and a log’s word at once (T8, T25).
  if (hostOf(value) !== OWN_HOST) return value
  throw new RegistryError(
    'STATEMENT_INVALID',
    'This predicate type belongs to entries of a publisher’s log, and is no attestation.',
    {
      path: '/predicateType',
      expected: `a type outside ${OWN_HOST}`,
      got: value.slice(0, 80),
      next: 'Entries of a log are made by `registry publish`, `yank`, `revoke` and the like.',
    },
  )
}

function hostOf(uri: string): string | undefined {
  const url = URL.parse(uri)
  const host = url?.hostname.toLowerCase().replace(/\.+$/, '')
  return host?.endsWith(`.${OWN_HOST}`) === true ? OWN_HOST : host
}

function readObject(bytes: Uint8Array): JsonObject {
  try {
    const value = parseJson(bytes, { maxBytes: LIMITS.attestationBytes })
    if (isJsonObject(value)) return value
    throw refuse('', 'an object', value)
  } catch (error) {
    if (!isRegistryError(error) || error.details.next !== undefined) throw error
    throw new RegistryError(error.code, error.message, { ...error.details, next: NEXT })
  }
}

function parseSubjects(value: Json | undefined): readonly Cid[] {
  const count = Array.isArray(value) ? value.length : 0
  if (!Array.isArray(value) || count < 1 || count > MAX_SUBJECTS) {
    const got = Array.isArray(value) ? `${count} subjects` : value
    throw refuse('/subject', `a list of 1 to ${MAX_SUBJECTS} subjects`, got)
  }
  return [...new Set(value.map((one: Json, at) => parseSubject(one, `/subject/${at}`)))]
}

function parseSubject(value: Json, path: string): Cid {
  if (!isJsonObject(value)) throw refuse(path, 'an object', value)
  const { digest } = value
  if (!isJsonObject(digest)) throw refuse(`${path}/digest`, 'an object', digest)
  const { sha256 } = digest
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) {
    return cidFromDigest(fromHex(sha256))
  }
  throw refuse(`${path}/digest/sha256`, '64 lower-case hex digits', sha256)
}

const NEXT = 'Ask whoever made it for an in-toto Statement v1 about the SHA-256 of this block.'

function refuse(path: string, expected: string, got: Json | undefined): RegistryError {
  const text = typeof got === 'string' ? got : (JSON.stringify(got) ?? 'nothing')
  return new RegistryError('STATEMENT_INVALID', 'This is not an attestation that is read here.', {
    path,
    expected,
    got: text.slice(0, 80),
    next: NEXT,
  })
}
