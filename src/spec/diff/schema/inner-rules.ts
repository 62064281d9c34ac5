// One rule for each keyword of JSON Schema that holds other schemas. A rule may look at its neighbours (`additionalProperties`
// beside `properties`).

import { isJsonObject, type Json, type JsonObject, joinPointer } from '../../../lib/index.ts'
import { keysOfBoth, memberOf } from '../json-changes.ts'
import { hasPatterns, isAloneInAnyOf } from './references.ts'
import { isPart, rows, VALUE_RULES } from './value-rules.ts'
import {
  type Found,
  found,
  foundKey,
  isWithin,
  type Pair,
  type Place,
  type Rule,
  rigidly,
} from './walk.ts'
import { isAnything } from './words.ts'

/** More inside is more outside. */
const within: Rule = ({ key, from, to }, { path, alone, walk }) =>
  walk(memberOf(from, key), memberOf(to, key), { path: joinPointer(path, key), alone })

/** More inside may be less outside: only its removal is known to be more. */
const turning: Rule = ({ key, from, to }, { path }) => {
  const inner = joinPointer(path, key)
  if (!Object.hasOwn(to, key)) return [found(inner, memberOf(from, key), undefined, true)]
  return rigidly(memberOf(from, key), memberOf(to, key), inner)
}

/** Judges each member of two maps of schemas. */
const byName =
  (judgeOne: (name: string, pair: Pair, place: Place) => readonly Found[]): Rule =>
  (pair, place) =>
    keysOfBoth(mapAt(pair.from, pair.key), mapAt(pair.to, pair.key)).flatMap((name) =>
      judgeOne(name, pair, {
        ...place,
        path: joinPointer(joinPointer(place.path, pair.key), name),
      }),
    )

const properties = byName((name, pair, { path, alone, walk }) => {
  const { from, to } = pair
  const [old, now] = [
    memberOf(mapAt(from, 'properties'), name),
    memberOf(mapAt(to, 'properties'), name),
  ]
  if (now === undefined) {
    const isKept = isWithin(walk, old, memberOf(to, 'additionalProperties'))
    return [found(path, old, now, isKept, 'such an argument is refused now')]
  }
  const hasPattern = hasPatterns(from) || hasPatterns(to)
  if (old !== undefined) return walk(old, now, { path, alone: alone && !hasPattern })
  return [found(path, old, now, isNewAccepted(name, now, pair, { path, alone, walk }), NARROWER)]
})

const NARROWER = 'an argument of this name was accepted with other values'

/**
 * A property that was not declared. Strictly, a schema that leaves additionalProperties out accepted it with any value; but nobody
 * was told of it, so that nobody relied on it. An explicit `additionalProperties` is a promise, and is held to.
 */
function isNewAccepted(name: string, now: Json, { from }: Pair, { alone, walk }: Place): boolean {
  if (isAnything(now)) return true
  if (hasPatterns(from)) return false
  if (Object.hasOwn(from, 'additionalProperties')) {
    return isWithin(walk, from.additionalProperties, now)
  }
  return alone && !isPart([name], from.required)
}

const patterns = byName((name, { from, to, key }, { path, walk }) => {
  const [old, now] = [memberOf(mapAt(from, key), name), memberOf(mapAt(to, key), name)]
  if (old !== undefined && now !== undefined) return walk(old, now, { path, alone: false })
  // Without the pattern its names are additional properties; with it, they are judged by it.
  const free = now === undefined ? memberOf(to, 'additionalProperties') : now
  return [found(path, old, now, isAnything(free), 'names like these are judged otherwise now')]
})

/** What nothing refers to does nothing; a reference to what is gone freezes the schema. */
const definitions = byName((name, { from, to, key }, { path, walk }) => {
  const [old, now] = [memberOf(mapAt(from, key), name), memberOf(mapAt(to, key), name)]
  if (old === undefined || now === undefined) return [found(path, old, now, true)]
  return walk(old, now, { path, alone: true })
})

/** By name, a schema (`dependentSchemas`) or a list of names (`dependentRequired`); either in `dependencies`. */
const dependent = byName((name, { from, to, key }, { path, walk }) => {
  const [old, now] = [memberOf(mapAt(from, key), name), memberOf(mapAt(to, key), name)]
  if (Array.isArray(now)) {
    return [found(path, old, now, Array.isArray(old) && isPart(now, old), 'newly required')]
  }
  if (Array.isArray(old)) return [found(path, old, now, isAnything(now), 'a new condition')]
  return walk(old, now, { path, alone: false })
})

/** Every branch of the second must hold wherever all of the first do: each must be wider than one of them. */
const allOf = branches((walk, old, now) =>
  now.every((branch) => old.some((other) => isWithin(walk, other, branch))),
)

/** Every branch of the first must be within one of the second. */
const anyOf = branches((walk, old, now) =>
  old.every((branch) => now.some((other) => isWithin(walk, branch, other))),
)

function branches(
  isAccepted: (walk: Place['walk'], old: readonly Json[], now: readonly Json[]) => boolean,
): Rule {
  return (pair, place) => {
    const { key, from, to } = pair
    const [old, now] = [listAt(from, key), listAt(to, key)]
    if (now === undefined) return [foundKey(pair, place.path, 'yes')]
    if (old === undefined) return [foundKey(pair, place.path, 'no', 'a new condition')]
    const each = old.length === now.length ? pairwise(pair, place, old, now) : undefined
    if (each?.every(({ accepts }) => accepts !== 'no') === true) return each
    if (isAccepted(place.walk, old, now)) return [foundKey(pair, place.path, 'yes')]
    return each ?? [foundKey(pair, place.path, 'no', 'other branches')]
  }
}

function pairwise(
  { key, from, to }: Pair,
  { path, alone, walk }: Place,
  old: readonly Json[],
  now: readonly Json[],
): readonly Found[] {
  return old.flatMap((branch, i) => {
    const apart = key === 'anyOf' && alone && isAloneInAnyOf(from, i) && isAloneInAnyOf(to, i)
    return walk(branch, now[i], { path: joinPointer(joinPointer(path, key), i), alone: apart })
  })
}

/** A list of schemas by position, where the rest is judged by another keyword: its length must stay. */
const positions: Rule = (pair, place) => {
  const [old, now] = [listAt(pair.from, pair.key), listAt(pair.to, pair.key)]
  if (old === undefined || now === undefined || old.length !== now.length) {
    return [foundKey(pair, place.path, 'no', 'other positions')]
  }
  return pairwise(pair, place, old, now)
}

/** A schema since draft 2019-09, before that also a list by position. */
const items: Rule = (pair, place) =>
  Array.isArray(pair.from.items) || Array.isArray(pair.to.items)
    ? positions(pair, place)
    : within(pair, place)

/** `then` and `else` say nothing without `if`; with the same `if` they are conditions like any other. */
const conditional: Rule = (pair, place) => {
  const { from, to, key } = pair
  if (!Object.hasOwn(to, 'if')) return [foundKey(pair, place.path, 'yes')]
  if (!Object.hasOwn(from, 'if') && !isAnything(memberOf(to, key))) {
    return [foundKey(pair, place.path, 'no', 'a new condition')]
  }
  return within(pair, { ...place, alone: false })
}

/** A new `if` matters by what follows from it, also when that stood there before. */
const condition: Rule = (pair, place) => {
  const { from, to } = pair
  if (!Object.hasOwn(from, 'if') && isAnything(to.then) && isAnything(to.else)) {
    return [foundKey(pair, place.path, 'yes')]
  }
  return turning(pair, place)
}

export const RULES: ReadonlyMap<string, Rule> = new Map([
  ...VALUE_RULES,
  ['properties', properties],
  ['patternProperties', patterns],
  ...rows(within, 'additionalProperties', 'additionalItems', 'propertyNames'),
  ...rows(definitions, '$defs', 'definitions'),
  ...rows(dependent, 'dependentSchemas', 'dependentRequired', 'dependencies'),
  ['allOf', allOf],
  ['anyOf', anyOf],
  ['prefixItems', positions],
  ['items', items],
  ...rows(turning, 'not', 'oneOf', 'contains'),
  ['if', condition],
  ...rows(conditional, 'then', 'else'),
])

function mapAt(schema: JsonObject, key: string): JsonObject {
  const value = memberOf(schema, key)
  return isJsonObject(value) ? value : {}
}

function listAt(schema: JsonObject, key: string): readonly Json[] | undefined {
  const value = memberOf(schema, key)
  return Array.isArray(value) ? value : undefined
}
