// Revoking: a release, tool or artifact that nobody may use any more, or a key that may sign nothing any more. One-way; any one
// key of the brake role can do it.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import { keyCid } from '../../log/index.ts'
import { keyFingerprint, listKeys, type PublicKey } from '../../trust/index.ts'
import { type Appended, appendEntry } from '../append.ts'
import { readStill } from '../publisher/own-state.ts'
import { getOwnPublisher, type Workspace } from '../workspace.ts'
import { blockMeant, orSaid } from './subject.ts'

export type Revoked = Appended & { readonly target: 'block' | 'key'; readonly subject: Cid }

interface Words {
  readonly reason: string
  readonly keys?: readonly string[] | undefined
}

/** `target` is a CID or NAME@VERSION. Throws LIFECYCLE_INVALID for other words than before, NOT_FOUND, and what `appendEntry` throws. */
export async function revokeBlock(
  workspace: Workspace,
  target: string,
  { reason, keys }: Words,
): Promise<Revoked> {
  const { store } = workspace
  const subject = await blockMeant(store, target)
  const appended = await appendEntry(
    workspace,
    async (state) => {
      const entry = { kind: 'revoke', target: 'block', subject, reason } as const
      return await orSaid(store, state, entry, state.notices.revoked.get(subject))
    },
    { keys },
  )
  return { ...appended, target: 'block', subject }
}

/** `target` is the name of a key file, or the fingerprint of a key that the log has named. */
export async function revokeKey(
  workspace: Workspace,
  target: string,
  { reason, keys }: Words,
): Promise<Revoked> {
  const { store } = workspace
  const subject = keyCid(await findMeant(workspace, target))
  const appended = await appendEntry(
    workspace,
    async (state) => {
      const known = state.authority.revokedKeys.find(({ key }) => key === subject)
      const entry = { kind: 'revoke', target: 'key', subject, reason } as const
      return await orSaid(store, state, entry, known)
    },
    { keys },
  )
  return { ...appended, target: 'key', subject }
}

async function findMeant(workspace: Workspace, target: string): Promise<PublicKey> {
  const { store } = workspace
  const publisher = await getOwnPublisher(store)
  const state = await readStill(store, publisher, (now) => now)
  const named = state.authority.keys.flatMap(({ roles }) => [
    ...[roles.root, roles.release, roles.brake].flatMap(({ keys }) => keys),
  ])
  const delegated = state.authority.delegations.flatMap(({ role }) => role?.keys ?? [])
  const files = await listKeys(workspace.keys)
  const byName = files.find(({ name }) => name === target)?.key
  const found = [...named, ...delegated].find(
    (key) => key.spki === byName?.spki || keyFingerprint(key) === target,
  )
  if (found !== undefined) return found
  throw new RegistryError('KEY_MISSING', 'Your log has never named such a key.', {
    expected: 'the name of a key file, or the fingerprint of a key in `registry publisher show`',
    got: target.slice(0, 100),
    next: 'A log key is not revoked but rotated away: `registry publisher rotate --log`.',
  })
}
