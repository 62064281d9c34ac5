// registry audit

import type { Verdict } from '../../lib/index.ts'
import { type AuditFinding, audit, refresh } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { EXIT } from '../exit.ts'
import { openDesk, peersAsked } from '../lock-desk.ts'
import { safe } from '../terminal.ts'

/** Worst first: what must not be used, what may be a lie, what is merely not known. */
const WORST = [
  'REVOKED',
  'FORKED',
  'MISMATCH',
  'REBIND',
  'ROLLBACK',
  'UNSIGNED',
  'CORRUPT',
  'POLICY',
  'STALE',
  'NOT_FOUND',
  'MALFORMED',
  'UNAVAILABLE',
] as const

export async function run(invocation: Invocation): Promise<number> {
  const { terminal, signal, options } = invocation
  const workspace = await invocation.workspace()
  const desk = await openDesk(invocation, workspace)
  await using asked = await peersAsked(invocation, workspace)
  const { peers, areNamed } = asked
  const isOffline = options.offline === true || peers.length === 0
  const running = { signal, onProgress: terminal.progress }
  const heard = isOffline ? [] : await refresh(workspace, desk, peers, running)
  // Nobody promised that a peer of some earlier day is still there; one that was named now has to answer.
  const unreached = areNamed ? heard : heard.map(onlyTold)
  const findings = [...unreached, ...(await audit(workspace, desk))]
  const verdicts = findings.flatMap(({ verdict }) => verdict ?? [])
  const worst = WORST.find((verdict) => verdicts.includes(verdict)) ?? verdicts[0]
  const asOf = { offline: isOffline, releases: desk.file.lock.releases.size }
  if (terminal.isJson) {
    terminal.json({ lockfile: desk.file.path, verdict: worst ?? 'VERIFIED', ...asOf, findings })
  } else print(invocation, findings, worst, asOf)
  return worst === undefined ? 0 : EXIT[worst]
}

function onlyTold({ verdict, ...finding }: AuditFinding): AuditFinding {
  return verdict === 'UNAVAILABLE'
    ? finding
    : { ...finding, ...(verdict === undefined ? {} : { verdict }) }
}

function print(
  { terminal }: Invocation,
  findings: readonly AuditFinding[],
  worst: Verdict | undefined,
  { offline, releases }: { readonly offline: boolean; readonly releases: number },
): void {
  for (const { kind, verdict, name, version, tool, message, next } of findings) {
    const what = name === undefined ? '' : `  ${safe(name)}@${version ?? ''}`
    terminal.line(
      `${verdict ?? 'warning'} ${kind}${what}${tool === undefined ? '' : `#${safe(tool)}`}`,
    )
    terminal.line(`  ${safe(message)}`)
    if (next !== undefined) terminal.line(`  next       ${safe(next)}`)
  }
  const count = `${findings.length} finding${findings.length === 1 ? '' : 's'} about ${releases} locked release${releases === 1 ? '' : 's'}`
  terminal.line(`${worst ?? 'VERIFIED'}  ${count}`)
  if (offline) terminal.remark('Only what is known here: no peer was asked.')
}
