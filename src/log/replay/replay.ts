// A whole log from its entries alone: signatures, authority, histories, index roots and the tree, each followed from the first entry
// on. Shares every rule with drafts and light clients; holds the log's names in memory.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import type { Verifier } from '../../trust/index.ts'
import { parseHashedStatement, parseStatement, type Statement } from '../entries/statement.ts'
import { EMPTY_INDEX, RESERVED } from '../map/index-node.ts'
import { openIndex } from '../map/index-tree.ts'
import { type Hash, leafHash, openEdge } from '../tree/merkle.ts'
import { authorityBlock } from './authority-block.ts'
import { type History, historyAfter, historyBlock, isNamed } from './history.ts'
import { saysNothing } from './refusals.ts'
import {
  applyEntry,
  authorityFor,
  type LogState,
  type SignedBytes,
  verifyAuthority,
  verifyAuthorityOnThread,
} from './state.ts'

export interface Replay {
  /** Undefined before the genesis. */
  readonly state: LogState | undefined
  /** RFC 6962 root over all entries so far; throws before the genesis. */
  readonly root: Hash
  readonly histories: ReadonlyMap<string, History>
  /** Throws the code of the first rule that the entry breaks; then the replay is used up. */
  add(entry: SignedBytes): Promise<Statement>
  /**
   * The same without a look at the signatures: `verify` looks, on another thread. Nothing may be believed before all have. `cid` is what the
   * statement is known to hash to.
   */
  addAhead(entry: SignedBytes & { readonly cid: Cid }): Promise<{
    readonly statement: Statement
    readonly verify: () => Promise<unknown>
  }>
}

export function createReplay(verifier: Verifier): Replay {
  const tree = openEdge()
  const histories = new Map<string, History>()
  const index = openIndex(EMPTY_INDEX.cid, async (cids) => cids.map(() => undefined))
  let state: LogState | undefined

  function indexAfter(statement: Statement, next: LogState): Promise<Cid> {
    const entries: { readonly name: string; readonly history: Cid }[] = []
    if (isNamed(statement)) {
      const before = histories.get(statement.name)
      const after = historyAfter(before, statement, statement.seq)
      if (after === before) throw saysNothing(statement)
      histories.set(statement.name, after)
      entries.push({ name: statement.name, history: historyBlock(after).cid })
    }
    if (next.authority !== state?.authority || next.notices !== state?.notices) {
      const block = authorityBlock(next.authority, next.notices)
      if (block !== undefined) entries.push({ name: RESERVED, history: block.cid })
    }
    return index.set(entries)
  }

  async function follow(statement: Statement, next: LogState): Promise<void> {
    const expected = await indexAfter(statement, next)
    if (expected !== statement.index) {
      throw new RegistryError('PROOF_INVALID', 'Its index root does not follow from the entries.', {
        expected,
        got: statement.index,
      })
    }
    tree.add(statement.seq, leafHash(statement.bytes))
    state = next
  }

  return {
    get state() {
      return state
    },
    get root() {
      return tree.root()
    },
    histories,
    // Order first, as drafts have it: an entry of another log is told so, and not that its signer is unknown.
    async add(entry) {
      const statement = parseStatement(entry.statement)
      const next = applyEntry(state, statement)
      verifyAuthority(verifier, entry, authorityFor(state, statement))
      await follow(statement, next)
      return statement
    },
    async addAhead(entry) {
      const statement = parseHashedStatement(entry.statement, entry.cid)
      const next = applyEntry(state, statement)
      const authority = authorityFor(state, statement)
      await follow(statement, next)
      return { statement, verify: () => verifyAuthorityOnThread(verifier, entry, authority) }
    },
  }
}
