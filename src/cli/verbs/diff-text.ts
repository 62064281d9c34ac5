// What `registry diff` prints: for each change its sign, its place, its class, and the old and the new value.

import type { Json } from '../../lib/index.ts'
import type { Diffed } from '../../registry/index.ts'
import type { Change, ToolDiff, VersionStep } from '../../spec/index.ts'
import { safe, type Terminal } from '../terminal.ts'

/** Longer values are cut in the middle of a line; --json has them whole. */
const WIDTH = 160

export function printDiff(terminal: Terminal, { kind, before, after, diff }: Diffed): void {
  const nameOf = (side: Diffed['before']): string =>
    // A tool has no version of its own.
    kind === 'tool' || side.version === undefined
      ? safe(side.name)
      : `${safe(side.name)}@${side.version}`
  terminal.line(`${nameOf(before)} → ${nameOf(after)}`)
  for (const { target, verdict, cid } of [before, after]) {
    terminal.line(`  ${verdict.padEnd(8)}  ${cid}  ${safe(target)}`)
  }
  if (diff.changes.length > 0) terminal.line('release  changed')
  for (const change of diff.changes) printChange(terminal, change)
  for (const tool of diff.tools) printTool(terminal, tool)
  const { unchanged } = diff
  if (unchanged.length > 0) terminal.line(`unchanged  ${unchanged.map(safe).join(', ')}`)
  if (diff.risks.length === 0) terminal.line('Nothing differs.')
  else {
    terminal.line(`risks  ${diff.risks.join(', ')}`)
    terminal.line(`A model would see ${diff.visible ? 'a difference' : 'no difference'}.`)
  }
  if (diff.step !== undefined) printStep(terminal, diff.step)
}

function printTool(terminal: Terminal, tool: ToolDiff): void {
  terminal.line(`tool ${safe(tool.name)}  ${tool.kind}`)
  for (const change of tool.changes) {
    if (tool.kind === 'changed') printChange(terminal, change)
    else
      terminal.line(
        `  ${tool.kind === 'added' ? '+' : '-'} ${change.risk}  ${safe(change.why ?? '')}`,
      )
  }
}

function printChange(terminal: Terminal, { path, before, after, risk, why }: Change): void {
  const sign = before === undefined ? '+' : after === undefined ? '-' : '~'
  const reason = why === undefined ? '' : ` (${safe(why)})`
  terminal.line(`  ${sign} ${safe(path)}  ${risk}${reason}`)
  const [old, now] = cut(textOf(before), textOf(after))
  if (old !== undefined) terminal.line(`      - ${safe(old)}`)
  if (now !== undefined) terminal.line(`      + ${safe(now)}`)
}

function printStep(terminal: Terminal, { suggested, actual, tooSmall }: VersionStep): void {
  terminal.line(`step  ${actual}; the changes ask for ${suggested}`)
  if (tooSmall) terminal.line('The version is raised by less than the changes ask for.')
}

function textOf(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}

/** A change at the end of a long text must be seen: what both begin with is left out first. */
function cut(old: string | undefined, now: string | undefined): readonly (string | undefined)[] {
  const longest = Math.max(old?.length ?? 0, now?.length ?? 0)
  let same = 0
  if (old !== undefined && now !== undefined && longest > WIDTH) {
    while (same < old.length && old[same] === now[same]) same++
  }
  const start = Math.max(0, same - 40)
  return [old, now].map((text) => {
    if (text === undefined) return undefined
    const tail = text.slice(start, start + WIDTH)
    return `${start > 0 ? '…' : ''}${tail}${start + WIDTH < text.length ? '…' : ''}`
  })
}
