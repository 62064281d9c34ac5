// registry add

import { expandAlias, proposeAdd, warnOfName } from '../../registry/index.ts'
import { parsePublisherId, parseReference } from '../../spec/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { openDesk } from '../lock-desk.ts'
import { printRelease, releaseJson, seeking, writeProposals } from '../lock-text.ts'
import { safe } from '../terminal.ts'
import { remarkOn } from '../warnings.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal } = invocation
  const [target = ''] = invocation.args
  const workspace = await invocation.workspace()
  const desk = await openDesk(invocation, workspace, { mayBeAbsent: true })
  const { lock, path } = desk.file
  const names = [...lock.releases.keys()]
  // Before any peer is reached: no peer learns a word that stands for nothing, and nobody can register it (T10).
  const reference = await expandAlias(workspace.store, target, names)
  const { name } = parseReference(reference)
  const id = textOption(invocation, 'publisher')
  const publisher = id === undefined ? undefined : parsePublisherId(id)
  const locked = new Map([...lock.releases].map(([other, one]) => [other, one.publisher]))
  const nameWarnings = await warnOfName(workspace.store, name, publisher, locked)
  remarkOn(terminal, nameWarnings)
  const tools = listOption(invocation, 'tool')
  const proposal = await seeking(invocation, workspace, (seek) =>
    proposeAdd(workspace, desk, { reference, publisher, tools }, seek),
  )
  const written = await writeProposals(invocation, desk, [proposal])
  const warnings = [...nameWarnings, ...proposal.warnings]
  if (terminal.isJson) {
    terminal.json({
      lockfile: path,
      written: written.isWritten,
      ...releaseJson({ ...proposal, warnings }, written.lock),
    })
    return
  }
  printRelease(terminal, proposal, written.lock)
  terminal.line(`  ${written.isWritten ? 'wrote      ' : 'unchanged  '}${safe(path)}`)
}
