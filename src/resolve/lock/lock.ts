// The lockfile `tools.lock.json` as a value: what an agent may use, exactly, and what was known of each log when that was decided
// (docs/lockfile.md). Reading and writing it are in parse-lock.ts and format-lock.ts.

import type { Cid } from '../../cid/index.ts'
import type { PublisherId } from '../../spec/index.ts'

export interface Lock {
  /** By whole name, `namespace/name`. */
  readonly releases: ReadonlyMap<string, LockedRelease>
  /** How many blocks each publisher was known to have withdrawn: a store that knows fewer has been rolled back (T18). */
  readonly revocations: ReadonlyMap<PublisherId, number>
  /** `sha256-…` of the policy file under which it was last written. */
  readonly policy?: string | undefined
}

export interface LockedRelease {
  /** What was asked for, and so what `update` stays in; absent where the newest was. */
  readonly range?: string | undefined
  readonly version: string
  readonly release: Cid
  readonly publisher: PublisherId
  /** The log entry that signs it. */
  readonly statement: Cid
  readonly log: LockedPosition
  readonly tools: ReadonlyMap<string, LockedTool>
}

/** Where the entry is, and the state of the log it was seen in: a floor for every other reader of this file (T1). */
export interface LockedPosition {
  readonly index: number
  readonly size: number
  /** RFC 6962 root, 64 lower-case hex digits. */
  readonly root: string
}

export interface LockedTool {
  readonly cid: Cid
  /** `sha256-…` of what a model sees. */
  readonly surface: string
  /** Absent until somebody has said yes to it. */
  readonly approved?: Approval | undefined
}

/** Of a CID: a tool that changes is approved no longer. */
export interface Approval {
  /** Who said so: a name for people, no proof. */
  readonly by: string
  readonly cid: Cid
}

export const LOCK_VERSION = 1

export const EMPTY_LOCK: Lock = { releases: new Map(), revocations: new Map() }
