// The canonical form of a JSON value: RFC 8785 (JCS). An own writer, because it is on the path of every block and the
// rules are short: ECMAScript's numbers and strings, keys in UTF-16 order, no space. What JSON cannot say is refused
// instead of dropped. `parseCanonical` accepts exactly the texts this writer makes.

import { RegistryError } from './errors.ts'
import {
  countKeys,
  decodeJsonText,
  JSON_LIMITS,
  type Json,
  type JsonLimits,
  parseJson,
} from './json.ts'

/** Below this length, looking at each character of a string costs less than a call of JSON.stringify. */
const SHORT = 24
/** Up to this many keys, sorting by insertion costs less than a call of sort. */
const FEW = 24
/** The same few hundred keys make up nearly all tools: what they look like when written is kept, within bounds. */
const KEPT_KEYS = 4096
const KEPT_LENGTH = 32
const written = new Map<string, string>()
const NEXT = 'Write the document with `registry publish`, which makes the canonical form itself.'

/** Throws NOT_CANONICAL for what JSON cannot say, LIMIT_EXCEEDED for more than 32 levels (a cycle included). */
export function canonicalize(value: unknown): string {
  return write(value, JSON_LIMITS.maxDepth)
}

export function canonicalBytes(value: unknown): Uint8Array {
  return Buffer.from(canonicalize(value), 'utf8')
}

/** Throws NOT_CANONICAL unless the bytes are the canonical form of their value, or the JSON_* error that says more. */
export function parseCanonical(bytes: Uint8Array, limits: JsonLimits = {}): Json {
  return readCanonical(bytes, limits).value
}

/** The same, with the text that the bytes spell. */
export function readCanonical(
  bytes: Uint8Array,
  limits: JsonLimits = {},
): { readonly value: Json; readonly text: string } {
  const { maxDepth = JSON_LIMITS.maxDepth } = limits
  const text = decodeJsonText(bytes, limits.maxBytes)
  assertShape(bytes, limits)
  const value = parseUnchecked(text)
  // In canonical text a `"__proto__":` outside of a key would have its quotes escaped.
  if (value !== undefined && isCanonical(text, value, maxDepth) && !text.includes('"__proto__":')) {
    return { value, text }
  }
  parseJson(bytes, limits)
  throw notCanonical(text, canonicalize(value))
}

function write(value: unknown, room: number): string {
  switch (typeof value) {
    case 'string':
      return writeString(value)
    case 'number':
      if (!Number.isFinite(value)) refuse(String(value))
      return String(value) // ECMAScript's own form is the one RFC 8785 section 3.2.2.3 asks for; -0 becomes 0.
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (room === 0) refuseDepth()
      return Array.isArray(value) ? writeArray(value, room - 1) : writeObject(value, room - 1)
    default:
      return refuse(typeof value)
  }
}

function writeString(text: string): string {
  if (text.length < SHORT && isPlain(text)) return `"${text}"`
  if (!text.isWellFormed()) refuse('a string with half of a surrogate pair')
  return JSON.stringify(text)
}

/** Printable ASCII that needs no escape: keys and most short values. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false
  }
  return true
}

function writeArray(items: readonly unknown[], room: number): string {
  if (items.length === 0) return '[]'
  let text = `[${write(items[0], room)}`
  // By index, so that a hole is refused like the undefined it reads as.
  for (let i = 1; i < items.length; i++) text += `,${write(items[i], room)}`
  return `${text}]`
}

function writeObject(object: object, room: number): string {
  assertPlain(object)
  const members = object as Readonly<Record<string, unknown>>
  const keys = sortKeys(Object.keys(members))
  let text = '{'
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    if (i > 0) text += ','
    text += writeKey(key) + write(members[key], room)
  }
  return `${text}}`
}

/** In place, by UTF-16 code units: section 3.2.3. */
function sortKeys(keys: string[]): readonly string[] {
  if (keys.length > FEW) return keys.sort()
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string
    let at = i
    for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string
    keys[at] = key
  }
  return keys
}

function writeKey(key: string): string {
  const known = written.get(key)
  if (known !== undefined) return known
  // Assigned by name it would change an object's prototype (T30): no block holds it, so no reader meets it.
  if (key === '__proto__') refuseKey()
  const text = `${writeString(key)}:`
  if (key.length <= KEPT_LENGTH && written.size < KEPT_KEYS) written.set(key, text)
  return text
}

function assertPlain(object: object): void {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) refuse('an instance of a class')
}

/**
 * Bounds depth and keys before JSON.parse allocates anything. Well-formedness is not judged here. A short text cannot have too many keys, and
 * how deep it is shows when its value is looked at: JSON.parse itself has no stack to overflow.
 */
function assertShape(bytes: Uint8Array, limits: JsonLimits): void {
  const { maxKeys = JSON_LIMITS.maxKeys } = limits
  if (bytes.length < maxKeys * BYTES_A_KEY) return
  if (countKeys(bytes, { ...JSON_LIMITS, ...limits }) !== undefined) return
  parseJson(bytes, limits) // says which limit, and where
  throw notCanonical('', '')
}

/** `"":0,` */
const BYTES_A_KEY = 5

function parseUnchecked(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** This one comparison refuses duplicate keys, other escapes, white space, 1.0, 1E2, -0 and lossy integers. */
function isCanonical(text: string, value: Json, room: number): boolean {
  // What JSON.parse answers holds nothing that JSON.stringify would drop: with sorted keys its form is the canonical one, at
  // half the price. Objects list keys like "10" first, in whatever order they were written: those need the writer. So does half
  // of a surrogate pair, which JSON.stringify writes as the escape that stood there; bytes that spell one are no UTF-8.
  if (!text.includes('\\ud') && isSorted(value, room)) return JSON.stringify(value) === text
  try {
    return write(value, room) === text
  } catch {
    return false
  }
}

/** False also for what is nested too deeply. */
function isSorted(value: Json, room: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (room === 0) return false
  if (Array.isArray(value)) {
    for (const item of value) if (!isSorted(item, room - 1)) return false
    return true
  }
  const members = value as { readonly [key: string]: Json }
  let before = ''
  for (const key of Object.keys(members)) {
    if (key < before || !isSorted(members[key] as Json, room - 1)) return false
    before = key
  }
  return true
}

function notCanonical(text: string, canonical: string): RegistryError {
  let at = 0
  while (at < text.length && text[at] === canonical[at]) at++
  return new RegistryError('NOT_CANONICAL', 'This JSON is not in its canonical form (RFC 8785).', {
    expected: JSON.stringify(canonical.slice(at, at + 20)),
    got: `${JSON.stringify(text.slice(at, at + 20))} at character ${at}`,
    next: NEXT,
  })
}

function refuse(got: string): never {
  throw new RegistryError('NOT_CANONICAL', 'This value has no canonical JSON form.', {
    expected: 'null, booleans, finite numbers, well-formed strings, arrays and plain objects',
    got,
  })
}

function refuseKey(): never {
  throw new RegistryError('JSON_FORBIDDEN_KEY', 'A key named __proto__ is not allowed.', {
    expected: 'any other key',
    got: '__proto__',
    next: 'Rename the key.',
  })
}

function refuseDepth(): never {
  throw new RegistryError('LIMIT_EXCEEDED', 'This value is nested too deeply.', {
    expected: `at most ${JSON_LIMITS.maxDepth} levels`,
    got: `${JSON_LIMITS.maxDepth + 1} levels or more`,
  })
}
