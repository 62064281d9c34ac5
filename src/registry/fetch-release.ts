// What a release consists of, from a source into the store: each block as it verifies, those that are here already from nowhere.

import type { Cid } from '../cid/index.ts'
import { assertUsable, type Source, type VerifiedEntry } from '../resolve/index.ts'
import { parseRelease, parseTool } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { fetchBlocks } from './fetch-blocks.ts'
import type { Running } from './workspace.ts'

/** Fetches a release block and the tools it lists, each by its hash; answers how many came over the wire. */
export async function fetchRelease(
  store: Store,
  source: Source,
  { release: cid, ...entry }: Pick<VerifiedEntry, 'release'> & Partial<VerifiedEntry>,
  running: Running,
): Promise<number> {
  const first = await fetchBlocks(store, source, { cids: [cid], parse: parseRelease }, running)
  const [bytes] = await store.findBlocks([cid])
  const tools = Object.values(parseRelease(bytes ?? new Uint8Array()).tools) as readonly Cid[]
  // What was withdrawn is not fetched again from whoever still has it.
  if (entry.notices !== undefined) {
    assertUsable(`${entry.name}@${entry.version}`, tools, entry.notices)
  }
  return first + (await fetchBlocks(store, source, { cids: tools, parse: parseTool }, running))
}
