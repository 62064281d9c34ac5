// What this store can prove by itself, offline: releases of the logs it holds in full, and releases that were pulled with
// their evidence.

import type { Cid } from '../cid/index.ts'
import { isRegistryError, RegistryError } from '../lib/index.ts'
import { findHead, originOf } from '../log/index.ts'
import {
  assertNotForked,
  assertUsable,
  localSource,
  type News,
  type ResolveRequest,
  resolveFrom,
  type VerifiedEntry,
  type VerifiedRelease,
  verifyRelease,
} from '../resolve/index.ts'
import { type PublisherId, parseRelease } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { loadVerifier, type Verifier } from '../trust/index.ts'
import { resolveHeld } from './lifecycle/held.ts'

export interface LocalRequest {
  readonly name: string
  readonly range: string | undefined
  readonly publisher: PublisherId
}

/** The verified entry for a name, proven again from what is stored; NOT_FOUND when neither a log nor a pull has it. */
export async function resolveLocal(store: Store, request: LocalRequest): Promise<VerifiedEntry> {
  const verifier = await loadVerifier(store)
  const { publisher } = request
  await assertNotForked(store, publisher)
  if ((await findHead(store, publisher)) !== undefined) {
    return await resolveOwn(store, verifier, request)
  }
  return await resolveHeld(store, request)
}

/** The newest head that was proven of each log here: one proof serves all the names of a log. */
const heads = new WeakMap<Store, Map<PublisherId, News>>()

/** A log that grows faster than it can be asked about is asked in the publisher's turn, when it stands still. */
async function resolveOwn(
  store: Store,
  verifier: Verifier,
  { name, range, publisher }: LocalRequest,
): Promise<VerifiedEntry> {
  const resolve = async (): Promise<VerifiedEntry> => {
    const floor = await store.findFloor(originOf(publisher))
    const known = heads.get(store) ?? new Map<PublisherId, News>()
    heads.set(store, known)
    const request: ResolveRequest = {
      name,
      range,
      publisher,
      floor,
      use: 'held',
      known: known.get(publisher),
      learn: async (news) => void known.set(publisher, news),
    }
    return (await resolveFrom(localSource(store), verifier, request)).entry
  }
  try {
    return await resolve()
  } catch (error) {
    if (!isRegistryError(error, 'PEER_UNAVAILABLE')) throw error
  }
  await using _lock = await store.lock(`log/${publisher}`)
  return await resolve()
}

/** The release and all its tools, re-hashed and checked against the verified entry. */
export async function readVerified(store: Store, entry: VerifiedEntry): Promise<VerifiedRelease> {
  assertUsable(`${entry.name}@${entry.version}`, [entry.release], entry.notices)
  const [release] = await store.findBlocks([entry.release])
  if (release === undefined) {
    throw new RegistryError(
      'NOT_FOUND',
      `The release block of ${entry.name} is not in this store.`,
      {
        expected: entry.release,
        got: 'nothing',
        next: 'Pull it again.',
      },
    )
  }
  const cids = Object.values(parseRelease(release).tools) as readonly Cid[]
  const found = await store.findBlocks(cids)
  const tools = new Map<Cid, Uint8Array>()
  for (const [i, cid] of cids.entries()) {
    const bytes = found[i]
    if (bytes !== undefined) tools.set(cid, bytes)
  }
  return verifyRelease(entry, { release, tools })
}
