// A connection to the home node of a log.

import type { HomeNode } from '../registry/index.ts'
import type { ConfigPlace } from './config/index.ts'
import { openDialer } from './peers.ts'

/** Throws PEER_UNAVAILABLE. Disposing it closes the network it was dialled from as well. */
export async function dialHome(
  address: string,
  place: ConfigPlace,
  options: { readonly signal?: AbortSignal } = {},
): Promise<HomeNode & AsyncDisposable> {
  const network = await openDialer(place)
  try {
    const { connectSource } = await import('../sync/index.ts')
    const home = connectSource(await network.dial(address, options))
    return {
      ...home,
      [Symbol.asyncDispose]: async () => {
        await home[Symbol.asyncDispose]()
        await network[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await network[Symbol.asyncDispose]()
    throw error
  }
}
