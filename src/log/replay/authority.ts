// Who may speak in a log, at every position: what key entries, delegations and revocations amount to. Pure.
// Authority is judged by position in the log, never by a claimed time (T17): each question names the position it is about.

import { type Cid, cidOf } from '../../cid/index.ts'
import { fromBase64, sha256Hex } from '../../lib/index.ts'
import type { PublicKey } from '../../trust/index.ts'
import type { Action, ActionOf } from '../entries/actions.ts'
import { covers } from '../entries/paths.ts'
import type { Role, Roles } from '../entries/roles.ts'
import { notAllowed } from './refusals.ts'

/** A set of roles in force from the entry after `seq` on. */
interface KeySet {
  readonly seq: number
  readonly roles: Roles
  readonly nextKeyHashes: readonly string[] | undefined
}

export interface Delegation {
  readonly seq: number
  readonly path: string
  readonly by: string | null
  readonly role: Role | null
}

interface RevokedKey {
  readonly seq: number
  /** CID of the SPKI bytes. */
  readonly key: Cid
}

export interface Authority {
  /** The genesis first. */
  readonly keys: readonly [KeySet, ...KeySet[]]
  /** In log order; a later one for a path replaces the earlier, and everything passed on below it. */
  readonly delegations: readonly Delegation[]
  readonly revokedKeys: readonly RevokedKey[]
}

/** Roles that must all have signed; any one of the alternatives is enough. */
export type Alternatives = readonly (readonly Role[])[]

/** A chain of delegations longer than this is nobody's organisation. */
const MAX_DEPTH = 4

export function genesisAuthority({ roles, nextKeyHashes }: Omit<KeySet, 'seq'>): Authority {
  return { keys: [{ seq: 0, roles, nextKeyHashes }], delegations: [], revokedKeys: [] }
}

/** The name of a key in a `revoke` entry. */
export function keyCid(key: PublicKey): Cid {
  return cidOf(fromBase64(key.spki) ?? new Uint8Array())
}

/** The roles whose signatures an entry at `seq` needs, as they were before it, without keys that were revoked before it. */
export function rolesAt(authority: Authority, seq: number): Roles {
  return without(keySetAt(authority, seq).roles, revokedBefore(authority, seq))
}

/** Throws SIGNER_UNAUTHORIZED for an entry that nobody may write. */
export function alternativesFor(authority: Authority, action: Action, seq: number): Alternatives {
  const { root, release, brake } = rolesAt(authority, seq)
  switch (action.kind) {
    case 'genesis':
      return [[action.roles.root]]
    case 'keys':
      return [[root, action.roles.root]]
    case 'release':
    case 'deprecate':
    case 'yank':
      return [[release], ...delegatesOf(authority, action.name, seq)]
    case 'delegate':
      return [action.by === null ? [root] : [delegateAt(authority, action, seq)]]
    case 'revoke':
      return [[brake], [release], [root]]
    case 'tombstone':
      return [[release], [root]]
    case 'claim':
    case 'recover':
      return [[root]]
  }
}

/** After the action at `seq`. Throws SIGNER_UNAUTHORIZED for one that would break the rules of the roles. */
export function authorityAfter(authority: Authority, action: Action, seq: number): Authority {
  if (action.kind === 'keys') return rotate(authority, action, seq)
  if (action.kind === 'delegate') return delegate(authority, action, seq)
  if (action.kind === 'revoke' && action.target === 'key') return revokeKey(authority, action, seq)
  return authority
}

function rotate(authority: Authority, action: ActionOf<'keys'>, seq: number): Authority {
  const { roles, nextKeyHashes } = action
  const promised = keySetAt(authority, seq).nextKeyHashes
  const stray = roles.root.keys.find((key) => promised?.includes(keyHash(key)) === false)
  if (stray !== undefined) {
    // Whoever stole today's root keys has not got the ones that were promised (pre-rotation).
    throw notAllowed('These root keys are not the ones the log committed to.', {
      expected: `keys whose SPKI hashes to ${promised?.join(' or ')}`,
      got: keyHash(stray),
    })
  }
  const revoked = revokedBefore(authority, seq)
  const back = allKeys(roles).find((key) => revoked.has(keyCid(key)))
  if (back !== undefined) {
    throw notAllowed('A revoked key never acts again.', {
      expected: 'roles without it',
      got: keyCid(back),
    })
  }
  return { ...authority, keys: [...authority.keys, { seq, roles, nextKeyHashes }] }
}

function delegate(authority: Authority, action: ActionOf<'delegate'>, seq: number): Authority {
  const { path, by, role } = action
  const active = activeAt(authority, seq)
  if (role === null && !active.has(path)) {
    throw notAllowed('There is no such delegation to take back.', {
      expected: [...active.keys()].join(', ') || 'a delegation',
      got: path,
    })
  }
  const depth = by === null ? 1 : depthOf(active, by) + 1
  if (depth > MAX_DEPTH) {
    throw notAllowed('This delegation is passed on too often.', {
      expected: `at most ${MAX_DEPTH} levels`,
      got: `${depth} levels`,
    })
  }
  return { ...authority, delegations: [...authority.delegations, { seq, path, by, role }] }
}

function revokeKey(authority: Authority, { subject }: ActionOf<'revoke'>, seq: number): Authority {
  if (revokedBefore(authority, seq).has(subject)) {
    throw notAllowed('This key is revoked already.', { expected: 'another key', got: subject })
  }
  const [logKey] = keySetAt(authority, seq).roles.log.keys
  if (keyCid(logKey) === subject) {
    // Without it no checkpoint could say so: the words would be there, and nothing would follow from them.
    throw notAllowed('The log key in force is replaced, not revoked.', {
      expected: 'a key that signs entries, or a log key that was replaced before',
      got: subject,
      next: 'Put another log key in its place: `registry publisher rotate`.',
    })
  }
  const after = { ...authority, revokedKeys: [...authority.revokedKeys, { seq, key: subject }] }
  const { root } = rolesAt(after, seq + 1)
  if (root.keys.length >= root.threshold) return after
  // A stolen brake key must not be able to end the log.
  throw notAllowed('Without this key nobody could change the keys of the log any more.', {
    expected: `${root.threshold} root keys that are left`,
    got: `${root.keys.length}`,
    next: 'Rotate the root keys first: `registry publisher rotate`.',
  })
}

/** The delegation on whose authority another is made: of a path above it, and in force. */
function delegateAt(authority: Authority, action: ActionOf<'delegate'>, seq: number): Role {
  const { by, path } = action
  const active = activeAt(authority, seq)
  const found = by === null || by === path || !covers(by, path) ? undefined : active.get(by)
  if (found?.role) return withoutKeys(found.role, revokedBefore(authority, seq))
  throw notAllowed('A delegation is passed on only by one above it.', {
    expected: `a delegation of a path above ${path}`,
    got: by ?? 'none',
  })
}

function delegatesOf(authority: Authority, name: string, seq: number): Alternatives {
  if (authority.delegations.length === 0) return []
  const revoked = revokedBefore(authority, seq)
  return [...activeAt(authority, seq).values()]
    .filter(({ path }) => covers(path, name))
    .flatMap(({ role }) => (role === null ? [] : [[withoutKeys(role, revoked)]]))
}

/** Those in force for an entry at `seq`, in the order they were made. */
export function delegationsAt(authority: Authority, seq: number): readonly Delegation[] {
  return [...activeAt(authority, seq).values()]
}

function activeAt(authority: Authority, seq: number): Map<string, Delegation> {
  const active = new Map<string, Delegation>()
  for (const delegation of authority.delegations) {
    if (delegation.seq >= seq) break
    // Whatever was passed on under the old delegation was its keys' word (T20).
    dropBelow(active, delegation.path)
    if (delegation.role !== null) active.set(delegation.path, delegation)
  }
  return active
}

function dropBelow(active: Map<string, Delegation>, path: string): void {
  active.delete(path)
  for (const [below, { by }] of [...active]) if (by === path) dropBelow(active, below)
}

function depthOf(active: ReadonlyMap<string, Delegation>, path: string): number {
  const by = active.get(path)?.by ?? null
  return by === null ? 1 : depthOf(active, by) + 1
}

function keySetAt({ keys }: Authority, seq: number): KeySet {
  return keys.findLast((set) => set.seq < seq) ?? keys[0]
}

const NONE: ReadonlySet<Cid> = new Set()

function revokedBefore({ revokedKeys }: Authority, seq: number): ReadonlySet<Cid> {
  if (revokedKeys.length === 0) return NONE
  return new Set(revokedKeys.filter((revoked) => revoked.seq < seq).map(({ key }) => key))
}

function without(roles: Roles, revoked: ReadonlySet<Cid>): Roles {
  if (revoked.size === 0) return roles
  const { root, release, brake, log } = roles
  return {
    root: withoutKeys(root, revoked),
    release: withoutKeys(release, revoked),
    brake: withoutKeys(brake, revoked),
    log,
  }
}

function withoutKeys(role: Role, revoked: ReadonlySet<Cid>): Role {
  if (revoked.size === 0) return role
  return { ...role, keys: role.keys.filter((key) => !revoked.has(keyCid(key))) }
}

function allKeys({ root, release, brake, log }: Roles): readonly PublicKey[] {
  return [...root.keys, ...release.keys, ...brake.keys, ...log.keys]
}

/** 64 hex digits of the sha-256 of a key's SPKI, as `nextKeyHashes` lists them. */
export function keyHash(key: PublicKey): string {
  return sha256Hex(fromBase64(key.spki) ?? new Uint8Array())
}
