// Reading closed objects out of parsed JSON: every key known, none missing, each of the type asked for.
// One reader for statements, index nodes and histories; they differ in the error's code and words.

import { type Cid, isCid } from '../../cid/index.ts'
import {
  type ErrorCode,
  isJsonObject,
  type Json,
  type JsonObject,
  RegistryError,
} from '../../lib/index.ts'

export type Refuse = (expected: string, got: string, path: string) => RegistryError

/** Makes the errors of one kind of document. */
export function refusal(code: ErrorCode, message: string, next: string): Refuse {
  return (expected, got, path) => new RegistryError(code, message, { expected, got, path, next })
}

/** The object at `path`, which has all `required` keys, and beyond them only `optional` ones. */
export function closedObject(
  value: Json | undefined,
  at: { readonly path: string; readonly refuse: Refuse },
  required: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  if (!isJsonObject(value)) throw at.refuse('an object', describe(value), at.path)
  const missing = required.find((key) => !Object.hasOwn(value, key))
  if (missing !== undefined) throw at.refuse(`a field ${missing}`, 'none', at.path)
  const known = [...required, ...optional]
  const stranger = Object.keys(value).find((key) => !known.includes(key))
  if (stranger === undefined) return value
  const got = `a field ${JSON.stringify(stranger.slice(0, 80))}`
  throw at.refuse(`only the fields ${known.join(', ')}`, got, at.path)
}

export function cidAt(value: Json | undefined, path: string, refuse: Refuse): Cid {
  if (isCid(value)) return value
  throw refuse('a CID (bafkrei…, 59 characters)', describe(value), path)
}

/** A whole number from `least` to 2^53 - 2, so that its successor is exact too (fast-forward, T3). */
export function countAt(
  value: Json | undefined,
  least: number,
  path: string,
  refuse: Refuse,
): number {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value)
  if (isCount && value >= least && value < Number.MAX_SAFE_INTEGER) return value
  throw refuse(`a whole number from ${least} to 2^53 - 2`, describe(value), path)
}

export function constantAt(
  value: Json | undefined,
  constant: string | number | null,
  path: string,
  refuse: Refuse,
): void {
  if (value !== constant) throw refuse(describe(constant), describe(value), path)
}

export function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return JSON.stringify(value).slice(0, 100)
}
