// The way of a key through the index map of a static log: the root by its CID, the child it names, and so on. What a node says is
// hostile until the whole is verified, so it decides nothing but which CID is asked for next.

import { type Cid, cidOf, isCid } from '../../cid/index.ts'
import { isRegistryError, RegistryError } from '../../lib/index.ts'
import { findName, type ReadNodes } from '../../log/index.ts'

/** A node for each of the 64 digits of a path, the leaf, and what it names. */
const MAX_NODES = 66

interface IndexFile {
  readonly url: string
  readonly bytes: Uint8Array
}

/** Nodes from the root down, then the block that the key leads to, if it leads to one. Throws HASH_MISMATCH, PEER_*. */
export async function readIndexPath(
  { root, name }: { readonly root: Cid; readonly name: string },
  { label, read }: { readonly label: string; readonly read: (cid: Cid) => Promise<IndexFile> },
): Promise<readonly Uint8Array[]> {
  let asked = 0
  const readNodes: ReadNodes = (cids) =>
    Promise.all(
      cids.map(async (cid) => {
        asked += 1
        if (asked > MAX_NODES) throw odd(label, `at most ${MAX_NODES} nodes`, 'a longer way')
        // It becomes part of an address: `../` must not lead anywhere.
        if (!isCid(cid)) throw odd(label, 'CIDs as children', 'something else')
        return assertBytes(cid, await read(cid))
      }),
    )
  try {
    const { nodes, history } = await findName(root, name, readNodes)
    return history === undefined
      ? nodes
      : [...nodes, ...(await readNodes([history]))].flatMap((b) => b ?? [])
  } catch (cause) {
    if (isRegistryError(cause) || !(cause instanceof TypeError || cause instanceof SyntaxError))
      throw cause
    // Bytes that hash to what a publisher signed, and that are not a node.
    throw odd(label, 'a node of an index map', 'other content', cause)
  }
}

function assertBytes(cid: Cid, { url, bytes }: IndexFile): Uint8Array {
  const got = cidOf(bytes)
  if (got === cid) return bytes
  throw new RegistryError('HASH_MISMATCH', `The file at ${url} is not what its name says.`, {
    expected: cid,
    got,
    next: 'Nothing was stored. Ask another peer, and distrust this one.',
  })
}

function odd(label: string, expected: string, got: string, cause?: unknown): RegistryError {
  return new RegistryError('PEER_MISBEHAVED', `The index of the log at ${label} is not one.`, {
    expected,
    got,
    next: 'Nothing of it was kept. Ask another peer; if the answer is the same, tell the publisher.',
    ...(cause === undefined ? {} : { cause }),
  })
}
