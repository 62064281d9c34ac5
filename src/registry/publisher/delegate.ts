// Delegating: these keys may release under a namespace or a name, in this publisher's log. Taken back, whatever they passed on goes with it.

import { delegationsAt, parsePath } from '../../log/index.ts'
import { equalKeys, listKeys } from '../../trust/index.ts'
import { type Appended, appendEntry } from '../append.ts'
import type { Workspace } from '../workspace.ts'
import { findNamedKey, keysNamed } from './public-keys.ts'
import type { KeyMeant } from './rotate.ts'

export interface Delegating {
  readonly path: string
  /** Whose keys; none takes the delegation back. */
  readonly to: readonly KeyMeant[]
  readonly threshold?: number | undefined
  /** The delegation that passes it on; the root role unless said. */
  readonly by?: string | undefined
  /** Names of key files that sign. */
  readonly keys?: readonly string[] | undefined
}

export type Delegated = Appended & { readonly path: string; readonly by: string | null }

/** Throws NAME_INVALID, SIGNER_UNAUTHORIZED, STATEMENT_INVALID for a threshold that cannot be met, KEY_*. */
export async function delegate(
  workspace: Workspace,
  { path: asked, to, threshold = 1, by: passing, keys }: Delegating,
): Promise<Delegated> {
  const by = passing ?? null
  const path = parsePath(asked)
  const files = await listKeys(workspace.keys)
  const appended = await appendEntry(
    workspace,
    ({ authority, size }) => {
      const named = keysNamed(authority)
      const meant = to.map((key) =>
        typeof key === 'string' ? findNamedKey(key, { files, named }) : key,
      )
      const role = meant.length === 0 ? null : { threshold, keys: meant }
      const last = authority.delegations.findLast((known) => known.path === path)
      const active = delegationsAt(authority, size).find((known) => known.path === path)
      if (last?.role === null && role === null) return { kind: 'said', seq: last.seq }
      const isSaid =
        active?.role?.threshold === threshold &&
        active.by === by &&
        active.role.keys.length === meant.length &&
        active.role.keys.every((key) => meant.some((other) => equalKeys(key, other)))
      if (active !== undefined && isSaid) return { kind: 'said', seq: active.seq }
      return { kind: 'delegate', path, by, role }
    },
    { keys },
  )
  return { ...appended, path, by }
}
