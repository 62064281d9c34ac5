// The Store contract: where bytes live. Blocks are addressed by their hash; records are small named facts in tables.
// A store knows nothing of statements, logs or trust: `log/` and `resolve/` give records their meaning.

import type { Block, Cid } from '../cid/index.ts'

/** Every table there is; a record's key is unique within its table. Keys are 1 to 1,024 printable ASCII characters without spaces. */
export type Table =
  | 'head' // publisher → newest log head
  | 'entry' // publisher/seq → statement CID and position facts
  | 'bundle' // statement CID/signer → signature bundle
  | 'hash' // publisher/level/index → RFC 6962 subtree hash
  | 'index' // publisher/CID → node of the newest index map
  | 'claim' // name/publisher → who published under a name
  | 'use' // CID/publisher → newest seq whose release is or holds that CID
  | 'evidence' // name@version/publisher → the proof a pull was accepted on
  | 'seen' // publisher → the signed note behind the floor, and who showed it
  | 'news' // publisher → the newest proof of what its log says beside its releases
  | 'attestation' // CID/statement/signer → a bundle about the block
  | 'fork' // publisher → the proof that it has shown two histories
  | 'lack' // CID → a block of a log held here that no peer had yet
  | 'partial' // publisher → how far a log that is being fetched has come
  | 'cosignature' // publisher/key → the newest word of a witness about a log
  | 'witness' // name → a witness that is asked or believed
  | 'follow' // what/name → a publisher, namespace, list or mirror that this node keeps up with, or refuses
  | 'peer' // peer id → where a peer was reached, and when
  | 'pin' // namespace → the publisher the consumer accepted, since when and how
  | 'alias' // bare word → the name it stands for here
  | 'root' // name → trusted root of a Sigstore instance
  | 'verdict' // digest of bundle, statement and root → whose certificate signed; of locked contents → that they are sound
  | 'self' // this node's own settings, for example its publisher id

export interface RecordKey {
  readonly table: Table
  readonly key: string
}

export interface StoredRecord extends RecordKey {
  readonly value: Uint8Array
}

/** The largest state of a log ever accepted here: nothing smaller, and no other root of this size, is accepted again. */
export interface Floor {
  readonly origin: string
  readonly size: number
  /** RFC 6962 root, 32 bytes as lower-case hex. */
  readonly root: string
}

/** The one way down: for a consumer who accepts that a forked log goes on from another state than the one accepted before. */
export interface FloorReset {
  /** Exactly the floor that holds now. */
  readonly from: Floor
  readonly to: Floor
}

/** Everything that one commit does; all of it becomes durable, or none of it. Removals apply after puts. */
export interface Change {
  /** Written even where present: committing a good copy of a rotten block heals it. */
  readonly blocks?: readonly Block[]
  /** Blocks whose bytes have to go, also from the disk; absent ones are none. Applies after `blocks`. */
  readonly drop?: readonly Cid[]
  readonly put?: readonly StoredRecord[]
  readonly remove?: readonly RecordKey[]
  /** Compare-and-set: each record must hold exactly this value (undefined: be absent), else CONFLICT. */
  readonly expect?: readonly (RecordKey & { readonly value: Uint8Array | undefined })[]
  /**
   * Written after the rest is durable, so a floor never exceeds the state it guards. A floor below the one held is
   * refused (ROLLBACK), and so is another root at the same size (FORKED): with nothing written.
   */
  readonly floors?: readonly Floor[]
  /**
   * Replaces floors, downwards too; CONFLICT, with nothing written, where `from` is not the floor held. Until all of the change is durable,
   * the old floor holds. Before `floors`; never with `blocks`.
   */
  readonly resets?: readonly FloorReset[]
}

export interface ListBlocksOptions {
  /** Only blocks whose digest follows this one's. */
  readonly after?: Cid
  readonly limit?: number
}

export interface ListOptions {
  readonly prefix?: string
  /** Only keys after this one. */
  readonly after?: string
  readonly limit?: number
}

/**
 * Implementations MUST
 * - re-hash every block on read and answer STORE_CORRUPT rather than wrong bytes; the same for records by checksum;
 * - refuse a block in `commit` whose bytes do not hash to its CID (HASH_MISMATCH), with nothing written;
 * - make a resolved `commit` survive power loss, and make it atomic: a crash leaves all of it or none of it, floors
 *   excepted, which may lag behind but never lead;
 * - evaluate `expect` and write as one step with regard to every other commit, from any process;
 * - list keys in ascending byte order (blocks by digest), each item true at some moment after it was asked for. A list is
 *   no snapshot: what changes meanwhile may show or not. Who needs one holds a lock;
 * - refuse a malformed key, floor or change with MESSAGE_INVALID, and any call after dispose with CLOSED;
 * - after a write whose outcome is unknown, refuse every further commit (STORE_UNAVAILABLE) until opened again.
 * A STORE_CORRUPT about one item carries it as evidence: `{kind: 'block', cid}` or `{kind: 'record', table, key}`.
 * Callers MUST NOT assume that a block that is present was ever verified for trust: only its bytes are right.
 * Not found is `undefined`, never an error.
 */
export interface Store extends AsyncDisposable {
  findBlocks(cids: readonly Cid[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Present, be it rotten: only `findBlocks` reads. */
  hasBlocks(cids: readonly Cid[]): Promise<readonly boolean[]>
  findRecords(keys: readonly RecordKey[]): Promise<readonly (Uint8Array | undefined)[]>
  listRecords(table: Table, options?: ListOptions): AsyncIterable<StoredRecord>
  /** CIDs of all blocks, present or rotten, for a scrub. */
  listBlocks(options?: ListBlocksOptions): AsyncIterable<Cid>
  /** The higher of the floors kept inside and beside the database. Two roots at one size: STORE_CORRUPT. */
  findFloor(origin: string): Promise<Floor | undefined>
  listFloors(): Promise<readonly Floor[]>
  commit(change: Change): Promise<void>
  /**
   * Mutual exclusion by name among everyone who shares this store, in this process or another. Released by disposing it,
   * or when its holder's process ends. Waits; an aborted signal rejects with the signal's reason.
   */
  lock(name: string, options?: { readonly signal?: AbortSignal }): Promise<AsyncDisposable>
}
