// What an entry of a log can say (docs/protocol.md, "Statements").

import type { Cid } from '../../cid/index.ts'
import type { Role, Roles } from './roles.ts'

interface Genesis {
  readonly kind: 'genesis'
  readonly roles: Roles
  readonly nextKeyHashes: readonly string[] | undefined
  /** A claim that nothing relies on. */
  readonly created: string | undefined
}

/** All roles anew. Where the roles before it committed to `nextKeyHashes`, the new root keys are among those. */
interface Keys {
  readonly kind: 'keys'
  readonly roles: Roles
  readonly nextKeyHashes: readonly string[] | undefined
}

/** These keys may release under the path; null takes it back. `by` is the path of the delegation that passes it on; null is the root role. */
interface Delegate {
  readonly kind: 'delegate'
  readonly path: string
  readonly by: string | null
  readonly role: Role | null
}

interface Claim {
  readonly kind: 'claim'
  readonly namespace: string
}

interface OfVersion {
  readonly name: string
  readonly version: string
  /** The release block. */
  readonly subject: Cid
}

interface Release extends OfVersion {
  readonly kind: 'release'
}

interface Deprecate extends OfVersion {
  readonly kind: 'deprecate'
  readonly message: string | undefined
  /** `NAME[@RANGE]` to use instead. */
  readonly successor: string | undefined
}

interface Yank extends OfVersion {
  readonly kind: 'yank'
  readonly reason: string | undefined
}

/** Of a block (release, tool or artifact), or of a key: then the subject is the CID of its SPKI. */
interface Revoke {
  readonly kind: 'revoke'
  readonly target: 'block' | 'key'
  readonly reason: string
  readonly subject: Cid
}

/** The bytes are gone; the hash stays. */
interface Tombstone {
  readonly kind: 'tombstone'
  readonly reason: string
  readonly subject: Cid
}

/** This log is the true one; the subject is the proof of the fork. */
interface Recover {
  readonly kind: 'recover'
  readonly reason: string | undefined
  readonly subject: Cid
}

export type Action =
  | Genesis
  | Keys
  | Delegate
  | Claim
  | Release
  | Deprecate
  | Yank
  | Revoke
  | Tombstone
  | Recover
export type ActionKind = Action['kind']
export type ActionOf<K extends ActionKind> = Extract<Action, { readonly kind: K }>
