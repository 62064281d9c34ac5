// What speaks against what is locked, as far as it is known here: withdrawals, advisories, forks, age, another policy, text that could
// deceive. `refresh` asks peers first; what they say is judged here like everything else.

import { isRegistryError, type Verdict } from '../../lib/index.ts'
import { originOf } from '../../log/index.ts'
import {
  findKnownFork,
  type LockedRelease,
  type VerifiedRelease,
  type WitnessPolicy,
} from '../../resolve/index.ts'
import { lintTool, type PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { freshnessWarnings } from '../lifecycle/freshness.ts'
import { warningsOf } from '../lifecycle/warnings.ts'
import { readVerified, resolveLocal } from '../local.ts'
import type { Workspace } from '../workspace.ts'
import { type Desk, toolsBeside } from './desk.ts'
import { differencesOf } from './install.ts'

export interface AuditFinding {
  readonly kind:
    | 'refused' // it does not verify, or not any more; the verdict says why
    | 'differs' // it is not the locked one
    | 'unapproved'
    | 'yanked'
    | 'deprecated'
    | 'stale'
    | 'clock'
    | 'policy' // the policy has changed, or has something to say
    | 'deceptive'
    | 'suspicious'
    | 'unheard' // an adviser whose log was never seen here
    | 'unreached' // a peer that was to be asked
  /** What `audit` ends with for it; absent for a warning. */
  readonly verdict?: Verdict
  readonly code?: string
  /** Absent for what is about no release. */
  readonly name?: string
  readonly version?: string
  readonly tool?: string
  readonly publisher?: PublisherId
  readonly message: string
  readonly next?: string
}

/** Offline. In the order of the lock; what is about the whole of it comes first. */
export async function audit(
  workspace: Workspace,
  desk: Desk,
  witnesses?: WitnessPolicy,
): Promise<readonly AuditFinding[]> {
  const findings = [...policyDrift(desk), ...(await unheard(workspace.store, desk))]
  for (const [name, locked] of desk.file.lock.releases) {
    const { version, publisher } = locked
    const found = await auditRelease(workspace, { desk, name, locked, witnesses })
    findings.push(...found.map((finding) => ({ name, version, publisher, ...finding })))
  }
  return findings
}

interface Subject {
  readonly desk: Desk
  readonly name: string
  readonly locked: LockedRelease
  readonly witnesses: WitnessPolicy | undefined
}

async function auditRelease(
  workspace: Workspace,
  subject: Subject,
): Promise<readonly AuditFinding[]> {
  const { store } = workspace
  const { name, locked } = subject
  try {
    const { version: range, publisher } = locked
    const release = await readVerified(store, await resolveLocal(store, { name, range, publisher }))
    return [
      ...differences(locked, release),
      ...(await judged(subject, release)),
      ...(await aged(workspace, subject, release)),
      ...deceptive(subject, release),
    ]
  } catch (error) {
    return [refusal(error)]
  }
}

function refusal(error: unknown): AuditFinding {
  if (!isRegistryError(error)) throw error
  const { code, verdict, message, details } = error
  const next = isRegistryError(error, 'NOT_FOUND') ? 'Fetch it: `registry install`.' : details.next
  return { kind: 'refused', verdict, code, message, ...(next === undefined ? {} : { next }) }
}

function differences(locked: LockedRelease, release: VerifiedRelease): readonly AuditFinding[] {
  const differ = differencesOf(locked, release).map(
    (one): AuditFinding => ({
      kind: 'differs',
      verdict: 'MISMATCH',
      code: 'LOCK_MISMATCH',
      ...('tool' in one ? { tool: one.tool } : {}),
      message: `Locked is ${one.locked}; the release here has ${one.found}.`,
    }),
  )
  const open = [...locked.tools].filter(([, { approved, cid }]) => approved?.cid !== cid)
  const unapproved = open.map(
    ([tool]): AuditFinding => ({
      kind: 'unapproved',
      verdict: 'POLICY',
      code: 'UNAPPROVED',
      tool,
      message: `Nobody has approved ${tool} as it is locked.`,
      next: 'Look at it: `registry update`.',
    }),
  )
  return [...differ, ...unapproved]
}

async function judged(
  { desk, locked }: Subject,
  release: VerifiedRelease,
): Promise<readonly AuditFinding[]> {
  try {
    const { warnings } = await desk.judge(release, [...locked.tools.keys()])
    return warnings.map(({ message }) => ({ kind: 'policy', message }))
  } catch (error) {
    return [refusal(error)]
  }
}

async function aged(
  { store, now }: Workspace,
  { witnesses }: Subject,
  { entry }: VerifiedRelease,
): Promise<readonly AuditFinding[]> {
  const asked =
    witnesses === undefined ? undefined : { policy: witnesses, allowStale: true, now: now() }
  const stale = await freshnessWarnings(store, entry, asked)
  return [...warningsOf(entry), ...stale].map(({ kind, message }) => ({
    kind,
    ...(kind === 'stale' ? { verdict: 'STALE' as const, code: 'STALE' } : {}),
    message,
  }))
}

function deceptive(
  { desk, name, locked }: Subject,
  { tools }: VerifiedRelease,
): readonly AuditFinding[] {
  const others = toolsBeside(desk.file, name)
  return tools.flatMap(({ name: tool, tool: content }) =>
    locked.tools.has(tool)
      ? lintTool(content, others).map(({ severity, path, why, excerpt }) => ({
          kind: severity,
          tool,
          message: `${path}: ${why} ${excerpt}`,
        }))
      : [],
  )
}

function policyDrift({ file, policy }: Desk): readonly AuditFinding[] {
  if (file.lock.policy === policy.digest) return []
  const message = 'The lockfile was last written under another policy.'
  return [{ kind: 'policy', message, next: 'Run `registry update` to go through it again.' }]
}

async function unheard(store: Store, { policy }: Desk): Promise<readonly AuditFinding[]> {
  const findings: AuditFinding[] = []
  for (const { id: publisher } of policy.advisories) {
    if ((await findKnownFork(store, publisher)) !== undefined) {
      const message = `The adviser ${publisher} has shown two histories of its log.`
      findings.push({ kind: 'refused', verdict: 'FORKED', code: 'FORKED', publisher, message })
    } else if ((await store.findFloor(originOf(publisher))) === undefined) {
      const message = `Nothing was ever heard of the adviser ${publisher} here.`
      const next = 'Ask a peer that has its log: `registry audit --from ADDRESS`.'
      findings.push({ kind: 'unheard', publisher, message, next })
    }
  }
  return findings
}
