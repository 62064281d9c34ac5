// Who speaks for a name. A publisher id proves itself; any other namespace means the publisher this consumer has pinned to
// it, and never the one a peer names: a key shipped beside a record must not make it trusted.

import { RegistryError, utf8 } from '../lib/index.ts'
import { isPublisherId, type PublisherId, splitName } from '../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../store/index.ts'

/**
 * The publisher that `name` means here. `chosen` is the consumer's explicit word (a flag), which introduces a publisher but
 * never silently replaces a pinned one: PUBLISHER_CHANGED. Without either: PUBLISHER_UNPINNED, which names the claimants.
 */
export async function publisherFor(
  store: Store,
  name: string,
  choice: {
    readonly chosen?: PublisherId | undefined
    readonly claimants?: () => Promise<readonly PublisherId[]>
  } = {},
): Promise<PublisherId> {
  const { namespace } = splitName(name)
  const { chosen } = choice
  const known = isPublisherId(namespace) ? namespace : await findPin(store, namespace)
  if (known !== undefined && chosen !== undefined && chosen !== known) {
    throw new RegistryError(
      'PUBLISHER_CHANGED',
      `${namespace} belongs to another publisher here.`,
      {
        expected: known,
        got: chosen,
        next: 'If the change is announced by the old publisher, start with a fresh store; otherwise do not accept it.',
      },
    )
  }
  const publisher = known ?? chosen
  if (publisher !== undefined) return publisher
  const claimants = (await choice.claimants?.()) ?? []
  throw new RegistryError('PUBLISHER_UNPINNED', `No publisher is pinned to ${namespace} here.`, {
    expected: 'a publisher id that you got from the publisher itself',
    got: claimants.length === 0 ? 'no pin' : `claims by ${claimants.join(', ')}`,
    next: 'Compare the id with the publisher’s own word, then add `--publisher ID`.',
  })
}

/** The record that pins a namespace, for the commit that accepts its first release. */
export function pinRecord(name: string, publisher: PublisherId): StoredRecord | undefined {
  const { namespace } = splitName(name)
  return isPublisherId(namespace) ? undefined : { ...pinKey(namespace), value: utf8(publisher) }
}

async function findPin(store: Store, namespace: string): Promise<PublisherId | undefined> {
  const [value] = await store.findRecords([pinKey(namespace)])
  return value === undefined ? undefined : (Buffer.from(value).toString('utf8') as PublisherId)
}

function pinKey(namespace: string): RecordKey {
  return { table: 'pin', key: namespace }
}
