// One more entry for one's own log: whoever holds the keys says something, and it is durable when this resolves. What publishing is
// for releases, this is for everything else a log can say.

import type { Cid } from '../cid/index.ts'
import { type Action, type LogDraft, openDraft } from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { StoredRecord } from '../store/index.ts'
import { openSigner, type Signer } from '../trust/index.ts'
import { getOwnPublisher, LOG_KEY, SIGNING_KEY, type Workspace } from './workspace.ts'

export type Entry = Exclude<Action, { readonly kind: 'genesis' }>

export interface Appended {
  /** `unchanged` if the log has said this before. */
  readonly kind: 'appended' | 'unchanged'
  readonly publisher: PublisherId
  readonly seq: number
  readonly statement: Cid
}

export interface AppendOptions {
  /** Names of key files that sign; the signing key alone unless others are named. */
  readonly keys?: readonly string[]
  /** Name of the key file that signs the checkpoint. */
  readonly logKey?: string
  /** Records to write in the same commit. */
  readonly put?: readonly StoredRecord[]
}

/** `say` sees the log as it is under its lock. Throws what `LogDraft.add` throws, KEY_*, STORE_*. */
export async function appendEntry(
  workspace: Workspace,
  say: (draft: LogDraft) => Entry | Promise<Entry>,
  { keys = [SIGNING_KEY], logKey = LOG_KEY, put = [] }: AppendOptions = {},
): Promise<Appended> {
  const { store } = workspace
  const publisher = await getOwnPublisher(store)
  const signers = await Promise.all(keys.map((name) => openKey(workspace, name)))
  const logSigner = await openKey(workspace, logKey)
  await using _lock = await store.lock(`log/${publisher}`)
  const draft = await openDraft(store, publisher)
  const { kind, seq, statement } = await draft.add(await say(draft), ...signers)
  if (kind === 'same') return { kind: 'unchanged', publisher, seq, statement }
  const change = await draft.finish(logSigner)
  await store.commit({ ...change, put: [...(change.put ?? []), ...put] })
  return { kind: 'appended', publisher, seq, statement }
}

async function openKey({ keys, passphrase }: Workspace, name: string): Promise<Signer> {
  const words = await passphrase(name)
  return openSigner(keys, name, words === undefined ? {} : { passphrase: words })
}
