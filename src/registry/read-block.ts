// Any block by its CID, as JSON. A file of its own, for it needs next to nothing: `registry show CID` starts as fast as it can.

import type { Cid } from '../cid/index.ts'
import { type JsonObject, parseCanonical, RegistryError } from '../lib/index.ts'
import type { Store } from '../store/index.ts'

/** The JSON of any block held here. NOT_FOUND, STORE_CORRUPT. */
export async function readBlock(
  store: Store,
  cid: Cid,
): Promise<{ readonly bytes: Uint8Array; readonly value: JsonObject }> {
  const [bytes] = await store.findBlocks([cid])
  if (bytes === undefined) {
    throw new RegistryError('NOT_FOUND', 'This block is not in this store.', {
      expected: cid,
      got: 'nothing',
      next: `Pull it: \`registry pull ${cid} --from MULTIADDR\`.`,
    })
  }
  return { bytes, value: parseCanonical(bytes) as JsonObject }
}
