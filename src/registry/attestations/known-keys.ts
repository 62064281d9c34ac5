// Whose a key is, as far as this node can tell by itself: from its own key files and from the logs it has proven. Never from what comes with an
// attestation, which would make any key a known one (T23).

import type { Cid } from '../../cid/index.ts'
import { isRegistryError } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { keyFingerprint, listKeys, type PublicKey } from '../../trust/index.ts'
import { type PublisherShown, showPublisher } from '../publisher/show.ts'
import type { Workspace } from '../workspace.ts'

export type KeyOwner =
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'publisher'; readonly publisher: PublisherId; readonly role: string }

/** Roles that speak for a publisher; the brake only ever stops things. */
const ROLES = ['root', 'release'] as const

/** Answers who holds a key: this node, and publishers whose releases are or hold the block. */
export async function knownKeys(
  workspace: Workspace,
  subject: Cid,
): Promise<(key: PublicKey) => readonly KeyOwner[]> {
  const owners = new Map<string, KeyOwner[]>()
  const add = (fingerprint: string, owner: KeyOwner): void => {
    owners.set(fingerprint, [...(owners.get(fingerprint) ?? []), owner])
  }
  for (const { name, fingerprint } of await listKeys(workspace.keys)) {
    add(fingerprint, { kind: 'file', name })
  }
  for (const publisher of await publishersOf(workspace.store, subject)) {
    const shown = await findPublisher(workspace, publisher)
    // An attestation has no place in the log: nobody can tell whether a key that is revoked by now signed it before.
    const revoked = new Set(shown?.revokedKeys.map(({ fingerprint }) => fingerprint))
    for (const role of ROLES) {
      for (const { fingerprint } of shown?.roles[role].keys ?? []) {
        if (!revoked.has(fingerprint)) add(fingerprint, { kind: 'publisher', publisher, role })
      }
    }
  }
  return (key) => owners.get(keyFingerprint(key)) ?? []
}

/** A publisher whose log cannot be read here vouches for nobody; `verify` is there to tell why. */
async function findPublisher(
  workspace: Workspace,
  publisher: PublisherId,
): Promise<PublisherShown | undefined> {
  try {
    return await showPublisher(workspace, publisher)
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}

async function publishersOf(store: Store, subject: Cid): Promise<readonly PublisherId[]> {
  const prefix = `${subject}/`
  const found: PublisherId[] = []
  for await (const { key } of store.listRecords('use', { prefix, limit: 32 })) {
    found.push(key.slice(prefix.length) as PublisherId)
  }
  return found
}
