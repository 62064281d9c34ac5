// Who has released under a namespace, as far as this store knows: read once, then kept current by the change of every commit.

import type { PublisherId } from '../../spec/index.ts'
import { isPublisherId } from '../../spec/index.ts'
import type { Change, Store } from '../../store/index.ts'

export interface NamespaceIndex {
  /** The namespace itself and whatever is below it. The set lives on, and grows. */
  publishersIn(namespace: string): Promise<ReadonlySet<PublisherId>>
  /** After the commit. Nobody leaves a namespace: who is in it too long is asked for in vain, at worst. */
  note(change: Change): void
}

export function indexNamespaces(store: Store): NamespaceIndex {
  const known = new Map<string, Set<PublisherId>>()
  return {
    async publishersIn(namespace) {
      const found = known.get(namespace)
      if (found !== undefined) return found
      const publishers = new Set<PublisherId>()
      // Before it is read: what is committed meanwhile is noted.
      known.set(namespace, publishers)
      if (isPublisherId(namespace)) publishers.add(namespace)
      for (const prefix of prefixesOf(namespace)) {
        for await (const { key } of store.listRecords('claim', { prefix })) {
          publishers.add(publisherIn(key))
        }
      }
      return publishers
    },
    note({ put = [] }) {
      for (const { table, key } of put) {
        if (table !== 'claim') continue
        for (const [namespace, publishers] of known) {
          if (prefixesOf(namespace).some((prefix) => key.startsWith(prefix))) {
            publishers.add(publisherIn(key))
          }
        }
      }
    },
  }
}

function prefixesOf(namespace: string): readonly string[] {
  return isPublisherId(namespace) ? [`${namespace}/`] : [`${namespace}/`, `${namespace}.`]
}

/** Of `NAME/PUBLISHER`. */
export function publisherIn(key: string): PublisherId {
  return key.slice(key.lastIndexOf('/') + 1) as PublisherId
}
