// Releases of logs that are held here in full. What they take of a log is read for all of them at once, before anything is proven: so the
// bytes of tools are hashed while signatures are at work.

import { isRegistryError } from '../../lib/index.ts'
import {
  hashReader,
  indexReader,
  originOf,
  proveInclusion,
  readEntriesAt,
} from '../../log/index.ts'
import {
  localSource,
  type News,
  readHead,
  readIndexPath,
  type SignedStatement,
  type VerifiedEntry,
  verifyEntryOnThread,
  verifyOffer,
} from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { loadVerifier, type Verifier } from '../../trust/index.ts'
import { resolveLocal } from '../local.ts'
import { findOwnPublisher } from '../workspace.ts'
import { batched } from './batch-reads.ts'
import type { Witnesses } from './prove.ts'
import type { Named } from './types.ts'

/** What cannot be read is told in its turn. Proving throws ROLLBACK and FORKED against the store’s floor, and what verification throws. */
export async function openOwnLogs(store: Store, releases: readonly Named[]): Promise<Witnesses> {
  const verifier = await loadVerifier(store)
  const byPublisher = Map.groupBy(releases, ({ locked }) => locked.publisher)
  const logs = new Map(
    [...byPublisher].map(([publisher, its]) => [
      publisher,
      readLog(store, verifier, publisher, its),
    ]),
  )
  await Promise.allSettled(logs.values())
  return {
    prove: async (named) => {
      const { publisher, version } = named.locked
      const log = await logs.get(publisher)
      const isWritten = log?.isWritten ?? false
      // Of a log that is followed, witnesses are asked for like of any other.
      const notes = isWritten || log?.news === undefined ? [] : [log.news.evidence.checkpoint]
      const whose = { isOwn: true, isWritten, notes } as const
      const found = log && (await proveLogged(verifier, log, named))
      if (found !== undefined) return { entry: found, ...whose }
      // It grew under our hands, or misses something: asked for again by itself, at last in the writer’s turn.
      const entry = await resolveLocal(store, { name: named.name, range: version, publisher })
      return { entry, ...whose }
    },
  }
}

interface OwnLog {
  /** Undefined when it grew meanwhile. */
  readonly news: News | undefined
  readonly isWritten: boolean
  readonly logged: ReadonlyMap<Named, Logged>
}

/** What a log has of a release, unverified. */
interface Logged {
  readonly path: readonly Uint8Array[]
  readonly entry: SignedStatement
  readonly proof: readonly Uint8Array[]
}

async function readLog(
  store: Store,
  verifier: Verifier,
  publisher: PublisherId,
  releases: readonly Named[],
): Promise<OwnLog> {
  const floor = await store.findFloor(originOf(publisher))
  const news = await readHead(localSource(store), verifier, { publisher, floor }, {})
  const isWritten = (await findOwnPublisher(store)) === publisher
  const logged = news && (await readLogged(store, news, releases))
  return { news, isWritten, logged: logged ?? new Map() }
}

/** Undefined when the log is no longer the one of this head, or is damaged. */
async function readLogged(
  store: Store,
  { head: { publisher, checkpoint, newest } }: News,
  releases: readonly Named[],
): Promise<ReadonlyMap<Named, Logged> | undefined> {
  const { size } = checkpoint
  const nodes = batched(indexReader(store, publisher), String)
  const hashes = batched(hashReader(store, publisher), ({ level, index }) => index * 64 + level)
  // A lock that knows more entries than there are is told so where floors are compared.
  const known = releases.filter(({ locked }) => locked.log.index < size)
  const seqs = known.map(({ locked }) => locked.log.index)
  try {
    const [entries, paths, proofs] = await Promise.all([
      readEntriesAt(store, publisher, seqs),
      Promise.all(known.map(({ name }) => readIndexPath(nodes, { root: newest.index, name }))),
      Promise.all(seqs.map((index) => proveInclusion({ index, size }, hashes))),
    ])
    return new Map(
      known.flatMap((named, i) => {
        const [entry, path, proof] = [entries[i], paths[i], proofs[i]]
        return entry && path && proof ? [[named, { entry, path, proof }]] : []
      }),
    )
  } catch (error) {
    if (isRegistryError(error, 'NOT_FOUND') || isRegistryError(error, 'STORE_CORRUPT')) return
    throw error
  }
}

/** Undefined when the log does not offer it. */
async function proveLogged(
  verifier: Verifier,
  { news, logged }: OwnLog,
  named: Named,
): Promise<VerifiedEntry | undefined> {
  const found = logged.get(named)
  if (news === undefined || found === undefined) return undefined
  const { entry, path, proof } = found
  const offer = verifyOffer(news.head, named.name, path)
  if (offer === undefined) return undefined
  await verifier.recall([entry])
  const { version } = named.locked
  return await verifyEntryOnThread(verifier, offer, { version, entry, proof })
}
