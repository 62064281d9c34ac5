// Delegating: these keys may release under a namespace or a name, in this publisher's log. Taken back, whatever they passed on goes with it.

import { delegationsAt, parsePath, type Role } from '../../log/index.ts'
import { equalKeys, equalRules, type IdentityRule, listKeys } from '../../trust/index.ts'
import { type Appended, appendEntry } from '../append.ts'
import type { Workspace } from '../workspace.ts'
import { findNamedKey, keysNamed } from './public-keys.ts'
import type { KeyMeant } from './rotate.ts'

export interface Delegating {
  readonly path: string
  /** Whose keys; none takes the delegation back. */
  readonly to: readonly KeyMeant[]
  /** Keyless signers who may release there as well. */
  readonly identities?: readonly IdentityRule[] | undefined
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
  { path: asked, to, identities = [], threshold = 1, by: passing, keys }: Delegating,
): Promise<Delegated> {
  const by = passing ?? null
  const path = parsePath(asked)
  const files = await listKeys(workspace.keys)
  const appended = await appendEntry(
    workspace,
    ({ authority, size }) => {
      const known = { files, named: keysNamed(authority) }
      const meant = to.map((key) => (typeof key === 'string' ? findNamedKey(key, known) : key))
      const keyed = { threshold, keys: meant }
      const named = identities.length === 0 ? keyed : { ...keyed, identities }
      const role = meant.length + identities.length === 0 ? null : named
      const last = authority.delegations.findLast((known) => known.path === path)
      const active = delegationsAt(authority, size).find((known) => known.path === path)
      if (last?.role === null && role === null) return { kind: 'said', seq: last.seq }
      const isSaid = active?.by === by && active.role !== null && isSame(active.role, named)
      if (active !== undefined && isSaid) return { kind: 'said', seq: active.seq }
      return { kind: 'delegate', path, by, role }
    },
    { keys },
  )
  return { ...appended, path, by }
}

function isSame(one: Role, other: Role): boolean {
  const { identities: rules = [] } = one
  const { identities: others = [] } = other
  return (
    one.threshold === other.threshold &&
    one.keys.length === other.keys.length &&
    rules.length === others.length &&
    one.keys.every((key) => other.keys.some((wanted) => equalKeys(key, wanted))) &&
    rules.every((rule) => others.some((wanted) => equalRules(rule, wanted)))
  )
}
