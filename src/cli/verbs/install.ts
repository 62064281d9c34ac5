// registry install

import { assertFrozen, getLockFile, installLocked } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { lockPath, openDesk, peersAsked } from '../lock-desk.ts'
import { safe } from '../terminal.ts'
import { remarkOn } from '../warnings.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, signal, options } = invocation
  const workspace = await invocation.workspace()
  const file = await getLockFile(lockPath(invocation))
  if (options.frozen === true) {
    const { policy } = await openDesk(invocation, workspace)
    assertFrozen(file, { ...file.lock, policy: policy.digest }, [
      'the policy it was written under, or the form of the file',
    ])
  }
  await using asked = await peersAsked(invocation, workspace)
  const running = { signal, onProgress: terminal.progress }
  const installed = await installLocked(workspace, file, asked.peers, running)
  for (const { warnings } of installed) remarkOn(terminal, warnings)
  if (terminal.isJson) {
    const releases = installed.map(({ from, ...one }) => ({ ...one, from: from ?? null }))
    terminal.json({ lockfile: file.path, releases })
    return
  }
  for (const { name, version, from, fetched } of installed) {
    const how = from === undefined ? 'held here' : `${fetched} blocks from ${safe(from)}`
    terminal.line(`VERIFIED ${safe(name)}@${version}  ${how}`)
  }
}
