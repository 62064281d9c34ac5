// Whose log toolkits belong in, by what their names and this consumer's pins say. One submission is for one log.

import { RegistryError } from '../../lib/index.ts'
import { publisherFor } from '../../resolve/index.ts'
import { isBareName, type PublisherId, type Toolkit } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'

/** `chosen` is the consumer's word. Throws USAGE for names that do not say, or say different things; PUBLISHER_UNPINNED, PUBLISHER_CHANGED. */
export async function findLogOf(
  store: Store,
  toolkits: readonly Toolkit[],
  chosen: PublisherId | undefined,
): Promise<PublisherId> {
  const found = new Set<PublisherId>(chosen === undefined ? [] : [chosen])
  for (const { name } of toolkits) {
    if (!isBareName(name)) found.add(await publisherFor(store, name, { chosen }))
    else if (chosen === undefined) throw bare(name)
  }
  const [publisher, ...others] = found
  if (publisher !== undefined && others.length === 0) return publisher
  throw new RegistryError('USAGE', 'These toolkits belong in the logs of several publishers.', {
    expected: 'toolkits of one publisher',
    got: [...found].join(', '),
    next: 'Submit those of each publisher for themselves.',
  })
}

function bare(name: string): RegistryError {
  return new RegistryError('USAGE', 'This name does not say whose log it belongs in.', {
    expected: 'namespace/name, or --publisher ID',
    got: name,
    next: 'Add `--publisher ID`, with the id that `registry init` printed on the home node.',
  })
}
