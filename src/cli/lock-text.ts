// What the commands that write the lockfile do and say in the end.

import {
  acceptProposal,
  assertFrozen,
  type Desk,
  holdLocked,
  type Proposal,
  type Workspace,
  writeLockFile,
} from '../registry/index.ts'
import { approveTools } from './approve.ts'
import type { Invocation } from './command.ts'
import { pullAsking } from './first-use.ts'
import { approver, peersAsked } from './lock-desk.ts'
import { safe, type Terminal } from './terminal.ts'
import { remarkOn } from './warnings.ts'

type Lock = Desk['file']['lock']
type Seeking = Parameters<typeof import('../registry/index.ts').proposeAdd>[3]

/** Peers, progress, and a pull that may ask whom a namespace belongs to. */
export async function seeking<T>(
  invocation: Invocation,
  workspace: Workspace,
  find: (seeking: Seeking) => Promise<T>,
): Promise<T> {
  const { terminal, signal } = invocation
  await using asked = await peersAsked(invocation, workspace)
  return await find({
    signal,
    onProgress: terminal.progress,
    peers: asked.peers,
    ask: asked.areNamed,
    pull: (_workspace, { reference, peers, publisher, witnesses }) =>
      pullAsking(invocation, workspace, { reference, peers, publisher, witnesses }),
  })
}

export interface Written {
  readonly lock: Lock
  readonly isWritten: boolean
}

/**
 * Asks for every tool that needs a yes, then writes all of it or nothing. With `--frozen` nobody is asked: whatever would change is the
 * error.
 */
export async function writeProposals(
  invocation: Invocation,
  { file, policy }: Desk,
  proposals: readonly Proposal[],
): Promise<Written> {
  const by = approver(invocation)
  const isFrozen = invocation.options.frozen === true
  let lock: Lock = { ...file.lock, policy: policy.digest }
  for (const proposal of proposals) {
    remarkOn(invocation.terminal, proposal.warnings)
    const approved = isFrozen ? everyTool(proposal) : await approveTools(invocation, proposal)
    lock = acceptProposal(lock, proposal, { approved, by })
  }
  if (isFrozen) {
    assertFrozen(file, lock, proposals.flatMap(describeStep))
    return { lock, isWritten: false }
  }
  await holdLocked((await invocation.workspace()).store, file.path, lock)
  return { lock, isWritten: await writeLockFile(file, lock) }
}

/** What would be locked if all of it were approved, to say how that differs. */
function everyTool({ asked }: Proposal): ReadonlySet<string> {
  return new Set(asked.map(({ tool }) => tool.name))
}

/** From what to what; nothing where the lock has it all already. */
function describeStep({ name, before, release, asked, removed }: Proposal): readonly string[] {
  const { version } = release.entry
  const steps = [
    ...(before?.version === version ? [] : [`${before?.version ?? 'not locked'} → ${version}`]),
    ...asked.map(({ kind, tool }) => `${tool.name} ${kind}`),
    ...removed.map((tool) => `${tool} gone`),
  ]
  return steps.length === 0 ? [] : [`${name}: ${steps.join(', ')}`]
}

/** The stable fields of one release that was added or updated. */
export function releaseJson(
  { name, before, release, from, kept, removed, left, warnings }: Proposal,
  lock: Lock,
): object {
  const locked = lock.releases.get(name)
  const { version, publisher, statement } = release.entry
  return {
    name,
    version,
    previous: before?.version ?? null,
    publisher,
    release: release.cid,
    statement,
    log: locked?.log,
    from: from ?? null,
    tools: [...(locked?.tools ?? [])].map(([tool, { cid, surface, approved }]) => ({
      name: tool,
      cid,
      surface,
      approved: approved?.by,
      isNew: !kept.includes(tool),
    })),
    removed,
    left,
    warnings,
  }
}

export function printRelease(terminal: Terminal, proposal: Proposal, lock: Lock): void {
  const { name, before, release, kept, removed, left } = proposal
  const { version, publisher } = release.entry
  const step = before === undefined || before.version === version ? '' : `${before.version} → `
  terminal.line(`LOCKED ${safe(name)}@${step}${version}`)
  terminal.line(`  publisher  ${publisher}`)
  for (const [tool, { cid, approved }] of lock.releases.get(name)?.tools ?? []) {
    const how = kept.includes(tool) ? 'approved before by' : 'approved now by'
    terminal.line(`  tool       ${cid}  ${safe(tool)}  ${how} ${safe(approved?.by ?? '')}`)
  }
  if (removed.length > 0) terminal.line(`  gone       ${removed.map(safe).join(', ')}`)
  if (left.length > 0) terminal.line(`  left out   ${left.map(safe).join(', ')}`)
}
