// One more entry for one's own log: whoever holds the keys says something, and it is durable when this resolves. What publishing is
// for releases, this is for everything else a log can say.

import type { Cid } from '../cid/index.ts'
import {
  type Action,
  alternativesFor,
  type LogState,
  openDraft,
  readStatement,
} from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { RecordKey, StoredRecord } from '../store/index.ts'
import { requestOf } from './countersign/request.ts'
import { openKeyring } from './publisher/keyring.ts'
import { readStill } from './publisher/own-state.ts'
import { getOwnPublisher, type Workspace } from './workspace.ts'

export type Entry = Exclude<Action, { readonly kind: 'genesis' }>

/** What the log has said already, at `seq`. */
export interface Said {
  readonly kind: 'said'
  readonly seq: number
}

export interface Appended {
  /** `unchanged` if the log has said this before; `requested` where it waits for signatures, and nothing was appended. */
  readonly kind: 'appended' | 'unchanged' | 'requested'
  readonly publisher: PublisherId
  readonly seq: number
  readonly statement: Cid
}

export interface AppendOptions {
  /** Names of key files that sign; those that the log asks for unless others are named. */
  readonly keys?: readonly string[] | undefined
  /** Records to write in the same commit. */
  readonly put?: readonly StoredRecord[]
  readonly remove?: readonly RecordKey[]
}

/**
 * `say` sees the log as it is; it may be asked twice, at last under the log's lock, and only reads. Throws what `say` and
 * `LogDraft.add` throw, SIGNER_UNAUTHORIZED when the keys here are not enough, KEY_*, STORE_*.
 */
export async function appendEntry(
  workspace: Workspace,
  say: (state: LogState) => Entry | Said | Promise<Entry | Said>,
  { keys, put = [], remove = [] }: AppendOptions = {},
): Promise<Appended> {
  const { store } = workspace
  const publisher = await getOwnPublisher(store)
  const keyring = await openKeyring(workspace)
  // Passphrases are asked for before the lock is taken: nobody should wait for a person who types.
  if (keyring.isLocked) {
    await readStill(store, publisher, prepare)
  }
  await using _lock = await store.lock(`log/${publisher}`)
  const draft = await openDraft(store, publisher)
  const { entry, signers, alternatives } = await prepare(draft.state)
  if (entry.kind === 'said') {
    return { kind: 'unchanged', publisher, seq: entry.seq, statement: await cidAt(entry.seq) }
  }
  const { kind, seq, statement } = await draft.add(entry, ...signers)
  if (kind === 'same') return { kind: 'unchanged', publisher, seq, statement }
  if (workspace.request !== undefined) {
    await workspace.request(requestOf(draft, alternatives))
    return { kind: 'requested', publisher, seq, statement }
  }
  const change = await draft.finish(await keyring.logSignerFor(draft.state.roles))
  await store.commit({
    ...change,
    put: [...(change.put ?? []), ...put],
    remove: [...(change.remove ?? []), ...remove],
  })
  return { kind: 'appended', publisher, seq, statement }

  async function prepare(state: LogState) {
    const entry = await say(state)
    if (entry.kind === 'said') return { entry, signers: [], alternatives: [] }
    const { authority, size } = state
    const alternatives = alternativesFor(authority, entry, size)
    return { entry, signers: await keyring.signersFor(alternatives, keys), alternatives }
  }

  async function cidAt(seq: number): Promise<Cid> {
    return (await readStatement(store, publisher, seq)).cid
  }
}
