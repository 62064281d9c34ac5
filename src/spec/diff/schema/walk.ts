// Whether every value that one JSON Schema accepts is accepted by another, place by place. Sound and not complete: `no` means
// "not proven". Nothing is compiled and no pattern is run, so a hostile schema costs no more than its size (T31, T32).

import { isJsonObject, type Json, type JsonObject, joinPointer } from '../../../lib/index.ts'
import { changeAt, jsonChanges, keysOfBoth, memberOf, sameJson } from '../json-changes.ts'
import { isAlone, isAnything, isIdle, isWords, withoutWords } from './words.ts'

/** One place where the schemas differ, and whether the second accepts there all that the first does. */
export interface Found {
  readonly path: string
  readonly from?: Json
  readonly to?: Json
  readonly accepts: 'words' | 'yes' | 'no'
  readonly why?: string
}

export interface Place {
  readonly path: string
  /** Whether no other schema speaks about the same value, so that an undeclared property has no meaning. */
  readonly alone: boolean
  readonly walk: Walk
}

export interface Pair {
  readonly key: string
  readonly from: JsonObject
  readonly to: JsonObject
}

export type Rule = (pair: Pair, place: Place) => readonly Found[]

/** An absent schema accepts anything. */
export type Walk = (
  from: Json | undefined,
  to: Json | undefined,
  place: Pick<Place, 'path' | 'alone'>,
) => readonly Found[]

/** anyOf is compared branch by branch with each other: more comparisons than this prove nothing any more. */
const MOST_STEPS = 20_000

export function createWalk(
  rules: ReadonlyMap<string, Rule>,
  { rigid, isLenient }: { readonly rigid: ReadonlySet<string>; readonly isLenient: boolean },
): Walk {
  let steps = 0
  const walk: Walk = (from, to, { path, alone: isApart }) => {
    const alone = isApart && isLenient
    if (sameJson(from, to)) return []
    steps++
    if (steps > MOST_STEPS) return [found(path, from, to, false, 'too much to compare')]
    if (rigid.has(path)) return rigidly(from, to, path)
    if (!isJsonObject(from) || !isJsonObject(to)) {
      return [found(path, from, to, isAnything(to) || from === false)]
    }
    const place = { path, alone: alone && isAlone(from) && isAlone(to), walk }
    return keysOfBoth(from, to).flatMap((key) => {
      if (sameJson(memberOf(from, key), memberOf(to, key))) return []
      const pair = { key, from, to }
      if (isWords(key)) return [foundKey(pair, path, 'words')]
      if (isIdle(key, from)) return [foundKey(pair, path, 'yes')]
      const rule = rules.get(key)
      if (rule === undefined) return [foundKey(pair, path, 'no', 'unknown keyword')]
      // anyOf looks at the branches' own company, so it is told what holds outside.
      return rule(pair, key === 'anyOf' ? { ...place, alone } : place)
    })
  }
  return walk
}

export function found(
  path: string,
  from: Json | undefined,
  to: Json | undefined,
  isAccepted: boolean,
  why?: string,
): Found {
  return withReason(path, from, to, isAccepted ? 'yes' : 'no', isAccepted ? undefined : why)
}

export function foundKey(
  { key, from, to }: Pair,
  path: string,
  accepts: Found['accepts'],
  why?: string,
): Found {
  return withReason(joinPointer(path, key), memberOf(from, key), memberOf(to, key), accepts, why)
}

/** For places where more may mean less: words may change, if nothing refers into them, and nothing else. */
export function rigidly(
  from: Json | undefined,
  to: Json | undefined,
  path: string,
  mayWordsChange = true,
): readonly Found[] {
  const isWording =
    mayWordsChange &&
    from !== undefined &&
    to !== undefined &&
    sameJson(withoutWords(from), withoutWords(to))
  return jsonChanges(from, to, path).map((change) =>
    isWording
      ? withReason(change.path, change.before, change.after, 'words')
      : withReason(change.path, change.before, change.after, 'no', 'cannot be proven compatible'),
  )
}

function withReason(
  path: string,
  from: Json | undefined,
  to: Json | undefined,
  accepts: Found['accepts'],
  why?: string,
): Found {
  const { before, after } = changeAt(path, from, to)
  return {
    path,
    ...(before === undefined ? {} : { from: before }),
    ...(after === undefined ? {} : { to: after }),
    accepts,
    ...(why === undefined ? {} : { why }),
  }
}

/** Whether the first is proven to be within the second, wherever either stands. */
export function isWithin(walk: Walk, from: Json | undefined, to: Json | undefined): boolean {
  // No pointer looks like this, so no rigid place is met: both sides refer to the same, which is compared in its own place.
  return walk(from, to, { path: '?', alone: false }).every(({ accepts }) => accepts !== 'no')
}
