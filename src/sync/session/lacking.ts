// Which of the blocks that are lacking a session asks its peer for.

import type { Cid } from '../../cid/index.ts'
import { listLacking, settleLacking } from '../../registry/index.ts'
import type { Store } from '../../store/index.ts'
import type { Link } from '../client/link.ts'
import type { SessionInterest } from './jobs.ts'

export interface LackingOptions {
  readonly store: Store
  readonly interest: SessionInterest
  readonly link: Link
}

/** Asked for in one session: there is always another one. */
const MOST_LACKING = 1_024
/** How far each peer was asked: a log that names thousands of blocks which nobody has must not hide those of others behind them. */
const reached = new WeakMap<Link, Cid>()

export async function nextLacking(options: LackingOptions): Promise<readonly Cid[]> {
  const { store, interest, link } = options
  const after = reached.get(link)
  reached.delete(link)
  const cids: Cid[] = []
  for await (const { cid, publisher } of listLacking(store, after === undefined ? {} : { after })) {
    if (interest.wants(publisher)) cids.push(cid)
    if (cids.length < MOST_LACKING) continue
    reached.set(link, cid)
    break
  }
  return await settleLacking(store, cids)
}
