// Who has released under a namespace, as far as this store knows: read once, then kept current by the change of every commit.

import { isPublisherId, type PublisherId } from '../../spec/index.ts'
import type { Change, Store } from '../../store/index.ts'

export interface NamespaceIndex {
  /** The namespace itself and whatever is below it. The set lives on, and grows, until it is released as often as it was asked for. */
  publishersIn(namespace: string): Promise<ReadonlySet<PublisherId>>
  release(namespace: string): void
  /** After the commit. Nobody leaves a namespace: who is in it too long is asked for in vain, at worst. */
  note(change: Change): void
}

interface Known {
  readonly publishers: Set<PublisherId>
  readonly isRead: Promise<void>
  users: number
}

/** Kept although nobody uses them: a peer that comes and goes would have them read again each time. */
const IDLE = 256
const IDLE_PUBLISHERS = 100_000

export function indexNamespaces(store: Store): NamespaceIndex {
  const known = new Map<string, Known>()
  return {
    async publishersIn(namespace) {
      const found = known.get(namespace) ?? read(store, namespace)
      found.users += 1
      // Before it is read: what is committed meanwhile is noted.
      known.set(namespace, found)
      try {
        await found.isRead
      } catch (error) {
        known.delete(namespace)
        throw error
      }
      return found.publishers
    },
    release(namespace) {
      const found = known.get(namespace)
      if (found === undefined) return
      found.users -= 1
      if (found.users === 0) dropIdle(known)
    },
    note({ put = [] }) {
      for (const { table, key } of put) {
        if (table === 'claim') addClaim(known, key)
      }
    },
  }
}

/** Of `NAME/PUBLISHER`. */
export function publisherIn(key: string): PublisherId {
  return key.slice(key.lastIndexOf('/') + 1) as PublisherId
}

function read(store: Store, namespace: string): Known {
  const publishers = new Set<PublisherId>()
  if (isPublisherId(namespace)) publishers.add(namespace)
  const add = async (prefix: string): Promise<void> => {
    for await (const { key } of store.listRecords('claim', { prefix })) {
      publishers.add(publisherIn(key))
    }
  }
  const isRead = Promise.all([add(`${namespace}/`), add(`${namespace}.`)])
  return { publishers, isRead: isRead.then(() => undefined), users: 0 }
}

/** Every namespace that the name is in: its own, and those above it. */
function addClaim(known: ReadonlyMap<string, Known>, key: string): void {
  const labels = key.slice(0, key.indexOf('/')).split('.')
  for (let count = labels.length; count > 0; count--) {
    known.get(labels.slice(0, count).join('.'))?.publishers.add(publisherIn(key))
  }
}

/** The oldest first. */
function dropIdle(known: Map<string, Known>): void {
  const idle = [...known].filter(([, { users }]) => users === 0)
  let publishers = idle.reduce((sum, [, one]) => sum + one.publishers.size, 0)
  let count = idle.length
  for (const [namespace, one] of idle) {
    if (count <= IDLE && publishers <= IDLE_PUBLISHERS) return
    known.delete(namespace)
    count -= 1
    publishers -= one.publishers.size
  }
}
