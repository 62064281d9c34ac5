// Pulling by hash, of whatever kind and whoever published it.

import type { Cid } from '../cid/index.ts'
import { parseBlock } from '../spec/index.ts'
import { fetchBlocks } from './fetch-blocks.ts'
import { fetchRelease } from './fetch-release.ts'
import { askPeers, type Peer } from './peers.ts'
import { readBlock } from './read-block.ts'
import type { Running, Workspace } from './workspace.ts'

export interface PulledBlock {
  readonly cid: Cid
  readonly bytes: Uint8Array
  readonly from: string
  readonly fetched: number
}

/**
 * Pulls by hash: the CID proves the bytes, and says nothing of who published them. A release brings its tools along.
 */
export async function pullBlock(
  { store }: Workspace,
  { cid, peers }: { readonly cid: Cid; readonly peers: readonly Peer[] },
  running: Running = {},
): Promise<PulledBlock> {
  const { answer } = await askPeers(peers, running, async (source) => {
    let fetched = await fetchBlocks(store, source, { cids: [cid], parse: parseBlock }, running)
    const { bytes } = await readBlock(store, cid)
    if (parseBlock(bytes).kind === 'release/v1') {
      fetched += await fetchRelease(store, source, { release: cid }, running)
    }
    return { cid, bytes, from: source.label, fetched }
  })
  return answer
}
