// Asking peers for the newest word about everything that is locked, and about the advisers of the policy. What is refused is a finding;
// what was learned before it is kept all the same.

import { isRegistryError } from '../../lib/index.ts'
import { findHead } from '../../log/index.ts'
import type { Peer } from '../peers.ts'
import { pull } from '../pull.ts'
import type { Running, Workspace } from '../workspace.ts'
import type { AuditFinding } from './audit.ts'
import type { Desk } from './desk.ts'
import { learnHead } from './learn-head.ts'

/** Failures that `audit` finds again in what is stored: told there, with the release they are about. */
const FOUND_AGAIN = ['REVOKED', 'YANKED', 'TOMBSTONED', 'STALE', 'CORRUPT']
/** Nobody else is to know of these: what is known here is all there is to ask. */
const SILENT = 'NAMESPACE_PRIVATE'

export async function refresh(
  workspace: Workspace,
  { file, policy }: Desk,
  peers: readonly Peer[],
  running: Running = {},
): Promise<readonly AuditFinding[]> {
  const findings: AuditFinding[] = []
  const note = (error: unknown, about: Partial<AuditFinding>): void => {
    if (!isRegistryError(error)) throw error
    const { code, verdict, message, details } = error
    if (FOUND_AGAIN.includes(code) || code === SILENT) return
    const next = details.next === undefined ? {} : { next: details.next }
    findings.push({ kind: 'unreached', verdict, code, message, ...next, ...about })
  }
  for (const [name, { version, publisher }] of file.lock.releases) {
    if ((await findHead(workspace.store, publisher)) !== undefined) continue
    const reference = `${name}@${version}`
    const request = { reference, peers, publisher, use: 'held' as const }
    await pull(workspace, request, running).catch((error: unknown) =>
      note(error, { name, version, publisher }),
    )
  }
  for (const { id: publisher } of policy.advisories) {
    await learnHead(workspace, { publisher, peers }, running).catch((error: unknown) =>
      note(error, { publisher }),
    )
  }
  return findings
}
