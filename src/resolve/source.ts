// The Source port: where evidence and blocks come from. A local store, a peer and (later) a static web folder implement
// it. Nothing a source says is trusted: every answer is claims and bytes that `verifyRelease` checks.

import type { Cid } from '../cid/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { AttestationPage, AttestationQuery } from './kept-attestations.ts'

export interface SourceOptions {
  readonly signal?: AbortSignal
}

/** One log entry as stored: the statement's canonical bytes and the bundles that sign it (JSON bytes, at least one). */
export interface SignedStatement {
  readonly statement: Uint8Array
  readonly bundles: readonly Uint8Array[]
}

/**
 * Implementations MUST answer from one consistent state per call, MUST bound what they return (docs/protocol.md), and
 * throw NOT_FOUND for a publisher, position or index root they do not hold, PEER_* when the other side fails.
 * Callers MUST verify everything, and MUST NOT assume that two calls see the same state: when `indexPath` answers
 * NOT_FOUND for a root of the checkpoint just read, the log has grown; start again from `checkpoint`.
 */
export interface Source {
  /** How errors and progress name this source, e.g. its multiaddr. */
  readonly label: string
  /** The newest signed checkpoint of a publisher's log, as a C2SP signed note. */
  checkpoint(publisher: PublisherId, options?: SourceOptions): Promise<Uint8Array>
  /** Entries start ≤ seq < end; may answer fewer (at least one), never more than 64. */
  entries(
    publisher: PublisherId,
    range: { readonly start: number; readonly end: number },
    options?: SourceOptions,
  ): Promise<readonly SignedStatement[]>
  /** RFC 9162 audit path of entry `index` in the tree of `size` entries; 32-byte hashes. */
  inclusion(
    publisher: PublisherId,
    position: { readonly index: number; readonly size: number },
    options?: SourceOptions,
  ): Promise<readonly Uint8Array[]>
  /** RFC 9162 consistency proof between two sizes. */
  consistency(
    publisher: PublisherId,
    sizes: { readonly from: number; readonly to: number },
    options?: SourceOptions,
  ): Promise<readonly Uint8Array[]>
  /** Index map nodes from the root down towards `name`, then the name's history block if the name is present. */
  indexPath(
    publisher: PublisherId,
    query: { readonly root: Cid; readonly name: string },
    options?: SourceOptions,
  ): Promise<readonly Uint8Array[]>
  /** Up to 1,024 blocks, in the order asked; undefined where the source has none. May answer a shorter prefix (≥ 1). */
  blocks(
    cids: readonly Cid[],
    options?: SourceOptions,
  ): Promise<readonly (Uint8Array | undefined)[]>
  /** Attestations about a block, in pages. Absent where the source has none to give: a static log, an older peer. */
  attestations?(
    subject: Cid,
    query: AttestationQuery,
    options?: SourceOptions,
  ): Promise<AttestationPage>
  /** Publishers that have released under exactly this name, as far as this source knows. A hint for people, never trusted. */
  claimants(name: string, options?: SourceOptions): Promise<readonly PublisherId[]>
}
