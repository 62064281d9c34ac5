// Drafts: new entries gathered in memory and turned into one change. Many releases cost one checkpoint and one synced write,
// and index nodes that only lived between two entries are never stored.

import type { Cid } from '../../cid/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Change, Store } from '../../store/index.ts'
import {
  type AnySigner,
  loadVerifier,
  type Signer,
  signStatement as signBundle,
  type Verifier,
} from '../../trust/index.ts'
import { parseStatement, prepareStatement, type Statement } from '../entries/statement.ts'
import { alternativesFor } from '../replay/authority.ts'
import { applyEntry, authorityFor, type LogState, verifyAuthority } from '../replay/state.ts'
import { draftAppend } from './append.ts'
import { changeOf, type Entry, followEntry } from './follow.ts'
import { openNames } from './names.ts'
import { assertSigners, type SignStatement } from './signing.ts'
import { indexReader, type SignedEntry } from './stored-log.ts'
import { assertFloor, getHead, isWithdrawal, readState, readStatement } from './stored-state.ts'

interface Drafted {
  /** `same` if the log has said this before. */
  readonly kind: 'added' | 'same'
  readonly seq: number
  readonly statement: Cid
}

interface PendingEntry {
  readonly cid: Cid
  readonly statement: Uint8Array
  readonly sign: () => Promise<readonly Uint8Array[]>
}

/** One writer at a time: calls must not overlap, and a draft is used up by `finish`. */
export interface LogDraft {
  readonly publisher: PublisherId
  /** With what was added. */
  readonly state: LogState
  /** The statements that were added, in order. */
  readonly added: readonly Uint8Array[]
  /**
   * Throws VERSION_EXISTS, NOT_FOUND or LIFECYCLE_INVALID for what the log cannot say, SIGNER_UNAUTHORIZED unless the signers are who may say
   * it and as many as their roles ask for; then nothing is added.
   */
  add(action: Entry, ...signers: readonly AnySigner[]): Promise<Drafted>
  /**
   * An entry that was signed elsewhere. Throws what `add` and `verifyAuthority` throw, SEQUENCE_INVALID for one made for another state of the
   * log, PROOF_INVALID for another index than the one it leads to; then the draft is used up.
   */
  append(entry: SignedEntry, verifier: Verifier): Promise<Statement>
  /** The change that appends all that was added; empty when there is nothing. Throws what a signer threw: then nothing is appended. */
  finish(logSigner: Signer): Promise<Change>
}

/**
 * Reads the newest head; hold the store's lock of the log until the change is committed. Throws NOT_FOUND without a log,
 * ROLLBACK if the store has lost entries that it signed.
 */
export async function openDraft(
  store: Store,
  publisher: PublisherId,
  { signStatement = signBundle }: { readonly signStatement?: SignStatement } = {},
): Promise<LogDraft> {
  const head = await getHead(store, publisher)
  await assertFloor(store, head)
  const names = openNames(head.index, indexReader(store, publisher))
  let state = await readState(store, head, names)
  let withdraws = false
  const entries: PendingEntry[] = []

  async function findStatement(seq: number): Promise<Cid> {
    const pending = entries[seq - head.size]
    if (pending !== undefined) return pending.cid
    return (await readStatement(store, publisher, seq)).cid
  }

  function push(entry: Statement, next: LogState, sign: PendingEntry['sign']): void {
    state = next
    withdraws ||= isWithdrawal(entry)
    entries.push({ cid: entry.cid, statement: entry.bytes, sign })
  }

  return {
    publisher,
    get state() {
      return state
    },
    get added() {
      return entries.map(({ statement }) => statement)
    },
    async add(action, ...signers) {
      const write = prepareStatement(action)
      const change = await changeOf(action, state, names)
      if ('saidAt' in change) {
        const { saidAt: seq } = change
        return { kind: 'same', seq, statement: await findStatement(seq) }
      }
      const seq = state.size
      const alternatives = alternativesFor(state.authority, action, seq)
      const isKeyless = assertSigners(signers, alternatives, action.kind)
      const index = await names.set(change)
      const entry = write({ publisher, seq, prev: state.head, index })
      push(entry, applyEntry(state, entry), async () => {
        const bundles = await Promise.all(signers.map((one) => signStatement(entry.bytes, one)))
        const signed = { statement: entry.bytes, bundles }
        if (isKeyless) verifyAuthority(await loadVerifier(store), signed, alternatives)
        return bundles
      })
      return { kind: 'added', seq, statement: entry.cid }
    },
    async append({ statement, bundles }, verifier) {
      const entry = parseStatement(statement)
      // Sequence first: a statement made for another state of the log is told so, and not that its signer is unknown.
      applyEntry(state, entry)
      verifyAuthority(verifier, { statement, bundles }, authorityFor(state, entry))
      push(entry, await followEntry(entry, state, names), async () => bundles)
      return entry
    },
    async finish(logSigner) {
      if (entries.length === 0) return {}
      // No entry depends on the signatures of the one before: all are made at once, on as many threads as there are.
      const signed = await Promise.all(
        entries.map(async ({ cid, statement, sign }) => ({
          cid,
          statement,
          bundles: await sign(),
        })),
      )
      const index = names.changes()
      return draftAppend({ store, head, state, entries: signed, withdraws, index, logSigner })
    },
  }
}
