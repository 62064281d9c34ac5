// Drafts: new entries gathered in memory and turned into one change. Many releases cost one checkpoint and one synced write,
// and index nodes that only lived between two entries are never stored.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import { type PublisherId, parseName, parseVersion } from '../../spec/index.ts'
import type { Change, Store } from '../../store/index.ts'
import { equalKeys, type Signer, signStatement as signBundle } from '../../trust/index.ts'
import { addVersion } from '../history.ts'
import { EMPTY_INDEX } from '../map/index-node.ts'
import type { Role, Roles } from '../roles.ts'
import { applyEntry, type LogState } from '../state.ts'
import { genesisStatement, makeRelease, parseStatement } from '../statement.ts'
import { originOf } from '../tree/checkpoint.ts'
import { draftAppend } from './append.ts'
import { openNames } from './names.ts'
import { corrupt, findHead, type LogHead } from './stored-head.ts'
import { indexReader, readEntries } from './stored-log.ts'

/** Signs a statement, and answers the bytes of a Sigstore bundle. */
export type SignStatement = (statement: Uint8Array, signer: Signer) => Promise<Uint8Array>

interface DraftedRelease {
  readonly kind: 'added' | 'same'
  readonly seq: number
  readonly statement: Cid
}

interface PendingEntry {
  readonly cid: Cid
  readonly statement: Uint8Array
  readonly signers: readonly Signer[]
}

/** One writer at a time: calls must not overlap, and a draft is used up by `finish`. */
export interface LogDraft {
  readonly publisher: PublisherId
  /**
   * `same` if the version is there with this very release. Throws VERSION_EXISTS if it is there with another one,
   * SIGNER_UNAUTHORIZED unless the signers are keys of the release role and as many as its threshold asks for; then nothing
   * is added.
   */
  addRelease(
    release: { readonly name: string; readonly version: string; readonly release: Cid },
    ...signers: readonly Signer[]
  ): Promise<DraftedRelease>
  /** The change that appends all added releases; empty when there are none. Throws what a signer threw: then nothing is appended. */
  finish(logSigner: Signer): Promise<Change>
}

/** A log's first entry, as a change. The caller holds no publisher before it is committed. */
export async function draftGenesis({
  store,
  roles,
  created,
  rootSigner,
  logSigner,
  signStatement = signBundle,
}: {
  readonly store: Store
  readonly roles: Roles
  readonly created?: string
  readonly rootSigner: Signer | readonly Signer[]
  readonly logSigner: Signer
  readonly signStatement?: SignStatement
}): Promise<{ readonly publisher: PublisherId; readonly change: Change }> {
  const statement = genesisStatement({ roles, created })
  const state = applyEntry(undefined, parseStatement(statement))
  const signers = 'key' in rootSigner ? [rootSigner] : rootSigner
  assertSigners(signers, state.roles.root, 'root')
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
  let state = await readState(store, head)
  const entries: PendingEntry[] = []
  const names = openNames(state.index, indexReader(store, publisher))

  async function findStatement(seq: number): Promise<Cid> {
    const pending = entries[seq - head.size]
    if (pending !== undefined) return pending.cid
    const [stored] = await readEntries(store, publisher, { start: seq, end: seq + 1 })
    if (stored === undefined) throw corrupt('A log entry is missing.', `entry ${seq}`, 'nothing')
    return parseStatement(stored.statement).cid
  }

  return {
    publisher,
    async addRelease(release, ...signers) {
      // Before the map is touched, so that what is refused leaves the draft as it was.
      parseName(release.name)
      parseVersion(release.version)
      const seq = state.size
      const before = await names.find(release.name)
      const after = addVersion(before, { ...release, seq })
      const existing = before?.versions[release.version]
      if (after === before && existing !== undefined) {
        return { kind: 'same', seq: existing.seq, statement: await findStatement(existing.seq) }
      }
      assertSigners(signers, state.roles.release, 'release')
      const position = { publisher, seq, prev: state.head, index: await names.set(after) }
      const entry = makeRelease({ ...release, ...position })
      state = applyEntry(state, entry)
      entries.push({ cid: entry.cid, statement: entry.bytes, signers })
      return { kind: 'added', seq, statement: state.head }
    },
    async finish(logSigner) {
      if (entries.length === 0) return {}
      // No entry depends on the signatures of the one before: all are made at once, on as many threads as there are.
      const signed = await Promise.all(
        entries.map(async ({ cid, statement, signers }) => ({
          cid,
          statement,
          bundles: await Promise.all(signers.map((signer) => signStatement(statement, signer))),
        })),
      )
      return draftAppend({ store, head, state, entries: signed, index: names.changes(), logSigner })
    },
  }
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

async function readState(store: Store, head: LogHead): Promise<LogState> {
  const { publisher, size, index } = head
  const [entry] = await readEntries(store, publisher, { start: 0, end: 1 })
  const genesis = entry === undefined ? undefined : parseStatement(entry.statement)
  if (genesis?.kind === 'genesis' && genesis.publisher === publisher) {
    return { publisher, size, head: head.statement, index, roles: genesis.roles }
  }
  throw corrupt(
    'The first entry of this log is not its genesis.',
    publisher,
    genesis?.publisher ?? 'nothing',
  )
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

/** Readers count distinct keys of the role; fail here rather than at every reader. */
function assertSigners(signers: readonly Signer[], role: Role, name: string): void {
  const able = role.keys.filter((key) => signers.some((signer) => equalKeys(signer.key, key)))
  if (able.length >= role.threshold && able.length === signers.length) return
  throw new RegistryError('SIGNER_UNAUTHORIZED', `These keys may not sign for the ${name} role.`, {
    expected: `${role.threshold} or more distinct keys of the role`,
    got: `${able.length} of them among ${signers.length} signers`,
    next: 'Use the keys that the genesis names; `registry key list` shows the keys here.',
  })
}
