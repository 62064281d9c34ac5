// What a model would see of a tool, whole and in its own words, for whoever has to approve it; and what it would see otherwise than
// before. Every line of foreign text stands behind a bar, so that no description can pass for ours, and nothing is left out.

import { isJsonObject, type Json, type JsonObject } from '../lib/index.ts'
import { type Change, surfaceOf, type Tool, type ToolDiff } from '../spec/index.ts'
import { safe } from './terminal.ts'
import { describeTextChange } from './text-diff.ts'

const WIDTH = 110
const INDENT = '  '

/** Lines that have gone through `safe`. */
export function describeSurface(tool: Tool): readonly string[] {
  const { name, ...fields } = surfaceOf(tool)
  return [`${INDENT}name ${safe(String(name))}`, ...describeFields(fields)]
}

export function describeFields(fields: JsonObject): readonly string[] {
  return Object.entries(fields).flatMap(([field, value]) => describeValue(field, value))
}

/** What differs, each place with its class; places that a model does not see are said to be so. */
export function describeChanges({ changes }: ToolDiff): readonly string[] {
  return changes.flatMap(describeChange)
}

function describeChange({ path, before, after, risk, visible, why }: Change): readonly string[] {
  const sign = before === undefined ? '+' : after === undefined ? '-' : '~'
  const reason = why === undefined ? '' : ` (${safe(why)})`
  const seen = visible ? '' : ', not shown to a model'
  const head = `${INDENT}${sign} ${safe(path)}  ${risk}${seen}${reason}`
  if (typeof before === 'string' && typeof after === 'string') {
    return [head, ...describeTextChange(before, after).flatMap(barred)]
  }
  const side = (mark: string, value: Json | undefined): readonly string[] =>
    value === undefined ? [] : linesOf(value).map((line) => `${INDENT}  ${mark} ${line}`)
  return [head, ...side('-', before), ...side('+', after)]
}

function describeValue(field: string, value: Json | undefined): readonly string[] {
  if (value === undefined) return []
  if (typeof value === 'string') return [`${INDENT}${safe(field)}`, ...barred(value)]
  return [`${INDENT}${safe(field)}`, ...linesOf(value).map((line) => `${INDENT}  | ${line}`)]
}

/** A line break is shown as one; whatever else is not visible, as `\u{…}`. */
function barred(text: string): readonly string[] {
  return text.split('\n').map((line) => `${INDENT}  | ${safe(line)}`)
}

function linesOf(value: Json): readonly string[] {
  return layOut(value, 0).map(safe)
}

/** JSON in as few lines as fit: a member that is short stands on one. */
function layOut(value: Json, depth: number): readonly string[] {
  const flat = JSON.stringify(value)
  const isOpen = typeof value === 'object' && value !== null
  if (!isOpen || flat.length + depth * 2 <= WIDTH) return [flat]
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const members = isJsonObject(value)
    ? Object.entries(value).map(([key, member]) => ({ label: `${JSON.stringify(key)}: `, member }))
    : (value as readonly Json[]).map((member) => ({ label: '', member }))
  const inner = members.flatMap(({ label, member }, i) => {
    const [first = '', ...rest] = layOut(member, depth + 1)
    const lines = [`${label}${first}`, ...rest]
    const comma = i < members.length - 1 ? ',' : ''
    return lines.map((line, j) => `  ${line}${j === lines.length - 1 ? comma : ''}`)
  })
  return [open, ...inner, close]
}
