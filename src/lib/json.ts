// Strict JSON: I-JSON (RFC 7493) within limits. Everything that comes from outside is parsed here or by parseCanonical,
// never by a bare JSON.parse, which accepts duplicate keys, lone surrogates, rounded integers and any depth.

import { RegistryError } from './errors.ts'
import { lineAt, scanJson } from './json-scan.ts'

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

export type JsonObject = { readonly [key: string]: Json }

export interface JsonLimits {
  readonly maxBytes?: number
  readonly maxDepth?: number
  readonly maxKeys?: number
}

/** What holds where a caller names no limit: the largest block, and shapes no real document comes near. */
export const JSON_LIMITS: Required<JsonLimits> = {
  maxBytes: 1024 * 1024,
  maxDepth: 32,
  maxKeys: 10_000,
}

// `ignoreBOM: true` keeps a byte order mark in the text, where it is refused, instead of dropping it unseen.
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws JSON_*, or LIMIT_EXCEEDED; `line` and `path` say where. */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = {}): Json {
  const text = decodeJsonText(bytes, limits.maxBytes)
  const within = { ...JSON_LIMITS, ...limits }
  const quick = parseUnsuspicious(bytes, text, within)
  if (quick !== undefined) return quick
  scanJson(text, within) // says what is wrong, and where; or that it only looked so
  return JSON.parse(text) as Json
}

/** The value, where a look at the bytes and one at the value show that no rule can be broken: half the price of a scan. */
function parseUnsuspicious(
  bytes: Uint8Array,
  text: string,
  limits: Required<JsonLimits>,
): Json | undefined {
  const keys = countKeys(bytes, limits)
  if (keys === undefined) return undefined
  try {
    const value = JSON.parse(text) as Json
    // Fewer keys in the value than in the text: one was there twice.
    return countSoundKeys(value) === keys ? value : undefined
  } catch {
    return undefined
  }
}

/** How many keys the text of well-formed JSON has; undefined beyond the limits, before JSON.parse allocates anything. */
export function countKeys(
  bytes: Uint8Array,
  { maxDepth, maxKeys }: Pick<Required<JsonLimits>, 'maxDepth' | 'maxKeys'>,
): number | undefined {
  let depth = 0
  let keys = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === 0x22) at = endOfString(bytes, at)
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) depth--
    else if (byte === 0x3a) keys++
    if (depth > maxDepth || keys > maxKeys) return undefined
  }
  return keys
}

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1
  return at
}

/** The keys of a value that I-JSON can say; NaN for one with half a surrogate pair, a lossy number or a forbidden key. */
function countSoundKeys(value: Json): number {
  if (typeof value === 'string') return value.isWellFormed() ? 0 : Number.NaN
  if (typeof value === 'number') return isExact(value) ? 0 : Number.NaN
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) count += countSoundKeys(item)
    return count
  }
  const members = value as JsonObject
  for (const key of Object.keys(members)) {
    if (key === '__proto__' || !key.isWellFormed()) return Number.NaN
    count += 1 + countSoundKeys(members[key] ?? null)
  }
  return count
}

/** A fraction is taken as it is read; an integer must be the one that was written. */
function isExact(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value))
}

/** The text of at most `maxBytes` of UTF-8 without a byte order mark. Throws LIMIT_EXCEEDED, JSON_ENCODING. */
export function decodeJsonText(bytes: Uint8Array, maxBytes: number = JSON_LIMITS.maxBytes): string {
  if (bytes.length > maxBytes) {
    throw new RegistryError('LIMIT_EXCEEDED', 'This JSON has too many bytes.', {
      expected: `at most ${maxBytes} bytes`,
      got: `${bytes.length} bytes`,
    })
  }
  let text: string
  try {
    text = DECODER.decode(bytes)
  } catch (cause) {
    throw new RegistryError('JSON_ENCODING', 'This JSON is not valid UTF-8.', { cause })
  }
  if (text.startsWith('\ufeff')) {
    throw new RegistryError('JSON_ENCODING', 'This JSON begins with a byte order mark.', {
      expected: 'UTF-8 without a byte order mark',
      next: 'Save the file as UTF-8 without BOM.',
    })
  }
  return text
}

/** One-based line on which the value at a JSON pointer (or its key) begins; undefined if it is not there. */
export function locateLine(text: string, pointer: string): number | undefined {
  try {
    const offset = scanJson(text, { maxDepth: 1000, maxKeys: Number.MAX_SAFE_INTEGER }, pointer)
    return offset === undefined ? undefined : lineAt(text, offset)
  } catch {
    return undefined // A text that does not parse has no lines to point at.
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
