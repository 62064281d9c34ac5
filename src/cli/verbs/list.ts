// registry list

import { type Listed, listReleases } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { safe } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const releases: Listed[] = []
  let count = 0
  for await (const listed of listReleases(store)) {
    if (terminal.isJson) releases.push(listed)
    else
      terminal.line(
        `${safe(`${listed.name}@${listed.version}`)}  ${listed.from}  ${listed.publisher}${listed.said === undefined ? '' : `  ${listed.said}`}`,
      )
    count++
  }
  if (terminal.isJson) terminal.json({ releases })
  else if (count === 0) {
    terminal.remark(
      'Nothing here yet. Next: `registry publish FILE`, or `registry pull NAME --from MULTIADDR`.',
    )
  }
}
