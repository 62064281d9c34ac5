// Which services sign for us: a Sigstore signing config v0.2 (signing_config.v0.2.json), bytes in, a checked value out. Strict, because
// whoever writes it decides who gets to see the identity token.
// https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto

import {
  isJsonObject,
  isRegistryError,
  type Json,
  type JsonObject,
  joinPointer,
  parseJson,
  RegistryError,
} from '../../../lib/index.ts'
import { isSafeUrl } from '../safe-url.ts'

const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json'
const MAX_BYTES = 64 * 1024
const MAX_SERVICES = 32
const SELECTORS = ['ANY', 'EXACT', 'ALL'] as const
/** RFC 3339, as protobuf writes a Timestamp. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/

export interface Service {
  /** Without a slash at the end. */
  readonly url: string
  readonly majorApiVersion: number
  /** Milliseconds of Unix time; the end is still inside. */
  readonly start: number
  readonly end: number
  readonly operator: string
}

/** How many of the operators listed take part: any one, exactly `count`, or each. */
export type Selector =
  | { readonly kind: 'ANY' | 'ALL' }
  | { readonly kind: 'EXACT'; readonly count: number }

export interface SigningConfig {
  readonly authorities: readonly Service[]
  readonly issuers: readonly Service[]
  readonly logs: readonly Service[]
  /** Undefined where no log is asked at all. */
  readonly logSelector: Selector | undefined
  readonly timestampers: readonly Service[]
  readonly timestampSelector: Selector | undefined
}

const FIELDS = [
  ...['mediaType', 'caUrls', 'oidcUrls', 'rekorTlogUrls', 'rekorTlogConfig'],
  ...['tsaUrls', 'tsaConfig'],
]

/** Throws DOCUMENT_INVALID, with the place. */
export function parseSigningConfig(bytes: Uint8Array): SigningConfig {
  const config = objectAt(readJson(bytes), '', FIELDS)
  if (config.mediaType !== MEDIA_TYPE) throw refusal('/mediaType', MEDIA_TYPE, config.mediaType)
  const services = (name: string): readonly Service[] => listAt(config[name], `/${name}`)
  const selector = (name: string, of: string): Selector | undefined => {
    if (config[name] !== undefined) return selectorAt(config[name], `/${name}`)
    if (services(of).length === 0) return undefined
    throw refusal(`/${name}`, `a selector, since there are ${of}`, undefined)
  }
  const authorities = services('caUrls')
  if (authorities.length === 0) throw refusal('/caUrls', 'at least one service', config.caUrls)
  return {
    authorities,
    issuers: services('oidcUrls'),
    logs: services('rekorTlogUrls'),
    logSelector: selector('rekorTlogConfig', 'rekorTlogUrls'),
    timestampers: services('tsaUrls'),
    timestampSelector: selector('tsaConfig', 'tsaUrls'),
  }
}

function readJson(bytes: Uint8Array): Json {
  try {
    return parseJson(bytes, { maxBytes: MAX_BYTES })
  } catch (cause) {
    if (!isRegistryError(cause)) throw cause
    throw new RegistryError('DOCUMENT_INVALID', 'This signing config is not strict JSON.', {
      expected: 'UTF-8 JSON in which no key comes twice',
      got: cause.message,
      next: 'Take the signing config as the operator of the Sigstore instance publishes it.',
      ...(cause.details.line === undefined ? {} : { line: cause.details.line }),
      cause,
    })
  }
}

function listAt(value: Json | undefined, path: string): readonly Service[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length > MAX_SERVICES) {
    throw refusal(path, `a list of at most ${MAX_SERVICES} services`, value)
  }
  return value.map((item: Json, index) => serviceAt(item, joinPointer(path, `${index}`)))
}

function serviceAt(value: Json, path: string): Service {
  const fields = objectAt(value, path, ['url', 'majorApiVersion', 'validFor', 'operator'])
  const { url, majorApiVersion, operator = '' } = fields
  const wanted = 'an https URL (http only on this machine) without a query'
  if (typeof url !== 'string' || !isSafeUrl(url)) throw refusal(`${path}/url`, wanted, url)
  if (!isCount(majorApiVersion)) {
    throw refusal(`${path}/majorApiVersion`, 'a number from 1', majorApiVersion)
  }
  if (typeof operator !== 'string') throw refusal(`${path}/operator`, 'a name', operator)
  const { start, end } = objectAt(fields.validFor, `${path}/validFor`, ['start', 'end'])
  return {
    url: url.replace(/\/+$/, ''),
    majorApiVersion,
    operator,
    start: timeAt(start, `${path}/validFor/start`),
    end: end === undefined ? Number.POSITIVE_INFINITY : timeAt(end, `${path}/validFor/end`),
  }
}

function selectorAt(value: Json | undefined, path: string): Selector {
  const { selector, count } = objectAt(value, path, ['selector', 'count'])
  const kind = SELECTORS.find((name) => name === selector)
  if (kind === undefined) throw refusal(`${path}/selector`, SELECTORS.join(', '), selector)
  if (kind === 'EXACT') {
    if (!isCount(count)) throw refusal(`${path}/count`, 'a number from 1', count)
    return { kind, count }
  }
  // Protobuf writes the zero of a field that is not used.
  if (count !== undefined && count !== 0) throw refusal(`${path}/count`, `none with ${kind}`, count)
  return { kind }
}

function timeAt(value: Json | undefined, path: string): number {
  const time = typeof value === 'string' && TIME.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(time)) throw refusal(path, 'a time such as 2026-01-01T00:00:00Z', value)
  return time
}

function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1
}

function objectAt(value: Json | undefined, path: string, names: readonly string[]): JsonObject {
  if (value === undefined || !isJsonObject(value)) throw refusal(path, 'an object', value)
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown === undefined) return value
  throw refusal(joinPointer(path, unknown), `only ${names.join(', ')}`, unknown)
}

function refusal(path: string, expected: string, got: Json | undefined): RegistryError {
  return new RegistryError(
    'DOCUMENT_INVALID',
    `This is not a signing config: ${path || 'the whole'}.`,
    {
      expected,
      got: got === undefined ? 'nothing' : JSON.stringify(got).slice(0, 120),
      path,
      next: 'Take the signing config (v0.2) as the operator of the Sigstore instance publishes it.',
    },
  )
}
