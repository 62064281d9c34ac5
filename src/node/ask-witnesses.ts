// Having what was published cosigned by the witnesses that were added with a URL.

import {
  type Asked,
  askWitnesses,
  findOwnPublisher,
  listWitnesses,
  type Running,
  type Workspace,
} from '../registry/index.ts'

/** What each of them did; an error is a warning, for the publish stands. */
export async function cosignPublished(
  { store }: Workspace,
  running: Running,
): Promise<readonly Asked[]> {
  const publisher = await findOwnPublisher(store)
  const known = await listWitnesses(store)
  if (publisher === undefined || known.every(({ url }) => url === undefined)) return []
  // Loaded by who needs it: most publishes ask nobody.
  const { submitCheckpoint } = await import('../http/index.ts')
  return await askWitnesses(store, publisher, submitCheckpoint, running)
}
