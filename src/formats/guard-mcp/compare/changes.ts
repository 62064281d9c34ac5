// What a model would see otherwise, and the same in lines for people. The live side is a stranger’s: it may be no tool at all, and a
// comparison that it makes fail falls back to whole fields.

import { canonicalize, escapeText, type Json, type JsonObject } from '../../../lib/index.ts'
import { type Change, diffTools, surfaceOf, type Tool } from '../../../spec/index.ts'

/** Around a difference, and of it: more does not help to see it. */
const AROUND = 30
const LONGEST = 160
/** Of a tool that differs everywhere. */
const MOST_LINES = 60

/** Empty when a model would see no difference. A tool that was never verified is one change: all of it is new. */
export function surfaceChanges(before: Tool | undefined, live: JsonObject): readonly Change[] {
  const after = surfaceOf(live as unknown as Tool)
  if (before === undefined) return [{ path: '', after, risk: 'schema-compatible', visible: true }]
  const known = { kind: 'tool/v1', ...surfaceOf(before) } as unknown as Tool
  const changes = fieldChanges(surfaceOf(before), after)
  if (changes.length === 0) return []
  try {
    const fine = diffTools(known, { ...after, kind: 'tool/v1' } as unknown as Tool)
    // Never less than what the plain comparison of fields has found.
    const named = new Set(fine?.changes.map(({ path }) => fieldOf(path)))
    const rest = changes.filter(({ path }) => !named.has(fieldOf(path)))
    return [...(fine?.changes ?? []), ...rest]
  } catch {
    return changes
  }
}

/** Names of the fields that differ: words of ours, unlike the values and what lies deeper. */
export function fieldsOf(changes: readonly Change[]): readonly string[] {
  return [...new Set(changes.map(({ path }) => fieldOf(path)))].filter((field) => field !== '')
}

/** For people, one line each, escaped: `~ /description`, then the old and the new text around the difference. */
export function describeChanges(changes: readonly Change[]): readonly string[] {
  const lines = changes.flatMap(({ path, before, after, why }) => {
    const sign = before === undefined ? '+' : after === undefined ? '-' : '~'
    const reason = why === undefined ? '' : ` (${escapeText(why)})`
    const [old, now] = cut(textOf(before), textOf(after))
    return [
      `${sign} ${cutEnd(escapeText(path === '' ? '/' : path))}${reason}`,
      ...(old === undefined ? [] : [`    - ${escapeText(old)}`]),
      ...(now === undefined ? [] : [`    + ${escapeText(now)}`]),
    ]
  })
  if (lines.length <= MOST_LINES) return lines
  return [...lines.slice(0, MOST_LINES), `… and ${lines.length - MOST_LINES} lines more`]
}

function fieldChanges(before: JsonObject, after: JsonObject): readonly Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(
    (field): Change[] => {
      const [old, now] = [before[field], after[field]]
      if (canonicalOf(old) === canonicalOf(now)) return []
      return [
        {
          path: `/${field}`,
          ...(old === undefined ? {} : { before: old }),
          ...(now === undefined ? {} : { after: now }),
          risk: 'schema-breaking',
          visible: true,
        },
      ]
    },
  )
}

/** What has no canonical form equals nothing that was signed. */
function canonicalOf(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined
  try {
    return canonicalize(value)
  } catch {
    return 'no canonical form'
  }
}

function fieldOf(path: string): string {
  return path.split('/')[1] ?? ''
}

function textOf(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined
  try {
    return JSON.stringify(value)
  } catch {
    return 'something nested too deeply to be shown'
  }
}

/** What both begin with is left out first, so that a change at the end of a long text is seen. */
function cut(old: string | undefined, now: string | undefined): readonly (string | undefined)[] {
  let same = 0
  if (old !== undefined && now !== undefined) {
    while (same < old.length && old[same] === now[same]) same++
  }
  const isLong = Math.max(old?.length ?? 0, now?.length ?? 0) > LONGEST
  const start = isLong ? Math.max(0, same - AROUND) : 0
  return [old, now].map((text) => {
    if (text === undefined) return undefined
    return `${start > 0 ? '…' : ''}${cutEnd(text.slice(start))}`
  })
}

function cutEnd(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
