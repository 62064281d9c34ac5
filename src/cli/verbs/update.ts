// registry update

import { expandLocked, type Proposal, proposeUpdate } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { openDesk } from '../lock-desk.ts'
import { printRelease, releaseJson, seeking, writeProposals } from '../lock-text.ts'
import { safe } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, options, args } = invocation
  const workspace = await invocation.workspace()
  const desk = await openDesk(invocation, workspace)
  const names = args.map((word) => expandLocked(desk.file.lock, word))
  const proposals = await seeking(invocation, workspace, (seek) =>
    proposeUpdate(workspace, desk, { names, latest: options.latest === true }, seek),
  )
  const { lock, isWritten } = await writeProposals(invocation, desk, proposals)
  const { path } = desk.file
  if (terminal.isJson) {
    const releases = proposals.map((proposal) => releaseJson(proposal, lock))
    terminal.json({ lockfile: path, written: isWritten, releases })
    return
  }
  for (const proposal of proposals) {
    if (isNews(proposal)) printRelease(terminal, proposal, lock)
    else terminal.line(`up to date ${safe(proposal.name)}@${proposal.release.entry.version}`)
  }
  terminal.line(`  ${isWritten ? 'wrote      ' : 'unchanged  '}${safe(path)}`)
}

function isNews({ before, release, asked }: Proposal): boolean {
  return asked.length > 0 || before?.release !== release.cid
}
