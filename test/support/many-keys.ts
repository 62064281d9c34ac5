// A log whose roles have three keys each, of which two must sign and one has been revoked; two teams with delegations; and releases
// to speak of. Everything is signed with real keys.

import { type Cid, cidOf } from '../../src/cid/index.ts'
import { utf8 } from '../../src/lib/index.ts'
import {
  type Action,
  draftGenesis,
  keyCid,
  openDraft,
  type Role,
  type Roles,
  readEntries,
} from '../../src/log/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { keyFingerprint, type Signer, signStatement } from '../../src/trust/index.ts'
import { createSigner } from '../log/helpers.ts'

export type Entry = Exclude<Action, { readonly kind: 'genesis' }>

export interface Keyring {
  readonly role: Role
  readonly signers: readonly [Signer, Signer, Signer]
}

export interface Keyrings {
  readonly root: Keyring
  readonly release: Keyring
  readonly brake: Keyring
  /** Holds a delegation of com.acme. */
  readonly covering: Keyring
  /** Holds a delegation of org.other. */
  readonly elsewhere: Keyring
  readonly stranger: Keyring
  /** The root keys of the next rotation. */
  readonly next: Keyring
  readonly log: Signer
}

export interface Signed {
  readonly statement: Uint8Array
  readonly bundles: readonly Uint8Array[]
}

export interface ManyKeys {
  readonly store: Store
  readonly publisher: PublisherId
  readonly roles: Roles
  readonly keyrings: Keyrings
  readonly entries: readonly Signed[]
}

export const TOOL = 'com.acme/tool'
export const OTHER_TOOL = 'org.other/tool'

export const cidFor = (text: string): Cid => cidOf(utf8(text))

export function makeKeyring(threshold = 2): Keyring {
  const signers = [0, 1, 2].map(() => createSigner('ecdsa-p256')) as [Signer, Signer, Signer]
  return { role: { threshold, keys: signers.map(({ key }) => key) }, signers }
}

export function makeKeyrings(): Keyrings {
  return {
    root: makeKeyring(),
    release: makeKeyring(),
    brake: makeKeyring(),
    covering: makeKeyring(),
    elsewhere: makeKeyring(),
    stranger: makeKeyring(),
    next: makeKeyring(),
    log: createSigner('ed25519'),
  }
}

export function rolesOf({ root, release, brake, log }: Keyrings): Roles {
  const logRole = { keys: [log.key] as const }
  return { root: root.role, release: release.role, brake: brake.role, log: logRole }
}

/** A new log by these keys: the genesis, releases, delegations, and one key of every role revoked. */
export async function openManyKeys(
  keyrings: Keyrings = makeKeyrings(),
  created = '2026-11-21T00:00:00Z',
): Promise<ManyKeys> {
  const { root, release, brake, covering, elsewhere, log } = keyrings
  const store = openMemoryStore()
  const roles = rolesOf(keyrings)
  const rootSigner = root.signers.slice(0, 2)
  const { publisher, change } = await draftGenesis({
    store,
    roles,
    created,
    rootSigner,
    logSigner: log,
  })
  await store.commit(change)
  const draft = await openDraft(store, publisher)
  const say = async (action: Entry, by: Keyring): Promise<void> => {
    await draft.add(action, ...by.signers.slice(0, 2))
  }
  const releaseOf = (name: string, version: string): Entry => ({
    kind: 'release',
    name,
    version,
    subject: cidFor(`${name}@${version}`),
  })
  await say(releaseOf(TOOL, '1.0.0'), release)
  await say(releaseOf(OTHER_TOOL, '1.0.0'), release)
  await say({ kind: 'delegate', path: 'com.acme', by: null, role: covering.role }, root)
  await say({ kind: 'delegate', path: 'org.other', by: null, role: elsewhere.role }, root)
  for (const { signers } of [root, release, brake, covering, elsewhere]) {
    const subject = keyCid(signers[2].key)
    await say({ kind: 'revoke', target: 'key', reason: 'lost', subject }, brake)
  }
  await store.commit(await draft.finish(log))
  const entries = await readEntries(store, publisher, { start: 0, end: draft.state.size })
  return { store, publisher, roles, keyrings, entries }
}

/** A bundle by any key, also by one that the product would not sign a statement with. */
async function bundleBy(statement: Uint8Array, signer: Signer): Promise<Uint8Array> {
  if (signer.key.type === 'ecdsa-p256') return signStatement(statement, signer)
  const { key } = createSigner('ecdsa-p256')
  const bundle = await signStatement(statement, { ...signer, key })
  const text = Buffer.from(bundle).toString()
  return utf8(text.replace(keyFingerprint(key), keyFingerprint(signer.key)))
}

export function signAll(statement: Uint8Array, signers: readonly Signer[]): Promise<Uint8Array[]> {
  return Promise.all(signers.map((signer) => bundleBy(statement, signer)))
}
