// Where two JSON values differ, as pointers to the smallest parts that do. Says nothing about what a difference means.

import { isJsonObject, type Json, joinPointer } from '../../lib/index.ts'

export interface JsonChange {
  readonly path: string
  readonly before?: Json
  readonly after?: Json
}

/** Equal as JSON: the order of keys does not count, that of items does. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    const [one, other]: readonly (readonly Json[])[] = [a, b]
    return (
      one?.length === other?.length && one?.every((item, i) => sameJson(item, other?.[i])) === true
    )
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  )
}

/** A change of one place; an absent value leaves its field out. */
export function changeAt(
  path: string,
  before: Json | undefined,
  after: Json | undefined,
): JsonChange {
  return {
    path,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }
}

/** Keys of either, sorted, so that the answer does not depend on how a document was written. */
export function keysOfBoth(a: object, b: object): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
}

/** A key that is not the object's own is absent: `constructor` and the like are inherited. */
export function memberOf(object: object, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? (object as Record<string, Json>)[key] : undefined
}

/** Objects are compared by key, lists by position. */
export function jsonChanges(
  before: Json | undefined,
  after: Json | undefined,
  path: string,
): readonly JsonChange[] {
  if (sameJson(before, after)) return []
  if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now]: readonly (readonly Json[])[] = [before, after]
    const length = Math.max(old?.length ?? 0, now?.length ?? 0)
    return Array.from({ length }, (_, i) =>
      jsonChanges(old?.[i], now?.[i], joinPointer(path, i)),
    ).flat()
  }
  if (isJsonObject(before) && isJsonObject(after)) {
    return keysOfBoth(before, after).flatMap((key) =>
      jsonChanges(memberOf(before, key), memberOf(after, key), joinPointer(path, key)),
    )
  }
  return [changeAt(path, before, after)]
}
