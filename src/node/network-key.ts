// The pre-shared key of the private network that a configuration names: the same for a node and for the commands beside it.

import { readBounded } from '../lib/index.ts'
import type { NodeConfig } from './config/index.ts'

const NETWORK_KEY_BYTES = 4_096

/** Undefined where none is named. Throws FILE_UNAVAILABLE: without its key nobody in a private network is spoken with. */
export async function readNetworkKey({
  peers: { privateNetwork },
}: Pick<NodeConfig, 'peers'>): Promise<Uint8Array | undefined> {
  if (privateNetwork === undefined) return undefined
  return await readBounded(privateNetwork, NETWORK_KEY_BYTES)
}
