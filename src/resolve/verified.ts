// What has been proven, as types. Each has one maker: verify-head.ts makes heads, verify-entry.ts offers and entries, verify-release.ts makes releases. Nobody
// else can, for the mark is not a value.

import type { Cid } from '../cid/index.ts'
import type {
  Authority,
  Checkpoint,
  History,
  HistoryVersion,
  Notices,
  Roles,
  Statement,
} from '../log/index.ts'
import type { PublisherId, Release, Tool } from '../spec/index.ts'
import type { VerifiedSigner } from '../trust/index.ts'

export declare const verified: unique symbol

/** The newest state of a publisher’s log that a source has shown: its keys, its signed size and root, its last entry. */
export interface VerifiedHead {
  readonly [verified]: 'head'
  readonly publisher: PublisherId
  /** In force now; who could sign an entry is judged by its position, from `authority`. */
  readonly roles: Roles
  readonly authority: Authority
  readonly notices: Notices
  readonly checkpoint: Checkpoint
  readonly newest: Statement
  readonly newestSigners: readonly VerifiedSigner[]
}

/** What that head offers under a name: every version, each with its release and position. */
export interface VerifiedOffer {
  readonly [verified]: 'offer'
  readonly head: VerifiedHead
  readonly name: string
  readonly versions: History['versions']
}

/** A log entry proven to be the publisher's release of this name and version, as of a checkpoint. */
export interface VerifiedEntry {
  readonly [verified]: 'entry'
  readonly publisher: PublisherId
  readonly name: string
  readonly version: string
  readonly release: Cid
  readonly statement: Cid
  /** Who signed the statement, each once. */
  readonly signers: readonly VerifiedSigner[]
  readonly position: number
  readonly checkpoint: Checkpoint
  /** What the publisher says of the version by now. */
  readonly status: Pick<HistoryVersion, 'deprecated' | 'yanked'>
  readonly notices: Notices
  /** Every version the publisher offers under this name as of the checkpoint. */
  readonly versions: readonly string[]
}

export interface VerifiedTool {
  readonly name: string
  readonly cid: Cid
  /** `sha256-…` of what a model sees. */
  readonly surface: string
  readonly tool: Tool
}

export interface VerifiedRelease {
  readonly [verified]: 'release'
  readonly entry: VerifiedEntry
  readonly cid: Cid
  readonly release: Release
  readonly tools: readonly VerifiedTool[]
}
