// What a start-up asks for and what it gets: words shared by the steps in this folder.

import type { Cid } from '../../cid/index.ts'
import type {
  Lock,
  LockedRelease,
  Quorum,
  VerifiedEntry,
  VerifiedTool,
} from '../../resolve/index.ts'
import type { PublisherId, Release, Tool } from '../../spec/index.ts'
import type { Policy } from '../../trust/index.ts'
import type { StatusWarning } from '../lifecycle/warnings.ts'

export interface StartRequest {
  readonly lock: Lock
  readonly policy: Policy
  /** Whose word about the age of a log counts; undefined where the policy says "none". */
  readonly quorum: Quorum | undefined
  readonly now: Date
  /** False to throw STALE instead of a warning. */
  readonly allowStale?: boolean | undefined
  /** True to insist that the lock was written under this very policy. */
  readonly frozen?: boolean | undefined
  /** `prefixed`: each tool is seen under its release’s name and its own, so that two may share one. */
  readonly names?: 'plain' | 'prefixed' | undefined
  readonly warn?: ((warning: StatusWarning) => void) | undefined
}

/** A tool as an agent may use it, and the release that says how to reach it. */
export interface LoadedTool extends VerifiedTool {
  /** The name a model sees it under: its own, or with that of its release before it. No two are the same. */
  readonly visibleName: string
  readonly release: LoadedRelease
}

export interface LoadedRelease {
  readonly name: string
  readonly version: string
  readonly publisher: PublisherId
  readonly cid: Cid
  readonly release: Release
}

/** A release of the lock under its name. */
export interface Named {
  readonly name: string
  readonly locked: LockedRelease
}

/** Bytes that are what the lock says: hashed, parsed, compared, approved. Who vouches for them is not asked yet. */
export interface Contents {
  readonly release: () => Release
  readonly tools: readonly ToolContents[]
  /** Whether its bytes have the key: the release need not be read to know that there are none. */
  readonly mayHaveArtifacts: () => boolean
}

export interface ToolContents extends Omit<VerifiedTool, 'tool'> {
  readonly read: () => Tool
}

/** The log’s word for a locked release, as this store can prove it. */
export interface Proven {
  readonly entry: VerifiedEntry
  /** Whether this store writes, or holds in full, the log itself. */
  readonly isOwn: boolean
  /** Whether it is written here: then nobody knows it better, and no witness is asked for (T2). */
  readonly isWritten: boolean
  /** The signed notes known here that have the entry in them, the one it was proven by first. */
  readonly notes: readonly Uint8Array[]
}
