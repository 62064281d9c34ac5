// Drafts: new entries gathered in memory and turned into one change. Many releases cost one checkpoint and one synced write,
// and index nodes that only lived between two entries are never stored.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import { type PublisherId, parseName, parseVersion } from '../../spec/index.ts'
import type { Change, Store } from '../../store/index.ts'
import {
  equalKeys,
  type Signer,
  signStatement as signBundle,
  type Verifier,
} from '../../trust/index.ts'
import type { Action } from '../entries/actions.ts'
import type { Roles } from '../entries/roles.ts'
import { makeGenesis, makeStatement, parseStatement, type Statement } from '../entries/statement.ts'
import { EMPTY_INDEX } from '../map/index-node.ts'
import { type Alternatives, alternativesFor, authorityAfter, rolesAt } from '../replay/authority.ts'
import { openAuthority, parseAuthorityBlock } from '../replay/authority-block.ts'
import { findVersion, type History, historyAfter, type NamedAction } from '../replay/history.ts'
import { NO_NOTICES, noticesAfter } from '../replay/notices.ts'
import { saysNothing } from '../replay/refusals.ts'
import { applyEntry, authorityFor, isMet, type LogState, verifyAuthority } from '../replay/state.ts'
import { originOf } from '../tree/checkpoint.ts'
import { draftAppend } from './append.ts'
import { type Names, type NamesChange, openNames } from './names.ts'
import { corrupt, findHead, type LogHead } from './stored-head.ts'
import { indexReader, readEntries, type SignedEntry } from './stored-log.ts'

/** Signs a statement, and answers the bytes of a Sigstore bundle. */
export type SignStatement = (statement: Uint8Array, signer: Signer) => Promise<Uint8Array>

interface Drafted {
  /** `same` if the log has said this before. */
  readonly kind: 'added' | 'same'
  readonly seq: number
  readonly statement: Cid
}

type Entry = Exclude<Action, { readonly kind: 'genesis' }>

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
  /**
   * Throws VERSION_EXISTS, NOT_FOUND or LIFECYCLE_INVALID for what the log cannot say, SIGNER_UNAUTHORIZED unless the signers are who may say
   * it and as many as their roles ask for; then nothing is added.
   */
  add(action: Entry, ...signers: readonly Signer[]): Promise<Drafted>
  /**
   * An entry that was signed elsewhere. Throws what `add` and `verifyAuthority` throw, SEQUENCE_INVALID for one made for another state of the
   * log, PROOF_INVALID for another index than the one it leads to; then the draft is used up.
   */
  append(entry: SignedEntry, verifier: Verifier): Promise<Statement>
  /** The change that appends all that was added; empty when there is nothing. Throws what a signer threw: then nothing is appended. */
  finish(logSigner: Signer): Promise<Change>
}

/** A log's first entry, as a change. The caller holds no publisher before it is committed. */
export async function draftGenesis({
  store,
  roles,
  created,
  rootSigner,
  logSigner,
  nextKeyHashes,
  signStatement = signBundle,
}: {
  readonly store: Store
  readonly roles: Roles
  readonly created?: string
  /** Pre-rotation: the sha-256 of the SPKIs of the root keys to come. */
  readonly nextKeyHashes?: readonly string[]
  readonly rootSigner: Signer | readonly Signer[]
  readonly logSigner: Signer
  readonly signStatement?: SignStatement
}): Promise<{ readonly publisher: PublisherId; readonly change: Change }> {
  const genesis = makeGenesis({ roles, created, nextKeyHashes })
  const statement = genesis.bytes
  const state = applyEntry(undefined, genesis)
  const signers = 'key' in rootSigner ? [rootSigner] : rootSigner
  assertSigners(signers, authorityFor(undefined, genesis), 'genesis')
  const bundles = await Promise.all(signers.map((signer) => signStatement(statement, signer)))
  const entries = [{ cid: state.head, statement, bundles }]
  const index = { added: [EMPTY_INDEX], removed: [] }
  const change = await draftAppend({ store, head: undefined, state, entries, index, logSigner })
  return { publisher: state.publisher, change }
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
  const entries: PendingEntry[] = []

  async function findStatement(seq: number): Promise<Cid> {
    const pending = entries[seq - head.size]
    if (pending !== undefined) return pending.cid
    const [stored] = await readEntries(store, publisher, { start: seq, end: seq + 1 })
    if (stored === undefined) throw corrupt('A log entry is missing.', `entry ${seq}`, 'nothing')
    return parseStatement(stored.statement).cid
  }

  /** What the action changes, or where the log has said it before. Throws what it cannot say, before anything is touched. */
  async function follow(action: Entry): Promise<NamesChange | { readonly saidAt: number }> {
    const seq = state.size
    const authority = authorityAfter(state.authority, action, seq)
    const notices = noticesAfter(state.notices, action, seq)
    const isChanged = authority !== state.authority || notices !== state.notices
    const beside = isChanged ? { authority, notices } : undefined
    if (!isNamed(action)) return { state: beside }
    parseName(action.name)
    parseVersion(action.version)
    const before = await names.find(action.name)
    const after = historyAfter(before, action, seq)
    return after === before ? { saidAt: saidAt(before, action) } : { history: after, state: beside }
  }

  function push(entry: Statement, sign: PendingEntry['sign']): void {
    state = applyEntry(state, entry)
    entries.push({ cid: entry.cid, statement: entry.bytes, sign })
  }

  return {
    publisher,
    get state() {
      return state
    },
    async add(action, ...signers) {
      const change = await follow(action)
      if ('saidAt' in change) {
        const { saidAt: seq } = change
        return { kind: 'same', seq, statement: await findStatement(seq) }
      }
      const seq = state.size
      assertSigners(signers, alternativesFor(state.authority, action, seq), action.kind)
      const index = await names.set(change)
      const entry = makeStatement(action, { publisher, seq, prev: state.head, index })
      push(entry, () => Promise.all(signers.map((signer) => signStatement(entry.bytes, signer))))
      return { kind: 'added', seq, statement: entry.cid }
    },
    async append({ statement, bundles }, verifier) {
      const entry = parseStatement(statement)
      // Sequence first: a statement made for another state of the log is told so, and not that its signer is unknown.
      applyEntry(state, entry)
      verifyAuthority(verifier, { statement, bundles }, authorityFor(state, entry))
      const change = await follow(entry as Entry & Statement)
      if ('saidAt' in change) throw saysNothing(entry)
      const root = await names.set(change)
      if (root !== entry.index) throw wrongIndex(root, entry.index)
      push(entry, async () => bundles)
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
      return draftAppend({ store, head, state, entries: signed, index: names.changes(), logSigner })
    },
  }
}

function isNamed(action: Action): action is NamedAction & Entry {
  return action.kind === 'release' || action.kind === 'deprecate' || action.kind === 'yank'
}

/** The position of the entry that said this first. */
function saidAt(history: History | undefined, action: NamedAction): number {
  const version = findVersion(history, action.version)
  if (action.kind === 'deprecate') return version?.deprecated?.seq ?? 0
  if (action.kind === 'yank') return version?.yanked?.seq ?? 0
  return version?.seq ?? 0
}

function wrongIndex(expected: Cid, got: Cid): RegistryError {
  return new RegistryError('PROOF_INVALID', 'The index root does not follow from the entries.', {
    expected,
    got,
    next: 'Do not use it. Whoever signed it has another view of the log.',
  })
}

async function getHead(store: Store, publisher: PublisherId): Promise<LogHead> {
  const head = await findHead(store, publisher)
  if (head !== undefined) return head
  throw new RegistryError('NOT_FOUND', 'This store does not hold that publisher’s log.', {
    expected: `the log of ${publisher}`,
    got: 'nothing',
    next: 'Run `registry init` to make a publisher.',
  })
}

async function readState(store: Store, head: LogHead, names: Names): Promise<LogState> {
  const { publisher, size, index } = head
  const genesis = await readEntry(store, publisher, 0)
  if (genesis.kind !== 'genesis' || genesis.publisher !== publisher) {
    throw corrupt('The first entry of this log is not its genesis.', publisher, genesis.publisher)
  }
  const bytes = await names.findState()
  const block = bytes === undefined ? undefined : parseAuthorityBlock(bytes)
  const rotations = await Promise.all(
    (block?.keys ?? []).map((seq) => readEntry(store, publisher, seq)),
  )
  const authority = openAuthority(genesis, rotations, block)
  const notices = block?.notices ?? NO_NOTICES
  const roles = rolesAt(authority, size)
  return { publisher, size, head: head.statement, index, roles, authority, notices }
}

async function readEntry(store: Store, publisher: PublisherId, seq: number): Promise<Statement> {
  const [entry] = await readEntries(store, publisher, { start: seq, end: seq + 1 })
  if (entry !== undefined) return parseStatement(entry.statement)
  throw corrupt('A log entry is missing.', `entry ${seq}`, 'nothing')
}

/** A restored backup that went on would sign a second entry for a position: a fork of one's own making (T1, T5). */
async function assertFloor(store: Store, head: LogHead): Promise<void> {
  const floor = await store.findFloor(originOf(head.publisher))
  if (floor === undefined || floor.size < head.size) return
  if (floor.size === head.size && floor.root === head.root) return
  throw new RegistryError('ROLLBACK', 'This store has lost entries of a log that it signed.', {
    expected: `size ${floor.size}, root ${floor.root}`,
    got: `size ${head.size}, root ${head.root}`,
    next: 'Do not publish from it. Restore the newest copy of the store.',
  })
}

/** Readers count distinct keys of the roles; fail here rather than at every reader. */
function assertSigners(
  signers: readonly Signer[],
  alternatives: Alternatives,
  kind: Action['kind'],
): void {
  const spkis = new Set(signers.map(({ key }) => key.spki))
  const fits = alternatives.some(
    (roles) =>
      roles.every((role) => isMet(role, spkis)) &&
      signers.every(({ key }) =>
        roles.some((role) => role.keys.some((own) => equalKeys(own, key))),
      ),
  )
  if (fits) return
  const roles = alternatives.map((all) => all.map(({ threshold }) => threshold).join(' and '))
  throw new RegistryError('SIGNER_UNAUTHORIZED', `These keys may not sign a ${kind} entry.`, {
    expected: `${roles.join(' or ')} distinct keys of the role that may`,
    got: `${signers.length} signer${signers.length === 1 ? '' : 's'}`,
    next: 'Use the keys that the log names: `registry publisher show` lists them, `registry key list` shows the keys here.',
  })
}
