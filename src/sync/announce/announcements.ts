// Telling peers of news, and hearing of theirs: what a node does with its Announcer.

import { findHead } from '../../log/index.ts'
import { type Interest, readFork } from '../../registry/index.ts'
import { findKnownFork, localSource } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { systemTimers, type Timers } from '../timers.ts'
import { encodeAnnouncement, HEAD_BYTES } from './announcement.ts'
import { ANNOUNCEMENT_BYTES, type Announcer } from './announcer.ts'
import { openHeldLogs } from './held-log.ts'
import { Judge } from './judge.ts'
import { BoundedNews, type NewsQueue } from './news.ts'
import { createRates } from './rates.ts'

export interface AnnouncementOptions {
  readonly store: Store
  readonly interest: Pick<Interest, 'wants'>
  /** False for logs that others are not told of (T13). */
  readonly serves: (publisher: PublisherId) => boolean
  readonly timers?: Timers
  /** How many publishers’ news are kept until they are taken. */
  readonly newsLimit?: number
}

export interface Announcements {
  readonly news: NewsQueue
  /** The head held here, or the fork if there is one. False where there is nothing to tell, or nobody may be told. */
  announce(publisher: PublisherId): Promise<boolean>
}

/** Listens from now on. What cannot be announced is not lost: peers find it when they reconcile. */
export function startAnnouncements(
  announcer: Announcer,
  options: AnnouncementOptions,
): Announcements {
  const { store, interest, serves, timers = systemTimers, newsLimit } = options
  const news = new BoundedNews(newsLimit)
  const tellFork = async (publisher: PublisherId, proof: Uint8Array): Promise<boolean> => {
    if (!serves(publisher)) return false
    const message = encodeAnnouncement({ kind: 'fork', publisher, proof })
    // Of a log that was rotated often: it goes from peer to peer as they reconcile.
    if (message.length > ANNOUNCEMENT_BYTES) return false
    await announcer.publish(message)
    return true
  }
  const judge = new Judge({
    store,
    interest,
    news,
    held: openHeldLogs(store),
    rates: createRates(timers),
    onFork: (publisher, proof) => void tellFork(publisher, proof).catch(() => false),
  })
  announcer.subscribe((message, from) => judge.judge(message, from))
  return {
    news,
    async announce(publisher) {
      const fork = await findKnownFork(store, publisher)
      if (fork !== undefined) return await tellFork(publisher, await readFork(store, fork.fork))
      const head = await findHead(store, publisher)
      if (head === undefined || !serves(publisher)) return false
      const note = await localSource(store).checkpoint(publisher)
      const full = encodeAnnouncement({ kind: 'head', publisher, note })
      const bare = { kind: 'head', publisher, note: head.checkpoint } as const
      await announcer.publish(full.length > HEAD_BYTES ? encodeAnnouncement(bare) : full)
      return true
    },
  }
}
