// Bytes as libp2p hands them over: in one piece, or as a list of pieces that would be copied to make one of them.

import type { StreamMessageEvent } from '@libp2p/interface'

/** The pieces as they came. Whoever reads them one after the other needs no copy of the whole. */
export function partsOf(data: StreamMessageEvent['data']): Iterable<Uint8Array> {
  return data instanceof Uint8Array ? [data] : data
}
