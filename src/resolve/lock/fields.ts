// Reading closed objects out of a lockfile: every key known, none missing, each of the type asked for. What does not fit is a fault with
// its JSON pointer, which parse-lock.ts turns into a line.

import { isJsonObject, type Json, type JsonObject, joinPointer } from '../../lib/index.ts'

/** What does not fit, before it has a line. */
export class LockFault extends Error {
  readonly path: string
  readonly expected: string
  readonly got: string
  readonly next: string | undefined

  constructor(path: string, expected: string, got: string, next?: string) {
    super(expected)
    this.path = path
    this.expected = expected
    this.got = got
    this.next = next
  }
}

export function closedObject(
  value: Json | undefined,
  path: string,
  required: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  const object = objectAt(value, path)
  for (const key of Object.keys(object)) {
    if (required.includes(key) || optional.includes(key)) continue
    const known = [...required, ...optional].join(', ')
    throw new LockFault(
      joinPointer(path, key),
      `only the fields ${known}`,
      `a field ${describe(key)}`,
    )
  }
  const missing = required.find((key) => !Object.hasOwn(object, key))
  if (missing !== undefined) throw new LockFault(path, `a field "${missing}"`, 'none')
  return object
}

export function mapAt<K extends string, V>(
  value: Json | undefined,
  path: string,
  read: { readonly key: (key: string) => K; readonly value: (value: Json, path: string) => V },
): ReadonlyMap<K, V> {
  const map = new Map<K, V>()
  const object = objectAt(value, path)
  for (const key of Object.keys(object)) {
    const at = joinPointer(path, key)
    map.set(parsed(key, at, read.key), read.value(object[key] ?? null, at))
  }
  return map
}

/** By a parser that throws its own coded error; what that expected is kept. */
export function parsed<V, T>(value: V, path: string, parse: (value: V) => T): T {
  try {
    return parse(value)
  } catch (error) {
    const { expected = 'something else' } =
      (error as { details?: { expected?: string } }).details ?? {}
    throw new LockFault(path, String(expected), describe(value))
  }
}

export function matching(
  value: Json | undefined,
  path: string,
  { pattern, expected }: { readonly pattern: RegExp; readonly expected: string },
): string {
  if (typeof value === 'string' && pattern.test(value)) return value
  throw new LockFault(path, expected, describe(value))
}

export function countAt(value: Json | undefined, path: string, least = 0): number {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= least
  if (isCount && value < Number.MAX_SAFE_INTEGER) return value
  throw new LockFault(path, `a whole number from ${least} to 2^53 - 2`, describe(value))
}

export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return JSON.stringify(value).slice(0, 100)
}

function objectAt(value: Json | undefined, path: string): JsonObject {
  if (isJsonObject(value)) return value
  throw new LockFault(path, 'an object', describe(value))
}
