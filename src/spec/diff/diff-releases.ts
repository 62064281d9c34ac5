// Two releases: what a model would see otherwise, what would run otherwise, and how much of a step that is. Pure.

import type { Release } from '../release.ts'
import type { Tool } from '../tool.ts'
import { addedTool, diffTools, removedTool } from './diff-tools.ts'
import { releaseChanges } from './release-fields.ts'
import { sortRisks, versionStep } from './step.ts'
import type { ReleaseDiff, ToolDiff } from './types.ts'

/** A release with its tools, checked by `parseRelease` and `parseTool`, or as `splitToolkit` makes them. */
export interface ReleaseWithTools {
  readonly release: Release
  readonly tools: readonly Tool[]
}

export function diffReleases(before: ReleaseWithTools, after: ReleaseWithTools): ReleaseDiff {
  const changes = releaseChanges(before.release, after.release).map((change) => ({
    ...change,
    visible: false,
  }))
  const compared = byName(before.tools, after.tools)
  const tools = compared.flatMap(({ diff }) => (diff === undefined ? [] : [diff]))
  const risks = sortRisks([
    ...changes.map(({ risk }) => risk),
    ...tools.flatMap((tool) => tool.risks),
  ])
  const [{ name, version }, next] = [before.release, after.release]
  return {
    visible: tools.some((tool) => tool.visible),
    risks,
    changes,
    tools,
    unchanged: compared.flatMap((one) => (one.diff === undefined ? [one.name] : [])),
    ...(name === next.name ? { step: versionStep(risks, version, next.version) } : {}),
  }
}

interface Compared {
  readonly name: string
  readonly diff: ToolDiff | undefined
}

function byName(before: readonly Tool[], after: readonly Tool[]): readonly Compared[] {
  const old = new Map(before.map((tool) => [tool.name, tool]))
  const now = new Map(after.map((tool) => [tool.name, tool]))
  return [...new Set([...old.keys(), ...now.keys()])].sort().map((name) => {
    return { name, diff: diffOf(old.get(name), now.get(name)) }
  })
}

function diffOf(before: Tool | undefined, after: Tool | undefined): ToolDiff | undefined {
  if (after === undefined) return before === undefined ? undefined : removedTool(before)
  return before === undefined ? addedTool(after) : diffTools(before, after)
}
