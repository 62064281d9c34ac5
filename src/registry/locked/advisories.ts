// Advisories: what publishers whom the policy names have said against blocks of others. A revocation in a log takes back its own
// releases for everybody; against others' blocks it counts for those who have chosen to listen, and nobody else.

import type { Cid } from '../../cid/index.ts'
import { findHead, type Notices } from '../../log/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Policy } from '../../trust/index.ts'
import { findNews } from '../lifecycle/news.ts'
import { readStill } from '../publisher/own-state.ts'

export interface Advisory {
  /** Who says it. */
  readonly adviser: PublisherId
  readonly cid: Cid
  /** `block`: as if its own publisher had revoked it. */
  readonly effect: 'block' | 'warn'
  readonly reason: string
  /** Position of the entry in the adviser's log. */
  readonly seq: number
}

/**
 * Offline: by the newest head of each adviser that came here, proven again. Of one that was never heard here nothing is said, and nothing
 * is made of a fork of its log: what it has revoked stays revoked. Throws STORE_CORRUPT for proofs that cannot be read.
 */
export async function advisoriesAgainst(
  store: Store,
  { advisories }: Pick<Policy, 'advisories'>,
  cids: readonly Cid[],
): Promise<readonly Advisory[]> {
  const found: Advisory[] = []
  for (const { id: adviser, effect } of advisories) {
    const revoked = (await noticesOf(store, adviser))?.revoked
    for (const cid of new Set(cids)) {
      const notice = revoked?.get(cid)
      if (notice !== undefined) found.push({ adviser, cid, effect, ...notice })
    }
  }
  return found
}

async function noticesOf(store: Store, publisher: PublisherId): Promise<Notices | undefined> {
  if ((await findHead(store, publisher)) === undefined) {
    return (await findNews(store, publisher))?.notices
  }
  return await readStill(store, publisher, ({ notices }) => notices)
}
