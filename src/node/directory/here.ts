// What this node could tell the distributed table, and what it could ask it for. Nothing of it is private or refused (T13).

import { findHead } from '../../log/index.ts'
import {
  findOwnPublisher,
  type KeptInterest,
  listFollowed,
  listLacking,
} from '../../registry/index.ts'
import { isPublisherId, type PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { HeadSet } from '../../sync/index.ts'

export interface Here {
  readonly store: Store
  readonly heads: HeadSet
  readonly interest: KeptInterest
}

/** A node that holds more has to be found by other ways as well. */
const MOST_TOLD = 1_024
/** More than these are no gap but a log on its way. */
const MOST_LACKING = 16

/** Whom a person here has named comes first, then a run of the others that begins at this part of all, from 0 to 1. */
export async function heldHere(
  { store, heads, interest }: Here,
  from: number,
): Promise<ReadonlySet<PublisherId>> {
  const held = new Set<PublisherId>()
  const add = (publisher: PublisherId | undefined): void => {
    if (publisher === undefined || held.size >= MOST_TOLD || !interest.serves(publisher)) return
    if (heads.itemOf(publisher) !== undefined) held.add(publisher)
  }
  const own = await findOwnPublisher(store)
  for (const publisher of [
    own,
    ...(await namedHere(store)),
    ...(interest.scope?.publishers ?? []),
  ]) {
    add(publisher)
  }
  const { size } = heads.items
  const start = Math.floor(from * size)
  // Reading a hundred thousand heads would keep peers waiting.
  for (let i = 0; i < Math.min(size, 2 * MOST_TOLD); i++) {
    add(heads.publisherOf(heads.items.at((start + i) % size)))
  }
  return held
}

/**
 * Followed by id, and not here. Asking tells strangers who is followed: those that peers are not told of are not asked for, nor is anything
 * private (T13).
 */
export async function missingHere({ store, interest }: Here): Promise<readonly PublisherId[]> {
  const { rules } = await listFollowed(store)
  const untold = new Set(rules.filter(({ isTold }) => !isTold).map(({ name }) => name))
  const missing: PublisherId[] = []
  for (const publisher of new Set([
    ...(await namedHere(store)),
    ...(interest.scope?.publishers ?? []),
  ])) {
    if (untold.has(publisher) || !interest.wants(publisher)) continue
    if ((await findHead(store, publisher)) === undefined) missing.push(publisher)
  }
  return missing
}

/** Followed by id, also where everything is asked for. */
async function namedHere(store: Store): Promise<readonly PublisherId[]> {
  const { rules } = await listFollowed(store)
  const named = rules.filter(({ kind, how }) => kind === 'publisher' && how === 'follow')
  return named.map(({ name }) => name).filter(isPublisherId)
}

/** Whose logs name blocks that nobody here has. Nodes tell of logs and not of blocks: who holds the log is who may have them. */
export async function lackingHere({ store, interest }: Here): Promise<readonly PublisherId[]> {
  const publishers = new Set<PublisherId>()
  let blocks = 0
  for await (const { publisher } of listLacking(store)) {
    if (interest.serves(publisher) && interest.wants(publisher)) publishers.add(publisher)
    blocks += 1
    if (blocks > MOST_LACKING) return []
  }
  return [...publishers]
}
