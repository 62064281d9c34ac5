// Reading a log held here while others may be writing it: what was read from under a writer's hands is read again, at last in the
// writers' turn, when the log stands still.

import { isRegistryError } from '../../lib/index.ts'
import { type LogState, openDraft } from '../../log/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'

const ATTEMPTS = 4
/** What a log that grows looks like to whoever reads it in several steps. */
const MOVED = ['NOT_FOUND', 'STORE_CORRUPT', 'ROLLBACK']

/** `read` only reads. Not for whoever holds the log's lock. */
export async function readStill<T>(
  store: Store,
  publisher: PublisherId,
  read: (state: LogState) => T | Promise<T>,
): Promise<T> {
  const attempt = async (): Promise<T> => await read((await openDraft(store, publisher)).state)
  for (let count = 1; count <= ATTEMPTS; count++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isRegistryError(error) || !MOVED.includes(error.code)) throw error
    }
  }
  await using _lock = await store.lock(`log/${publisher}`)
  return await attempt()
}
