// Two versions of one tool: what changed, field by field, and the class of each change.

import type { Json } from '../../lib/index.ts'
import { surfaceOf } from '../surface.ts'
import type { Tool } from '../tool.ts'
import { annotationChanges, type ClassedChange, effectChanges, powersOf } from './effects.ts'
import { changeAt, jsonChanges, sameJson } from './json-changes.ts'
import { argumentChanges, resultChanges } from './schema/changes.ts'
import { sortRisks } from './step.ts'
import type { Change, Risk, ToolDiff } from './types.ts'

type FieldDiff = (before: Tool, after: Tool) => readonly ClassedChange[]

const FIELDS: Readonly<Record<Exclude<keyof Tool, 'kind'>, FieldDiff>> = {
  name: ({ name: old }, { name: now }) =>
    old === now
      ? []
      : [
          {
            ...changeAt('/name', old, now),
            risk: 'schema-breaking',
            why: 'calls use the old name',
          },
        ],
  title: leaves('title', 'text'),
  description: leaves('description', 'text'),
  inputSchema: (before, after) => argumentChanges(before.inputSchema, after.inputSchema),
  outputSchema: (before, after) => resultChanges(before.outputSchema, after.outputSchema),
  annotations: (before, after) => annotationChanges(before.annotations, after.annotations),
  effects: (before, after) => effectChanges(before.effects, after.effects),
  examples: leaves('examples', 'text'),
  icons: leaves('icons', 'text'),
  execution: taskChanges,
  hints: leaves('hints', 'other'),
  _meta: leaves('_meta', 'other'),
}

/** Undefined when nothing differs. The order of keys is no difference: the canonical form has none. */
export function diffTools(before: Tool, after: Tool): ToolDiff | undefined {
  const seen = [surfaceOf(before), surfaceOf(after)]
  const changes = (Object.keys(FIELDS) as (keyof typeof FIELDS)[]).flatMap((field) => {
    const visible = seen.some((surface) => Object.hasOwn(surface, field))
    return fieldChanges(field, before, after).map((change): Change => ({ ...change, visible }))
  })
  return changes.length === 0 ? undefined : toolDiff('changed', after.name, changes)
}

/** A difference that says nothing, such as `"hints": {}` that was not there, is one all the same: the block is another. */
function fieldChanges(
  field: keyof typeof FIELDS,
  before: Tool,
  after: Tool,
): readonly ClassedChange[] {
  const changes = FIELDS[field](before, after)
  const [old, now] = [jsonOf(before[field]), jsonOf(after[field])]
  if (changes.length > 0 || sameJson(old, now)) return changes
  return [{ ...changeAt(`/${field}`, old, now), risk: 'other' }]
}

export function addedTool(tool: Tool): ToolDiff {
  const powers = powersOf(tool)
  const why = powers.length === 0 ? 'a new tool' : `a new tool; it may ${powers.join(', ')}`
  const change = { ...changeAt('', undefined, jsonOf(tool)), visible: true, why }
  return toolDiff('added', tool.name, [{ ...change, risk: 'schema-compatible' }])
}

export function removedTool(tool: Tool): ToolDiff {
  const change = {
    ...changeAt('', jsonOf(tool), undefined),
    visible: true,
    why: 'calls of it fail now',
  }
  return toolDiff('removed', tool.name, [{ ...change, risk: 'schema-breaking' }])
}

function toolDiff(kind: ToolDiff['kind'], name: string, changes: readonly Change[]): ToolDiff {
  const visible = changes.some((change) => change.visible)
  return { kind, name, visible, risks: sortRisks(changes.map(({ risk }) => risk)), changes }
}

function leaves(field: keyof Tool, risk: Risk): FieldDiff {
  return (before, after) =>
    jsonChanges(jsonOf(before[field]), jsonOf(after[field]), `/${field}`).map((change) => ({
      ...change,
      risk,
    }))
}

/** MCP: absent is forbidden. A client that knows no tasks cannot call a tool that requires them, and the other way round. */
function taskChanges({ execution: before }: Tool, { execution: after }: Tool): ClassedChange[] {
  const [old, now] = [before?.taskSupport, after?.taskSupport]
  if (old === now) return []
  const change = changeAt('/execution/taskSupport', old, now)
  if ((old ?? 'forbidden') === (now ?? 'forbidden')) return [{ ...change, risk: 'other' }]
  if (now === 'optional') return [{ ...change, risk: 'schema-compatible' }]
  return [{ ...change, risk: 'schema-breaking', why: 'some clients cannot call it any more' }]
}

/** A checked tool or field of one is JSON. */
function jsonOf(value: Tool | Tool[keyof Tool]): Json | undefined {
  return value as unknown as Json | undefined
}
