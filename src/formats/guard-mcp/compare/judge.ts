// Compares what a server lists with what was verified, tool by tool. Pure: a listing and the verified tools in, a verdict on each name
// out. What the client is shown is never the server’s copy of a tool but the signed one, so that nothing the comparison leaves out
// (`_meta`, icons, fields that MCP does not define) can carry words past it.

import { type JsonObject, RegistryError } from '../../../lib/index.ts'
import type { VerifiedTool } from '../../../resolve/index.ts'
import { type Change, surfaceDigest, type Tool } from '../../../spec/index.ts'
import { toMcpTool } from '../../mcp.ts'
import { surfaceChanges } from './changes.ts'

/**
 * - `changed`: a model would see something else than what was verified.
 * - `unknown`: no tool of this name was verified for this server.
 * - `shadowed`: another server of the group has the name.
 * - `ambiguous`: the server lists the name more than once.
 */
export type QuarantineReason = 'changed' | 'unknown' | 'shadowed' | 'ambiguous'

export interface Finding {
  /** As the server wrote it: escape it before it is printed. */
  readonly tool: string
  readonly reason: QuarantineReason
  /** What a model would see otherwise. Values are the server’s own words: never hand them to a model. */
  readonly diff: readonly Change[]
}

export interface Judged {
  /** What the client is shown, in the server’s order. */
  readonly allowed: ReadonlyMap<string, JsonObject>
  readonly refused: ReadonlyMap<string, Finding>
  /** Names that were verified and are not listed. */
  readonly missing: readonly string[]
}

/** A tool to compare with; what `loadTools` answers. */
export type LockedTool = Pick<VerifiedTool, 'name' | 'surface' | 'tool'>

export interface Locked {
  readonly tools: ReadonlyMap<string, LockedTool>
  /** Whether another server of the group has this name. */
  isTaken(name: string): boolean
}

/** Throws NOTHING_TO_VERIFY without tools, USAGE for two tools of one name, HASH_MISMATCH for a digest that is not the tool’s. */
export function lockedByName(tools: readonly LockedTool[]): ReadonlyMap<string, LockedTool> {
  const byName = new Map<string, LockedTool>()
  for (const locked of tools) {
    const { name, surface, tool } = locked
    if (name !== tool.name || surfaceDigest(tool) !== surface) throw notItsSurface(locked)
    const other = byName.get(name)
    if (other !== undefined && other.surface !== surface) throw twice(name)
    byName.set(name, locked)
  }
  if (byName.size > 0) return byName
  throw new RegistryError('NOTHING_TO_VERIFY', 'There is no tool to guard.', {
    expected: 'at least one verified tool of this server',
    got: 'none',
    next: 'Pass what `loadTools` answers for the release of this server.',
  })
}

export function judge(listed: readonly JsonObject[], locked: Locked): Judged {
  const counts = new Map<string, number>()
  for (const tool of listed) counts.set(nameOf(tool), (counts.get(nameOf(tool)) ?? 0) + 1)
  const allowed = new Map<string, JsonObject>()
  const refused = new Map<string, Finding>()
  for (const live of listed) {
    const name = nameOf(live)
    const expected = locked.tools.get(name)
    const reason = reasonAgainst(live, expected, {
      isTwice: counts.get(name) !== 1,
      isTaken: locked.isTaken(name),
    })
    if (reason !== undefined) {
      const diff = surfaceChanges(expected?.tool, live)
      // Of a name listed twice, the one that differs is the one to show.
      if (diff.length > 0 || !refused.has(name)) refused.set(name, { tool: name, reason, diff })
    } else if (expected !== undefined) allowed.set(name, toMcpTool(expected.tool))
  }
  return { allowed, refused, missing: [...locked.tools.keys()].filter((name) => !counts.has(name)) }
}

function reasonAgainst(
  live: JsonObject,
  expected: LockedTool | undefined,
  { isTwice, isTaken }: { readonly isTwice: boolean; readonly isTaken: boolean },
): QuarantineReason | undefined {
  if (isTaken) return 'shadowed'
  if (expected === undefined) return 'unknown'
  if (isTwice) return 'ambiguous'
  return digestOf(live) === expected.surface ? undefined : 'changed'
}

/** Undefined for what has no canonical form: half a surrogate, endless nesting, a key named __proto__. */
function digestOf(live: JsonObject): string | undefined {
  try {
    return surfaceDigest(live as unknown as Omit<Tool, 'kind'>)
  } catch {
    return undefined
  }
}

function nameOf(tool: JsonObject): string {
  return typeof tool.name === 'string' ? tool.name : ''
}

function twice(name: string): RegistryError {
  return new RegistryError('USAGE', `Two of the tools to guard are named ${name}.`, {
    expected: 'the tools of one server, each name once',
    got: 'two different tools of one name',
    next: 'Guard each server with the tools of its own release.',
  })
}

function notItsSurface({ name, surface, tool }: LockedTool): RegistryError {
  return new RegistryError('HASH_MISMATCH', `The surface of ${name} is not that of its tool.`, {
    expected: surface,
    got: `${surfaceDigest(tool)} of ${tool.name}`,
    next: 'Pass the tools as `loadTools` answers them.',
  })
}
