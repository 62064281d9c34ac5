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
  scanJson(text, { ...JSON_LIMITS, ...limits })
  return JSON.parse(text) as Json
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
