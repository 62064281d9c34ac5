// What a peer shows of a log, against what is held here.

import { RegistryError } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Opened, Shown } from './port.ts'

/** Entries of a log that are here, those of a log that is still being fetched included: where to ask peers to go on from. */
export async function heldEntries(_store: Store, _publisher: PublisherId): Promise<number> {
  return 0
}

/** Throws FORKED for a publisher known to have forked, and the code of what is wrong with what is shown. */
export async function openReplication(_store: Store, shown: Shown): Promise<Opened> {
  throw new RegistryError('PEER_MISBEHAVED', `Nothing is replicated yet from ${shown.label}.`, {})
}
