// A node that holds the logs of others in full, as replication leaves them: everything but their owners’ settings and pins.

import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { dump } from './copy-store.ts'
import type { TestPublisher } from './publisher.ts'

const OWN = ['self', 'pin', 'follow']

export async function followerOf(
  ...publishers: readonly Pick<TestPublisher, 'workspace'>[]
): Promise<Store> {
  const store = openMemoryStore()
  for (const publisher of publishers) await bringLog(store, publisher)
  return store
}

/** The log as it is now, over what was there of it. */
export async function bringLog(
  store: Store,
  { workspace }: Pick<TestPublisher, 'workspace'>,
): Promise<void> {
  const { blocks, records } = await dump(workspace.store)
  const put = records.filter(({ table }) => !OWN.includes(table))
  await store.commit({ blocks, put, floors: await workspace.store.listFloors() })
}
