// What speaks against what is locked, as far as it is known here: withdrawals, advisories, forks, age, another policy, text that could
// deceive. `refresh` asks peers first; what they say is judged here like everything else.

import { isRegistryError, type RegistryError, type Verdict } from '../../lib/index.ts'
import { originOf } from '../../log/index.ts'
import { findKnownFork, type LockedRelease, type VerifiedRelease } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Claim } from '../../trust/index.ts'
import { warningsOf } from '../lifecycle/warnings.ts'
import { readVerified, resolveLocal } from '../local.ts'
import type { Workspace } from '../workspace.ts'
import { type Desk, warnOfShadows } from './desk.ts'
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
    | 'shadowed' // another locked tool has its name
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
export async function audit(workspace: Workspace, desk: Desk): Promise<readonly AuditFinding[]> {
  const findings = [...policyDrift(desk), ...(await unheard(workspace.store, desk))]
  for (const [name, locked] of desk.file.lock.releases) {
    const { version, publisher } = locked
    const found = await auditRelease(workspace, { desk, name, locked })
    findings.push(...found.map((finding) => ({ name, version, publisher, ...finding })))
  }
  return findings
}

interface Subject {
  readonly desk: Desk
  readonly name: string
  readonly locked: LockedRelease
}

async function auditRelease(
  { store }: Workspace,
  subject: Subject,
): Promise<readonly AuditFinding[]> {
  const { desk, name, locked } = subject
  try {
    const { version: range, publisher } = locked
    const release = await readVerified(store, await resolveLocal(store, { name, range, publisher }))
    return [
      ...differences(locked, release),
      ...(await judged(subject, release)),
      ...said(release),
      ...warnOfShadows(desk.file, name, [...locked.tools.keys()]),
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

/** Everything that the policy has against it, and not only what a start-up would stop with. */
async function judged(
  { desk, locked }: Subject,
  release: VerifiedRelease,
): Promise<readonly AuditFinding[]> {
  const { kind, claim, warnings } = await desk.judge(release, [...locked.tools.keys()])
  const refusals = kind === 'refused' ? errorsIn(claim).map(refusal) : []
  return [...refusals, ...warnings.map((message) => ({ kind: 'policy' as const, message }))]
}

function errorsIn({ error, claims }: Claim): readonly RegistryError[] {
  return [...(error === undefined ? [] : [error]), ...claims.flatMap(errorsIn)]
}

function said({ entry }: VerifiedRelease): readonly AuditFinding[] {
  return warningsOf(entry).map(({ kind, message }) => ({ kind, message }))
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
