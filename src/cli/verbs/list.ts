// registry list

import { type Listed, listForks, listReleases } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { EXIT } from '../exit.ts'
import { safe } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<number> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const forked = new Map((await listForks(store)).map((known) => [known.publisher, known]))
  const releases: (Listed & { readonly forked?: string })[] = []
  const shown = new Set<string>()
  let count = 0
  for await (const listed of listReleases(store)) {
    const fork = forked.get(listed.publisher)
    if (fork !== undefined) shown.add(listed.publisher)
    if (terminal.isJson)
      releases.push(fork === undefined ? listed : { ...listed, forked: fork.fork })
    else terminal.line(describe(listed, fork !== undefined))
    count++
  }
  if (terminal.isJson) terminal.json({ releases })
  else if (count === 0) {
    terminal.remark(
      'Nothing here yet. Next: `registry publish FILE`, or `registry pull NAME --from MULTIADDR`.',
    )
  }
  for (const publisher of shown) {
    terminal.remark(
      `${publisher} has signed two histories of its log: do not use its tools. See \`registry fork list\`.`,
    )
  }
  return shown.size > 0 ? EXIT.FORKED : 0
}

function describe({ name, version, from, publisher, said }: Listed, isForked: boolean): string {
  const words = [...(isForked ? ['FORKED'] : []), ...(said === undefined ? [] : [said])]
  return [safe(`${name}@${version}`), from, publisher, ...words].join('  ')
}
