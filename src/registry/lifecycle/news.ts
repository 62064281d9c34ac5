// What a publisher's log says beside its releases (revocations, tombstones, keys), as the newest proof that came here says it. One
// contact is enough (T18): the news of one pull hold for everything of that publisher that is held.

import type { Cid } from '../../cid/index.ts'
import { toHex } from '../../lib/index.ts'
import {
  formatHeadEvidence,
  type HeadEvidence,
  parseHeadEvidence,
  type VerifiedHead,
  verifyHead,
} from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Change, RecordKey, Store } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { seenRecord } from '../forks.ts'

/** Proven again at every reading. Undefined as long as the log has said nothing but releases. */
export async function findNews(
  store: Store,
  publisher: PublisherId,
): Promise<VerifiedHead | undefined> {
  const [value] = await store.findRecords([newsKey(publisher)])
  if (value === undefined) return undefined
  return verifyHead(await loadVerifier(store), { ...parseHeadEvidence(value), publisher })
}

/**
 * Keeps a head that was verified and lies above the floor, and does what it says: bytes under a tombstone go. In a commit of its own, for
 * the news hold also where the release that was asked for does not. Hold the log's lock.
 */
export async function keepNews(
  store: Store,
  {
    head,
    evidence,
    from,
  }: {
    readonly head: VerifiedHead
    readonly evidence: HeadEvidence
    readonly from: string
  },
): Promise<void> {
  const { publisher, checkpoint, authority, notices } = head
  const said =
    notices.revoked.size +
    notices.tombstones.size +
    authority.revokedKeys.length +
    authority.keys.length
  if (said === 1) return
  const known = await findNews(store, publisher)
  if (known !== undefined && known.checkpoint.size >= checkpoint.size) return
  const { origin, size, root } = checkpoint
  const change: Change = {
    put: [
      { ...newsKey(publisher), value: formatHeadEvidence(evidence) },
      seenRecord(publisher, { note: evidence.checkpoint, from }),
    ],
    drop: await droppable(store, publisher, [...notices.tombstones.keys()]),
    floors: [{ origin, size, root: toHex(root) }],
  }
  await store.commit(change)
}

/**
 * Of these blocks, the ones whose bytes are here because of this publisher alone: nobody can make others' tools, log entries or fork proofs
 * disappear by naming their CIDs.
 */
export async function droppable(
  store: Store,
  publisher: PublisherId,
  cids: readonly Cid[],
): Promise<readonly Cid[]> {
  const here = await store.hasBlocks(cids)
  const drop: Cid[] = []
  for (const cid of cids.filter((_, i) => here[i])) {
    const users: string[] = []
    for await (const { key } of store.listRecords('use', { prefix: `${cid}/`, limit: 2 })) {
      users.push(key.slice(cid.length + 1))
    }
    if (users.length === 1 && users[0] === publisher) drop.push(cid)
  }
  return drop
}

export function newsKey(publisher: PublisherId): RecordKey {
  return { table: 'news', key: publisher }
}
