// What a lockfile could say instead of what it says, for a person to look at: a release that is proven, and of each of its tools whether
// it is new, changed, or approved already. Nothing is written here, and nothing is approved by being the same version's neighbour.

import type { Cid } from '../../cid/index.ts'
import type { RegistryError } from '../../lib/index.ts'
import {
  type Approval,
  type Lock,
  type LockedRelease,
  lockRelease,
  type VerifiedRelease,
  type VerifiedTool,
  withLocked,
} from '../../resolve/index.ts'
import {
  diffTools,
  type Finding,
  lintTool,
  parseTool,
  type Tool,
  type ToolDiff,
} from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'

/** A tool that somebody has to say yes to before it is locked. */
export interface ToolAsked {
  /** `changed`: another tool was approved under this name. `unapproved`: it is locked as it is, and nobody has said yes. */
  readonly kind: 'new' | 'changed' | 'unapproved'
  readonly tool: VerifiedTool
  /** What differs from the tool that was approved; absent where that one's bytes are not to be had. */
  readonly diff?: ToolDiff | undefined
  /** The CID that was approved. */
  readonly before?: Cid | undefined
  /** Text that could deceive. */
  readonly findings: readonly Finding[]
}

export interface Proposal {
  readonly name: string
  /** What the lock says now, if it holds this name. */
  readonly before: LockedRelease | undefined
  readonly release: VerifiedRelease
  /** The range that later updates stay in. */
  readonly range: string | undefined
  /** Which peer answered; undefined for a release that was held here. */
  readonly from: string | undefined
  readonly asked: readonly ToolAsked[]
  /** Approved before, and the very same bytes. */
  readonly kept: readonly string[]
  /** Locked before, and in the release no more. */
  readonly removed: readonly string[]
  /** In the release, and not asked about: somebody has chosen others. */
  readonly left: readonly string[]
  /** Whether the policy leaves it to a person. */
  readonly isPrompt: boolean
  /** What to say where that person cannot be asked. */
  readonly error?: RegistryError | undefined
  readonly warnings: readonly { readonly kind: string; readonly message: string }[]
}

export interface ToolChoice {
  /** Only these tools; all of them without. */
  readonly tools?: readonly string[] | undefined
  /** Not these, unless they are locked: somebody has left them out before. */
  readonly skip?: ReadonlySet<string> | undefined
  /** Names of tools of other releases that the same model sees. */
  readonly others: readonly string[]
}

/** Of every tool that is wanted, whether the lock has an approval of exactly its bytes. */
export async function sortTools(
  store: Store,
  release: VerifiedRelease,
  before: LockedRelease | undefined,
  { tools: wanted, skip, others }: ToolChoice,
): Promise<Pick<Proposal, 'asked' | 'kept' | 'removed' | 'left'>> {
  const asked: ToolAsked[] = []
  const kept: string[] = []
  const left: string[] = []
  const isLeft = (tool: string): boolean =>
    wanted?.includes(tool) === false ||
    (before?.tools.has(tool) === false && skip?.has(tool) === true)
  for (const tool of release.tools) {
    const locked = before?.tools.get(tool.name)
    if (locked?.approved?.cid === tool.cid) kept.push(tool.name)
    else if (isLeft(tool.name)) left.push(tool.name)
    else {
      const findings = lintTool(tool.tool, others)
      const old = locked?.cid
      if (old === undefined) asked.push({ kind: 'new', tool, findings })
      else if (old === tool.cid) asked.push({ kind: 'unapproved', tool, findings })
      else {
        const diff = await diffWith(store, old, tool.tool)
        asked.push({ kind: 'changed', tool, before: old, diff, findings })
      }
    }
  }
  const names = new Set(release.tools.map(({ name }) => name))
  const removed = [...(before?.tools.keys() ?? [])].filter((name) => !names.has(name))
  return { asked, kept, removed, left }
}

async function diffWith(store: Store, old: Cid, now: Tool): Promise<ToolDiff | undefined> {
  const [bytes] = await store.findBlocks([old])
  return bytes === undefined ? undefined : diffTools(parseTool(bytes), now)
}

/** The lock with this release, and in it the tools that are approved: now, by `by`, or before. Others are not locked at all. */
export function acceptProposal(
  lock: Lock,
  { before, release, range }: Proposal,
  { approved, by }: { readonly approved: ReadonlySet<string>; readonly by: string },
): Lock {
  const approvalOf = (tool: VerifiedTool): Approval | undefined => {
    const earlier = before?.tools.get(tool.name)?.approved
    if (earlier?.cid === tool.cid) return earlier
    return approved.has(tool.name) ? { by, cid: tool.cid } : undefined
  }
  const byName = new Map(release.tools.map((tool) => [tool.name, approvalOf(tool)]))
  const whole = lockRelease(release, (tool) => byName.get(tool))
  const tools = new Map([...whole.tools].filter(([, tool]) => tool.approved !== undefined))
  const locked = { ...(range === undefined ? {} : { range }), ...whole, tools }
  // The same release in a later state of the log is no news for a lockfile: it would only make merges harder.
  const isSame = before !== undefined && sayTheSame(before, locked)
  const log = isSame ? before.log : locked.log
  return withLocked(lock, release, { ...locked, log })
}

function sayTheSame(one: LockedRelease, other: LockedRelease): boolean {
  return one.release === other.release && one.statement === other.statement
}
