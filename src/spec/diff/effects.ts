// What a tool says it may do, before and after: MCP's annotations with the defaults MCP gives to absent hints, and ATIP's
// effects, where what is not said ranks between a promise not to and an admission. All of it is the publisher's claim.

import { isJsonObject, type Json } from '../../lib/index.ts'
import type { Tool, ToolAnnotations, ToolEffects } from '../tool.ts'
import {
  changeAt,
  type JsonChange,
  jsonChanges,
  keysOfBoth,
  memberOf,
  sameJson,
} from './json-changes.ts'
import type { Risk } from './types.ts'

export interface ClassedChange extends JsonChange {
  readonly risk: Risk
  readonly why?: string
}

/** The value of a hint that is absent, and the one that lets a tool do more. */
const HINTS: Readonly<Record<string, { readonly absent: boolean; readonly wide: boolean }>> = {
  readOnlyHint: { absent: false, wide: false },
  destructiveHint: { absent: true, wide: true },
  idempotentHint: { absent: false, wide: false },
  openWorldHint: { absent: true, wide: true },
}

export function annotationChanges(
  before: ToolAnnotations = {},
  after: ToolAnnotations = {},
): readonly ClassedChange[] {
  return keysOfBoth(before, after).flatMap((key): readonly ClassedChange[] => {
    const [old, now] = [memberOf(before, key), memberOf(after, key)]
    if (sameJson(old, now)) return []
    const change = changeAt(`/annotations/${key}`, old, now)
    const hint = memberOf(HINTS, key) as (typeof HINTS)[string] | undefined
    if (hint === undefined) return [{ ...change, risk: key === 'title' ? 'text' : 'other' }]
    const { absent, wide } = hint
    const [oldHint, nowHint] = [old ?? absent, now ?? absent]
    if (oldHint === nowHint) return [{ ...change, risk: 'other', why: `${absent} is the default` }]
    const why = old === undefined || now === undefined ? `absent means ${absent}` : undefined
    const risk = nowHint === wide ? 'effects-widened' : 'effects-narrowed'
    return [{ ...change, risk, ...(why === undefined ? {} : { why }) }]
  })
}

/** How much a value allows; undefined stands for a field that is absent. */
type Rank = (value: Json | undefined) => number

const admitted: Rank = (value) => (value === undefined ? 1 : value === true ? 2 : 0)
const promised: Rank = (value) => (value === undefined ? 1 : value === true ? 0 : 2)
const along =
  (...order: readonly string[]): Rank =>
  (value) =>
    value === undefined ? 0.5 : order.indexOf(String(value))

const RANKS: ReadonlyMap<string, Rank> = new Map([
  ['/filesystem/read', admitted],
  ['/filesystem/write', admitted],
  ['/filesystem/delete', admitted],
  ['/network', admitted],
  ['/subprocess', admitted],
  ['/destructive', admitted],
  ['/interactive/prompts', admitted],
  ['/interactive/tty', admitted],
  ['/cost/billable', admitted],
  ['/idempotent', promised],
  ['/reversible', promised],
  ['/interactive/stdin', along('none', 'optional', 'required', 'password')],
  ['/cost/estimate', along('free', 'low', 'medium', 'high')],
])

/** Lists of what is touched: a new item is more, and so is a list that is gone, for it was a bound. */
const LISTS: readonly string[] = ['/filesystem/paths', '/creates', '/modifies', '/deletes']

export function effectChanges(
  before: ToolEffects = {},
  after: ToolEffects = {},
): readonly ClassedChange[] {
  const changes: ClassedChange[] = []
  for (const path of [...RANKS.keys(), ...LISTS]) {
    const [old, now] = [valueAt(before, path), valueAt(after, path)]
    if (sameJson(old, now)) continue
    changes.push({ ...changeAt(`/effects${path}`, old, now), risk: effectRisk(path, old, now) })
  }
  const known = changes.map(({ path }) => path)
  const rest = jsonChanges(before as Json, after as Json, '/effects')
    .filter(({ path }) => !known.some((one) => isNear(one, path)))
    .map((change) => ({ ...change, risk: 'other' as const }))
  return [...changes, ...rest]
}

function effectRisk(path: string, old: Json | undefined, now: Json | undefined): Risk {
  const rank = RANKS.get(path)
  if (rank !== undefined) return rank(now) > rank(old) ? 'effects-widened' : 'effects-narrowed'
  const [before, after] = [itemsOf(old), itemsOf(now)]
  if (after === undefined) return 'effects-widened'
  if (before === undefined) {
    return path === '/filesystem/paths' || after.length === 0
      ? 'effects-narrowed'
      : 'effects-widened'
  }
  if (after.some((item) => !before.includes(item))) return 'effects-widened'
  return before.some((item) => !after.includes(item)) ? 'effects-narrowed' : 'other'
}

/** The one lies at, above or below the other: what is said already is not said again. */
function isNear(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)
}

function itemsOf(value: Json | undefined): readonly Json[] | undefined {
  return Array.isArray(value) ? value : undefined
}

function valueAt(value: ToolEffects, path: string): Json | undefined {
  let at = value as Json | undefined
  for (const key of path.slice(1).split('/')) at = isJsonObject(at) ? memberOf(at, key) : undefined
  return at
}

/** What a new tool may do, for whoever decides about it. */
export function powersOf({ annotations = {}, effects = {} }: Tool): readonly string[] {
  const powers: readonly (readonly [boolean, string])[] = [
    [annotations.readOnlyHint !== true, 'change things'],
    [annotations.readOnlyHint !== true && annotations.destructiveHint !== false, 'destroy things'],
    [annotations.openWorldHint !== false, 'reach the outside world'],
    [effects.filesystem?.write === true || effects.filesystem?.delete === true, 'write files'],
    [effects.network === true, 'use the network'],
    [effects.subprocess === true, 'start programs'],
    [effects.cost?.billable === true, 'cost money'],
  ]
  return powers.flatMap(([may, what]) => (may ? [what] : []))
}
