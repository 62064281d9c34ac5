// Releases of a log that is held here in full. All of them are asked for at once, so that their reads become a few batches.

import { isRegistryError } from '../../lib/index.ts'
import { originOf } from '../../log/index.ts'
import {
  localSource,
  type News,
  readHead,
  readPath,
  type Source,
  type VerifiedEntry,
  verifyEntryOnThread,
  verifyOffer,
} from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Verifier } from '../../trust/index.ts'
import { resolveLocal } from '../local.ts'
import { findOwnPublisher } from '../workspace.ts'
import { batchReads } from './batch-reads.ts'
import type { Witnesses } from './prove.ts'
import type { Named } from './types.ts'

/** Throws ROLLBACK and FORKED against the store’s floor, and what verification throws. */
export function openOwnLogs(store: Store, verifier: Verifier): Witnesses {
  const source = localSource(batchReads(store))
  const heads = new Map<PublisherId, Promise<News | undefined>>()
  const headOf = (publisher: PublisherId): Promise<News | undefined> => {
    const known = heads.get(publisher)
    if (known !== undefined) return known
    const head = readOwnHead(store, source, verifier, publisher)
    heads.set(publisher, head)
    return head
  }
  let own: Promise<PublisherId | undefined> | undefined
  const writes = async (publisher: PublisherId): Promise<boolean> => {
    own ??= findOwnPublisher(store)
    return (await own) === publisher
  }
  return {
    prove: async (named) => {
      const { publisher, version } = named.locked
      const [news, isWritten] = await Promise.all([headOf(publisher), writes(publisher)])
      const found = news && (await proveStill(source, verifier, named, news))
      // Of a log that is followed, witnesses are asked for like of any other.
      const notes = isWritten || news === undefined ? [] : [news.evidence.checkpoint]
      const whose = { isOwn: true, isWritten, notes } as const
      if (found !== undefined) return { entry: found, ...whose }
      // It grew under our hands: asked for again, at last in the writer’s turn.
      const entry = await resolveLocal(store, { name: named.name, range: version, publisher })
      return { entry, ...whose }
    },
  }
}

async function readOwnHead(
  store: Store,
  source: Source,
  verifier: Verifier,
  publisher: PublisherId,
): Promise<News | undefined> {
  const floor = await store.findFloor(originOf(publisher))
  return await readHead(source, verifier, { publisher, floor }, {})
}

/** Undefined when the log is no longer the one of this head. */
async function proveStill(
  source: Source,
  verifier: Verifier,
  { name, locked: { publisher, version, log } }: Named,
  { head }: News,
): Promise<VerifiedEntry | undefined> {
  const { index } = log
  const { size } = head.checkpoint
  const root = head.newest.index
  // A lock that knows more entries than there are is told so where floors are compared.
  if (index >= size) return undefined
  try {
    const [path, [entry], proof] = await Promise.all([
      readPath(source, { publisher, name, root }, {}),
      source.entries(publisher, { start: index, end: index + 1 }),
      source.inclusion(publisher, { index, size }),
    ])
    if (path === undefined || entry === undefined) return undefined
    const offer = verifyOffer(head, name, path)
    if (offer === undefined) return undefined
    await verifier.recall([entry])
    return await verifyEntryOnThread(verifier, offer, { version, entry, proof })
  } catch (error) {
    if (isRegistryError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}
