// What somebody saw when they asked a domain: an in-toto Statement v1 about a publisher’s genesis, in RFC 8785 form, carried as
// the payload of a Sigstore bundle (docs/namespaces.md). A claim of whoever signed it; anybody can ask the domain again.

import { type Cid, cidFromDigest, digestOf } from '../../cid/index.ts'
import {
  canonicalBytes,
  decodeBase32,
  fromBase64,
  isJsonObject,
  type Json,
  type JsonObject,
  parseCanonical,
  parseJson,
  RegistryError,
  toHex,
  utf8,
} from '../../lib/index.ts'
import { isPublisherId, LIMITS, type PublisherId } from '../../spec/index.ts'
import type { PublicKey, Verifier } from '../../trust/index.ts'
import { accountOf } from './account.ts'
import { domainOf } from './domain.ts'
import { type Listing, type NamespaceMethod, OBSERVED_BYTES } from './listing.ts'

export interface NamespaceEvidence {
  readonly namespace: string
  readonly publisher: PublisherId
  readonly method: NamespaceMethod
  readonly where: string
  readonly observed: string
  /** By the clock of whoever checked. Nothing is decided by it. */
  readonly checkedAt: string
  readonly via?: string
}

const TYPE = 'https://in-toto.io/Statement/v1'
const PREDICATE_TYPE = 'https://toolmark.dev/namespace/v1'
const FIELDS = ['namespace', 'publisher', 'method', 'where', 'observed', 'checkedAt']
const MAX_VIA = 200

/** The bytes to sign. Throws DOCUMENT_INVALID for what no reader would accept. */
export function namespaceStatement(
  listing: Listing,
  about: Pick<NamespaceEvidence, 'namespace' | 'publisher' | 'checkedAt'>,
): Uint8Array {
  const { method, where, observed, via } = listing
  const { namespace, publisher, checkedAt } = about
  const predicate = { namespace, publisher, method, where, observed, checkedAt }
  const bytes = canonicalBytes({
    _type: TYPE,
    subject: [subjectOf(publisher)],
    predicateType: PREDICATE_TYPE,
    predicate: via === undefined ? predicate : { ...predicate, via: via.slice(0, MAX_VIA) },
  })
  parseNamespaceStatement(bytes) // Whatever is signed, readers accept.
  return bytes
}

/** Form only: who signed it is not looked at. Throws DOCUMENT_INVALID, or the JSON_* or LIMIT_* code that says more. */
export function parseNamespaceStatement(bytes: Uint8Array): NamespaceEvidence {
  const value = parseCanonical(bytes, { maxBytes: LIMITS.statementBytes })
  const statement = closed(value, '', ['_type', 'subject', 'predicateType', 'predicate'])
  constant(statement._type, TYPE, '/_type')
  constant(statement.predicateType, PREDICATE_TYPE, '/predicateType')
  const fields = closed(statement.predicate, '/predicate', FIELDS, ['via'])
  const { namespace, publisher, method, where, observed, checkedAt, via } = fields
  if (!isPublisherId(publisher)) throw refuse('a publisher id', publisher, '/predicate/publisher')
  assertSubject(statement.subject, publisher)
  if (method !== 'dns-txt' && method !== 'https-well-known' && method !== 'oidc-owner') {
    throw refuse('dns-txt, https-well-known or oidc-owner', method, '/predicate/method')
  }
  // Else a true answer of one domain could be shown as proof of another’s namespace.
  constant(where, placeOf(text(namespace, '/predicate/namespace'), method), '/predicate/where')
  if (!isTime(checkedAt)) throw refuse('a time in UTC', checkedAt, '/predicate/checkedAt')
  const seen = text(observed, '/predicate/observed', OBSERVED_BYTES)
  if (method !== 'https-well-known' && !seen.split('\n').includes(`toolmark=${publisher}`)) {
    throw refuse(`a line toolmark=${publisher}`, seen, '/predicate/observed')
  }
  return Object.freeze({
    namespace: namespace as string,
    publisher,
    method,
    where: where as string,
    observed: seen,
    checkedAt,
    ...(via === undefined ? {} : { via: text(via, '/predicate/via', MAX_VIA) }),
  })
}

/** The payload of a bundle, unproven: what it says, and the bytes that a signature must fit. */
export function openBundleUnverified(bundle: Uint8Array): {
  readonly statement: Uint8Array
  readonly evidence: NamespaceEvidence
} {
  const json = parseJson(bundle, { maxBytes: LIMITS.bundleBytes })
  const envelope = isJsonObject(json) ? json.dsseEnvelope : undefined
  const payload = isJsonObject(envelope) ? envelope.payload : undefined
  const statement = typeof payload === 'string' ? fromBase64(payload) : undefined
  if (statement === undefined)
    throw refuse('a bundle with a DSSE payload', payload, '/dsseEnvelope')
  return { statement, evidence: parseNamespaceStatement(statement) }
}

/** The evidence of a bundle that one of `keys` signed. Throws what `Verifier.verifyStatement` throws, too. */
export function verifyNamespaceEvidence(
  verifier: Verifier,
  bundle: Uint8Array,
  keys: readonly PublicKey[],
): NamespaceEvidence {
  const { statement, evidence } = openBundleUnverified(bundle)
  verifier.verifyStatement({ statement, bundles: [bundle], keys, threshold: 1 })
  return evidence
}

/** A publisher id is the hash of the genesis statement, and so is its CID. */
function genesisOf(publisher: PublisherId): Cid {
  return cidFromDigest(decodeBase32(publisher.slice(1)))
}

function subjectOf(publisher: PublisherId): JsonObject {
  const cid = genesisOf(publisher)
  return { name: cid, digest: { sha256: toHex(digestOf(cid)) } }
}

function placeOf(namespace: string, method: NamespaceMethod): string {
  if (method === 'oidc-owner') return accountOf(namespace)?.url ?? 'an account'
  const host = domainOf(namespace)
  return method === 'dns-txt' ? `_toolmark.${host}` : `https://${host}/.well-known/toolmark.json`
}

function assertSubject(value: Json | undefined, publisher: PublisherId): void {
  const [first] = Array.isArray(value) ? value : []
  if (!Array.isArray(value) || value.length !== 1) throw refuse('one subject', value, '/subject')
  const subject = closed(first as Json, '/subject/0', ['name', 'digest'])
  const digest = closed(subject.digest, '/subject/0/digest', ['sha256'])
  const expected = genesisOf(publisher)
  constant(subject.name, expected, '/subject/0/name')
  constant(digest.sha256, toHex(digestOf(expected)), '/subject/0/digest/sha256')
}

function closed(
  value: Json | undefined,
  path: string,
  required: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  const keys = isJsonObject(value) ? Object.keys(value) : []
  const isWhole =
    required.every((key) => keys.includes(key)) &&
    keys.every((key) => required.includes(key) || optional.includes(key))
  if (isJsonObject(value) && isWhole) return value
  throw refuse(`an object with ${required.join(', ')}`, keys.join(', ') || value, path)
}

function text(value: Json | undefined, path: string, most = 200): string {
  if (typeof value === 'string' && value !== '' && utf8(value).length <= most) return value
  throw refuse(`text of 1 to ${most} bytes`, value, path)
}

function constant(value: Json | undefined, expected: string, path: string): void {
  if (value !== expected) throw refuse(expected, value, path)
}

function isTime(value: Json | undefined): value is string {
  if (typeof value !== 'string') return false
  const time = new Date(value)
  return !Number.isNaN(time.getTime()) && time.toISOString() === value
}

function refuse(expected: string, got: Json | undefined, path: string): RegistryError {
  return new RegistryError('DOCUMENT_INVALID', 'This is not evidence about a namespace.', {
    expected,
    got: (typeof got === 'string' ? got : (JSON.stringify(got) ?? 'nothing')).slice(0, 100),
    path,
    next: 'Ask the domain itself: `registry namespace verify NAMESPACE`.',
  })
}
