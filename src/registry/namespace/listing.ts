// What a domain says about publishers: `toolmark=ID` TXT records, or the well-known document. Pure; claims of the domain.

import { isJsonObject, type Json, parseJson, RegistryError } from '../../lib/index.ts'
import { isPublisherId, type PublisherId } from '../../spec/index.ts'

/** The last is a job of the account itself, and asks nobody. */
export type NamespaceMethod = 'dns-txt' | 'https-well-known' | 'oidc-owner'

export interface Listing {
  readonly method: NamespaceMethod
  /** The DNS name or the URL. */
  readonly where: string
  /** The text itself: matching records one a line, or the document, cut after 4,096 bytes of UTF-8. */
  readonly observed: string
  /** At least one, each once, sorted. */
  readonly publishers: readonly PublisherId[]
  /** The server that was asked instead of the one the network names, if the person who checked configured one. */
  readonly via?: string
}

const TAG = 'toolmark='
/** A domain with more publishers is asking for trouble; more than any answer needs. */
const MAX_PUBLISHERS = 32
/** All TXT records of the name together: the largest list of publishers takes 2 KiB. */
const TXT_BYTES = 4 * 1024 // no more than OBSERVED_BYTES
export const DOCUMENT_BYTES: number = 64 * 1024
export const OBSERVED_BYTES = 4096

/** `records` as node:dns gives them: a list of chunks a record. Other people’s records beside ours are passed over. */
export function listingFromTxt(records: readonly (readonly string[])[], where: string): Listing {
  // RFC 7208, section 3.3: the strings of one record are read as one, without anything between them.
  const texts = records.map((chunks) => chunks.join(''))
  const bytes = texts.reduce((sum, text) => sum + text.length, 0)
  if (bytes > TXT_BYTES) throw tooLarge(where, `${TXT_BYTES} bytes of TXT records`, bytes)
  const tagged = texts.filter((text) => text.startsWith(TAG))
  if (tagged.length === 0) {
    throw unlisted(where, `a TXT record ${TAG}ID`, `${texts.length} others`, 'record')
  }
  const publishers = toPublishers(
    tagged.map((text) => text.slice(TAG.length)),
    { where, path: undefined },
  )
  return { method: 'dns-txt', where, observed: [...new Set(tagged)].sort().join('\n'), publishers }
}

/** `{"publishers": ["p…"]}`; other fields are the domain’s own business. */
export function listingFromDocument(bytes: Uint8Array, where: string): Listing {
  const document = readDocument(bytes, where)
  const list = isJsonObject(document) ? document.publishers : undefined
  if (!Array.isArray(list)) throw malformed(where, 'a list "publishers"', 'none', '/publishers')
  if (list.length === 0) throw unlisted(where, 'a publisher id', 'an empty list', 'id')
  const publishers = toPublishers(list as readonly Json[], { where, path: '/publishers' })
  // As a stream, the decoder leaves out a character that the cut goes through.
  const observed = new TextDecoder().decode(bytes.subarray(0, OBSERVED_BYTES), { stream: true })
  return { method: 'https-well-known', where, observed, publishers }
}

function readDocument(bytes: Uint8Array, where: string): Json {
  if (bytes.length > DOCUMENT_BYTES) throw tooLarge(where, `${DOCUMENT_BYTES} bytes`, bytes.length)
  try {
    return parseJson(bytes, { maxBytes: DOCUMENT_BYTES })
  } catch (cause) {
    if (!(cause instanceof RegistryError)) throw cause
    const { code, message, details } = cause
    throw new RegistryError(code, `${where}: ${message}`, { ...details, next: NEXT, cause })
  }
}

function toPublishers(
  values: readonly Json[],
  at: { readonly where: string; readonly path: string | undefined },
): readonly PublisherId[] {
  if (values.length > MAX_PUBLISHERS) {
    throw tooLarge(at.where, `${MAX_PUBLISHERS} publishers`, values.length)
  }
  const publishers = new Set<PublisherId>()
  for (const [i, value] of values.entries()) {
    if (!isPublisherId(value)) {
      const path = at.path === undefined ? undefined : `${at.path}/${i}`
      const got = (JSON.stringify(value) ?? 'nothing').slice(0, 100)
      throw malformed(at.where, '"p" and 52 characters of lower-case base32', got, path)
    }
    publishers.add(value)
  }
  return [...publishers].sort()
}

const NEXT = 'Ask the owner of the domain to correct it.'

function unlisted(where: string, expected: string, got: string, what: string): RegistryError {
  return new RegistryError('NAMESPACE_UNPROVEN', `${where} lists no publisher.`, {
    expected,
    got,
    next: `If the domain is yours, add the ${what} (docs/namespaces.md).`,
  })
}

function malformed(where: string, expected: string, got: string, path?: string): RegistryError {
  return new RegistryError('DOCUMENT_INVALID', `${where} lists something that is no publisher.`, {
    expected,
    got,
    next: NEXT,
    ...(path === undefined ? {} : { path }),
  })
}

function tooLarge(where: string, limit: string, got: number): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', `${where} answers too much.`, {
    expected: `at most ${limit}`,
    got,
    next: NEXT,
  })
}
