// Makes a publisher: a P-256 key for every signing role, an Ed25519 key for the log, and the genesis entry that names them.
// Interrupted anywhere, it can be run again: keys that exist are used, a log that exists is kept.

import { draftGenesis } from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import { createKey, type KeyInfo, listKeys, openSigner, signStatement } from '../trust/index.ts'
import { findOwnPublisher, LOG_KEY, ownRecord, SIGNING_KEY, type Workspace } from './workspace.ts'

export interface InitResult {
  readonly publisher: PublisherId
  /** False when the publisher was there already. */
  readonly created: boolean
  readonly keys: readonly KeyInfo[]
}

export async function init(
  workspace: Workspace,
  options: { readonly passphrase?: string } = {},
): Promise<InitResult> {
  const { store, keys } = workspace
  await using _lock = await store.lock('init')
  const existing = await findOwnPublisher(store)
  if (existing !== undefined) {
    return { publisher: existing, created: false, keys: await listKeys(keys) }
  }
  await ensureKeys(keys, options.passphrase)
  const passphrase = options.passphrase ?? (await workspace.passphrase(SIGNING_KEY))
  const unlock = passphrase === undefined ? {} : { passphrase }
  const signing = await openSigner(keys, SIGNING_KEY, unlock)
  const log = await openSigner(keys, LOG_KEY, unlock)
  const one = { threshold: 1, keys: [signing.key] }
  const { publisher, change } = await draftGenesis({
    store,
    roles: { root: one, release: one, brake: one, log: { keys: [log.key] } },
    created: workspace.now().toISOString(),
    rootSigner: signing,
    logSigner: log,
    signStatement,
  })
  await store.commit({ ...change, put: [...(change.put ?? []), ownRecord(publisher)] })
  return { publisher, created: true, keys: await listKeys(keys) }
}

async function ensureKeys(folder: string, passphrase: string | undefined): Promise<void> {
  const present = new Set((await listKeys(folder)).map((key) => key.name))
  const lock = passphrase === undefined ? {} : { passphrase }
  if (!present.has(SIGNING_KEY)) {
    await createKey(folder, { name: SIGNING_KEY, type: 'ecdsa-p256', ...lock })
  }
  if (!present.has(LOG_KEY)) await createKey(folder, { name: LOG_KEY, type: 'ed25519', ...lock })
}
