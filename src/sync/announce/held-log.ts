// What is held here of a log that somebody announces: its state, its log key, and what its tree was at a smaller size.

import { dropOldest, equalBytes, fromHex } from '../../lib/index.ts'
import {
  type Checkpoint,
  findHead,
  hashReader,
  type LogHead,
  makeForkProof,
  rootAt,
} from '../../log/index.ts'
import { findFork, localSource, type News, readHead } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Block, Store } from '../../store/index.ts'
import { loadVerifier, type PublicKey } from '../../trust/index.ts'

export interface HeldLogs {
  find(publisher: PublisherId): Promise<LogHead | undefined>
  /** The log key in force at the head held. Undefined when the log changes while it is read. */
  logKey(head: LogHead): Promise<PublicKey | undefined>
  /** Whether the log held here had this root at this size, which is not more than it has. */
  was(head: LogHead, shown: Pick<Checkpoint, 'size' | 'root'>): Promise<boolean>
  /** The proof that a head, well signed, contradicts the log held. */
  proveFork(
    head: LogHead,
    shown: { readonly note: Uint8Array; readonly checkpoint: Checkpoint },
  ): Promise<Block | undefined>
  /** The same of two heads of one size, neither of which is held: both well signed, with other roots. */
  proveTwo(head: LogHead, notes: readonly [Uint8Array, Uint8Array]): Promise<Block | undefined>
}

/** Proving a head costs some signatures: what announces itself often is proven once. */
const REMEMBERED = 256

export function openHeldLogs(store: Store): HeldLogs {
  const proven = new Map<PublisherId, { readonly root: string; readonly news: News }>()

  async function prove({ publisher, root }: LogHead): Promise<News | undefined> {
    const known = proven.get(publisher)
    if (known?.root === root) return known.news
    const verifier = await loadVerifier(store)
    const news = await readHead(localSource(store), verifier, { publisher, floor: undefined }, {})
    if (news === undefined) return undefined
    proven.delete(publisher)
    proven.set(publisher, { root, news })
    dropOldest(proven, REMEMBERED)
    return news
  }

  return {
    find: (publisher) => findHead(store, publisher),
    logKey: async (head) => (await prove(head))?.head.roles.log.keys[0],
    async was(head, { size, root }) {
      if (size === head.size) return equalBytes(root, fromHex(head.root))
      return equalBytes(root, await rootAt(size, hashReader(store, head.publisher)))
    },
    async proveFork(head, { note, checkpoint }) {
      const news = await prove(head)
      if (news === undefined) return undefined
      const { publisher, genesis, keys, checkpoint: own } = news.evidence
      const heads = { smaller: checkpoint, larger: news.head.checkpoint }
      const fork = await findFork(localSource(store), publisher, heads, {})
      if (fork === undefined) return undefined
      const seen = { publisher, genesis: genesis.statement, chains: [keys], proof: fork.proof }
      return makeForkProof({ ...seen, notes: [note, own] }, await loadVerifier(store))
    },
    async proveTwo(head, notes) {
      const news = await prove(head)
      if (news === undefined) return undefined
      const { publisher, genesis, keys } = news.evidence
      const seen = { publisher, genesis: genesis.statement, chains: [keys], notes }
      return makeForkProof(seen, await loadVerifier(store))
    },
  }
}
