// A store as a Source: what this node holds in full, its own log first of all. Serving a peer and reading one's own store go
// through the same answers and the same verification.

import type { Cid } from '../cid/index.ts'
import { isRegistryError, RegistryError } from '../lib/index.ts'
import {
  findHead,
  findName,
  hashReader,
  indexReader,
  type LogHead,
  proveConsistency,
  proveInclusion,
  type ReadNodes,
  readEntries,
} from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { cosignedNote } from './cosignatures.ts'
import { pageOfAttestations } from './kept-attestations.ts'
import type { Source } from './source.ts'

const MAX_ENTRIES = 64
const MAX_CLAIMANTS = 32

export function localSource(store: Store): Source {
  return {
    label: 'this node',
    checkpoint: async (publisher) => cosignedNote(store, await getHead(store, publisher)),
    entries: (publisher, { start, end }) => {
      const range = { start, end: Math.min(end, start + MAX_ENTRIES) }
      return within(store, publisher, range.end, () => readEntries(store, publisher, range))
    },
    inclusion: (publisher, position) =>
      within(store, publisher, position.size, () =>
        proveInclusion(position, hashReader(store, publisher)),
      ),
    consistency: (publisher, sizes) =>
      within(store, publisher, sizes.to, () =>
        proveConsistency(sizes, hashReader(store, publisher)),
      ),
    indexPath: (publisher, query) => readIndexPath(indexReader(store, publisher), query),
    blocks: (cids) => store.findBlocks(cids),
    claimants: (name) => claimants(store, name),
    attestations: (subject, query) => pageOfAttestations(store, subject, query),
  }
}

/**
 * A missing record is damage only if the log is as long as was asked; that is looked at only when one is missing, and while more of
 * the log is on its way here: nobody hears of that before its head is.
 */
async function within<T>(
  store: Store,
  publisher: PublisherId,
  size: number,
  read: () => Promise<T>,
): Promise<T> {
  try {
    const answer = await read()
    const [onItsWay] = await store.findRecords([{ table: 'partial', key: publisher }])
    if (onItsWay !== undefined) await assertSize(store, publisher, size)
    return answer
  } catch (error) {
    if (isRegistryError(error, 'STORE_CORRUPT')) await assertSize(store, publisher, size)
    throw error
  }
}

async function getHead(store: Store, publisher: PublisherId): Promise<LogHead> {
  const head = await findHead(store, publisher)
  if (head !== undefined) return head
  throw new RegistryError('NOT_FOUND', 'This node does not hold that publisher’s log.', {
    expected: 'the log of a publisher held here',
    got: publisher,
    next: 'Ask a node that holds it: `registry pull NAME --from MULTIADDR`.',
  })
}

async function assertSize(store: Store, publisher: PublisherId, size: number): Promise<void> {
  const head = await getHead(store, publisher)
  if (size <= head.size) return
  throw new RegistryError('NOT_FOUND', 'This node’s copy of the log is shorter than that.', {
    expected: `at most ${head.size} entries`,
    got: `${size} entries`,
  })
}

/** The nodes towards a name, and its history if it has one. Throws NOT_FOUND. */
export async function readIndexPath(
  read: ReadNodes,
  query: { readonly root: Cid; readonly name: string },
): Promise<readonly Uint8Array[]> {
  const { nodes, history } = await findName(query.root, query.name, read)
  if (history === undefined) return nodes
  const [bytes] = await read([history])
  if (bytes === undefined) {
    throw new RegistryError('NOT_FOUND', 'The log has grown since that index root was read.', {
      expected: 'the newest index root',
      got: query.root,
    })
  }
  return [...nodes, bytes]
}

async function claimants(store: Store, name: string): Promise<readonly PublisherId[]> {
  const prefix = `${name}/`
  const found: PublisherId[] = []
  for await (const { key } of store.listRecords('claim', { prefix, limit: MAX_CLAIMANTS })) {
    found.push(key.slice(prefix.length) as PublisherId)
  }
  return found
}
