// The form of trusted_root.json (sigstore_trustroot.proto). What the library would take for “valid for ever” is refused here: a log or
// an authority without a beginning, a chain without certificates. Fields nobody knows are passed over: roots grow.

import { isRegistryError, type Json, parseJson } from '../../../lib/index.ts'
import {
  type At,
  at,
  bytesAt,
  listAt,
  malformed,
  objectAt,
  refuseForm,
  textAt,
} from '../form/fields.ts'
import { loadSigstore } from '../library.ts'
import { rootRefusal } from '../refusal.ts'

const MEDIA_TYPES: readonly (Json | undefined)[] = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
]
const LISTS = ['tlogs', 'certificateAuthorities', 'ctlogs', 'timestampAuthorities'] as const
const LIMIT = 64

/** The same JSON, known to be whole. Throws ROOT_INVALID, or LIMIT_EXCEEDED for more than 1 MiB. */
export function readRoot(bytes: Uint8Array): Json {
  try {
    const json = parseJson(bytes)
    assertRoot(json)
    return json
  } catch (cause) {
    if (!isRegistryError(cause) || cause.code === 'LIMIT_EXCEEDED') throw cause
    const { expected = 'strict JSON', got = cause.message, path } = cause.details
    throw rootRefusal(
      path === undefined ? `${expected}` : `${expected} at ${path || '/'}`,
      `${got}`,
      cause,
    )
  }
}

function assertRoot(json: Json): void {
  const top: At = { form: 'any', path: '' }
  const root = objectAt(json, top, ['mediaType'], LISTS)
  if (!MEDIA_TYPES.includes(root.mediaType)) {
    throw malformed('/mediaType', `${MEDIA_TYPES[0]}`, root.mediaType)
  }
  const [logs, authorities, ctLogs, timestampAuthorities] = LISTS.map((name) =>
    listAt(root[name], `/${name}`, LIMIT).map((item, i) => ({ item, place: at(top, name, i) })),
  )
  for (const { item, place } of [...(logs ?? []), ...(ctLogs ?? [])]) assertLog(item, place)
  for (const { item, place } of [...(authorities ?? []), ...(timestampAuthorities ?? [])]) {
    assertAuthority(item, place)
  }
  if ((logs ?? []).length + (authorities ?? []).length === 0) {
    throw refuseForm('', 'a log or a certificate authority', 'none')
  }
}

function assertLog(item: Json, place: At): void {
  const log = objectAt(item, place, ['baseUrl', 'publicKey', 'logId'], ['checkpointKeyId'])
  if (textAt(log.baseUrl, `${place.path}/baseUrl`) === '') {
    // A checkpoint names its log: an empty name would be part of every other.
    throw malformed(`${place.path}/baseUrl`, 'the address of the log', log.baseUrl)
  }
  const inner = at(place, 'publicKey')
  const key = objectAt(log.publicKey, inner, ['rawBytes', 'keyDetails', 'validFor'])
  bytesAt(key.rawBytes, `${inner.path}/rawBytes`)
  assertKeyDetails(textAt(key.keyDetails, `${inner.path}/keyDetails`), `${inner.path}/keyDetails`)
  assertPeriod(key.validFor, at(inner, 'validFor'))
  for (const name of ['logId', 'checkpointKeyId'] as const) {
    if (log[name] === undefined) continue
    const { keyId } = objectAt(log[name], at(place, name), ['keyId'])
    bytesAt(keyId, `${place.path}/${name}/keyId`)
  }
}

function assertKeyDetails(name: string, path: string): void {
  const known: Readonly<Record<string, unknown>> = loadSigstore().specs.PublicKeyDetails
  if (typeof known[name] === 'number' && known[name] > 0) return
  throw malformed(path, 'a kind of key that is known here', name)
}

function assertAuthority(item: Json, place: At): void {
  const { certChain, validFor } = objectAt(item, place, ['certChain', 'validFor'])
  const { certificates } = objectAt(certChain, at(place, 'certChain'), ['certificates'])
  const list = listAt(certificates, `${place.path}/certChain/certificates`, LIMIT)
  if (list.length === 0)
    throw malformed(`${place.path}/certChain/certificates`, 'a certificate', list)
  list.forEach((certificate, index) => {
    const inner = at(place, 'certChain', 'certificates', index)
    bytesAt(objectAt(certificate, inner, ['rawBytes']).rawBytes, `${inner.path}/rawBytes`)
  })
  assertPeriod(validFor, at(place, 'validFor'))
}

/** A period without a start would hold for any time before the key was made known, and so for any time an attacker likes. */
function assertPeriod(value: Json | undefined, place: At): void {
  const { start, end } = objectAt(value, place, ['start'], ['end'])
  const first = instant(start, `${place.path}/start`)
  if (end !== undefined && instant(end, `${place.path}/end`) < first) {
    throw malformed(`${place.path}/end`, 'an end after the start', end)
  }
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

function instant(value: Json | undefined, path: string): number {
  const time = INSTANT.test(textAt(value, path)) ? Date.parse(`${value}`) : Number.NaN
  if (Number.isNaN(time)) throw malformed(path, 'a time such as 2025-07-04T00:00:00Z', value)
  return time
}
