// Keeping the disk within what was said: logs that nobody follows any more go, then those of the mirror that were asked for least lately.
// To be run after a synchronisation, and after an `unfollow`.

import { findHead, listHeads } from '../../log/index.ts'
import { listPins, parseEvidenceKey } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { listLocked } from '../locked/hold.ts'
import { findOwnPublisher } from '../workspace.ts'
import { type Account, accountRecord, bringUp, findAccount } from './accounts.ts'
import { type Evicted, evictLog, finishEvictions } from './evict.ts'
import { type KeptInterest, MIRROR_FILL } from './interest.ts'
import { findRule, ruleRecord } from './rules.ts'

/** Why a log stays. `pulled`: the proof of a release of theirs is kept. `locked`: a lockfile names one. */
export type Hold = 'own' | 'pinned' | 'pulled' | 'locked'

export interface RoomMade {
  readonly evicted: readonly Evicted[]
  /** Logs that nobody follows any more and that stay, because something here rests on them. */
  readonly held: readonly { readonly publisher: PublisherId; readonly because: Hold }[]
}

export interface RoomOptions {
  readonly now: Date
  /** Logs that may have grown; all that are here unless said. */
  readonly changed?: Iterable<PublisherId>
  /** When logs were asked for, in milliseconds since 1970. */
  readonly used?: ReadonlyMap<PublisherId, number>
  readonly signal?: AbortSignal
}

/** Finer would cost a write for every question. */
const USED_STEP_MS = 60 * 60_000

/** What cannot be dropped because somebody uses it meanwhile is looked at again the next time. */
export async function makeRoom(
  store: Store,
  interest: KeptInterest,
  options: RoomOptions,
): Promise<RoomMade> {
  await interest.settled()
  await finishEvictions(store)
  await countChanged(store, interest, options)
  await keepUsed(store, interest, options)
  const holds = await readHolds(store)
  const evicted: Evicted[] = []
  const unwanted = [...interest.accounts()].filter(({ publisher }) => !isKept(interest, publisher))
  const go = async (publisher: PublisherId): Promise<void> => {
    options.signal?.throwIfAborted()
    await refuseForGood(store, interest, publisher, options.now)
    const isWanted = async (): Promise<boolean> => (await readHolds(store)).has(publisher)
    const taken = await evictLog(store, publisher, { ...options, isWanted })
    if (taken === undefined) return
    interest.note({ remove: [{ table: 'follow', key: `held/${publisher}` }] })
    evicted.push(taken)
  }
  for (const { publisher } of unwanted) if (!holds.has(publisher)) await go(publisher)
  // Logs that were being fetched when somebody said that they need not be.
  for await (const { key } of store.listRecords('partial')) {
    const [publisher] = key.split('/') as [PublisherId]
    if (!isKept(interest, publisher) && !holds.has(publisher)) await go(publisher)
  }
  const quota = interest.mirror?.quota ?? 0
  if (interest.mirrored > quota) {
    for (const { publisher } of leastUsed(interest, holds)) {
      if (interest.mirrored <= quota * MIRROR_FILL) break
      await go(publisher)
    }
  }
  const held = unwanted.flatMap(({ publisher }) => {
    const because = holds.get(publisher)
    return because === undefined || because === 'own' ? [] : [{ publisher, because }]
  })
  return { evicted, held }
}

function isKept(interest: KeptInterest, publisher: PublisherId): boolean {
  const reason = interest.reasonFor(publisher)
  return reason !== undefined && reason !== 'maybe'
}

function leastUsed(
  interest: KeptInterest,
  holds: ReadonlyMap<PublisherId, Hold>,
): readonly Account[] {
  return [...interest.accounts()]
    .filter(({ publisher }) => interest.reasonFor(publisher) === 'mirror' && !holds.has(publisher))
    .sort((a, b) => a.used - b.used || (a.publisher < b.publisher ? -1 : 1))
}

async function countChanged(
  store: Store,
  interest: KeptInterest,
  { changed, now }: RoomOptions,
): Promise<void> {
  const count = async (publisher: PublisherId): Promise<void> => {
    const account = await bringUp(store, publisher, now)
    if (account !== undefined) interest.note({ put: [accountRecord(account)] })
  }
  if (changed !== undefined) {
    for (const publisher of changed) await count(publisher)
    return
  }
  for await (const { publisher } of listHeads(store)) await count(publisher)
}

async function keepUsed(
  store: Store,
  interest: KeptInterest,
  { used = new Map() }: RoomOptions,
): Promise<void> {
  for (const [publisher, time] of used) {
    const account = await findAccount(store, publisher)
    if (account === undefined || time - account.used < USED_STEP_MS) continue
    const put = [accountRecord({ ...account, used: time })]
    await store.commit({ put })
    interest.note({ put })
  }
}

/** What was only found out once the log was here: it is not fetched again to find out once more. */
async function refuseForGood(
  store: Store,
  interest: KeptInterest,
  publisher: PublisherId,
  now: Date,
): Promise<void> {
  const because = interest.refusedFor(publisher)
  if (because === undefined || (await findHead(store, publisher)) === undefined) return
  const rule = { kind: 'publisher', name: publisher } as const
  if ((await findRule(store, rule)) !== undefined) return
  const since = now.toISOString()
  const put = [ruleRecord({ ...rule, how: 'never', since, isTold: false, because })]
  await store.commit({ put })
  interest.note({ put })
}

/** What proves a fork, a floor or a revocation is no part of a log and stays in any case (evict.ts). */
async function readHolds(store: Store): Promise<ReadonlyMap<PublisherId, Hold>> {
  const holds = new Map<PublisherId, Hold>()
  for await (const { key } of store.listRecords('evidence')) {
    holds.set(parseEvidenceKey(key).publisher, 'pulled')
  }
  for (const publisher of await listLocked(store)) holds.set(publisher, 'locked')
  for await (const { publisher } of listPins(store)) holds.set(publisher, 'pinned')
  const own = await findOwnPublisher(store)
  if (own !== undefined) holds.set(own, 'own')
  return holds
}
