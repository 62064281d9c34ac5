// A log that grows by entries made elsewhere, in memory over what is stored of it. Whoever opens it decides what becomes durable, and when;
// signatures are checked on other threads, and nothing may be believed before all have been.

import { blockOf, type Cid } from '../../cid/index.ts'
import { toHex } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Block, Store, StoredRecord } from '../../store/index.ts'
import type { Verifier } from '../../trust/index.ts'
import { parseHashedStatement, type Statement } from '../entries/statement.ts'
import { EMPTY_INDEX } from '../map/index-node.ts'
import { outOfOrder } from '../replay/refusals.ts'
import { authorityFor, type LogState, verifyAuthorityOnThread } from '../replay/state.ts'
import {
  type Hash,
  leafHash,
  openEdge,
  type ReadHashes,
  rootAt,
  subtreesOf,
  type TreeEdge,
  type TreeHash,
  type TreePosition,
} from '../tree/merkle.ts'
import { followEntry } from './follow.ts'
import { openNames } from './names.ts'
import { corrupt, type LogHead } from './stored-head.ts'
import {
  entryRecords,
  hashReader,
  hashRecord,
  indexReader,
  indexRecord,
  readEntries,
  type SignedEntry,
} from './stored-log.ts'
import { isWithdrawal, type LogPosition, readState } from './stored-state.ts'

/** A state of a log that is stored here in full, and the root of its tree. */
export type LogBase = LogPosition & Pick<LogHead, 'root' | 'withdraws'>

export interface OverlayChange {
  readonly blocks: readonly Block[]
  readonly put: readonly StoredRecord[]
  /** Index nodes and histories: among `put`, and those of the base that the log no longer has. */
  readonly added: readonly Cid[]
  readonly replaced: readonly Cid[]
}

/** One writer at a time: calls must not overlap, and what `add` throws uses the overlay up. */
export interface Overlay {
  /** Undefined before the genesis. */
  readonly state: LogState | undefined
  readonly size: number
  /** RFC 6962 root over all entries; throws before the genesis. */
  readonly root: Hash
  /** Whether any entry, of the base or since, revokes or yanks. */
  readonly withdraws: boolean
  /** Hashes of the whole tree, stored or not. */
  readonly readHashes: ReadHashes
  /** Throws the code of the first rule that the entry breaks. Nothing may be believed before `verify` has answered. */
  add(entry: SignedEntry): Promise<{
    readonly statement: Statement
    readonly verify: () => Promise<unknown>
  }>
  /** Stored or not. */
  readEntries(seqs: readonly number[]): Promise<readonly SignedEntry[]>
  /** What makes the entries since the base durable, but for the head. */
  change(): OverlayChange
}

/** Throws STORE_CORRUPT when the base is not what is stored. */
export async function openOverlay(
  store: Store,
  publisher: PublisherId,
  { base, verifier }: { readonly base: LogBase | undefined; readonly verifier: Verifier },
): Promise<Overlay> {
  const names = openNames(base?.index ?? EMPTY_INDEX.cid, indexReader(store, publisher))
  let state = base && (await readState(store, base, names))
  const tree = await openTree(base, hashReader(store, publisher))
  let withdraws = base?.withdraws ?? false
  const added: (SignedEntry & { readonly block: Block; readonly seq: number })[] = []
  const hashes: TreeHash[] = []

  return {
    get state() {
      return state
    },
    get size() {
      return state?.size ?? 0
    },
    get root() {
      return tree.root()
    },
    get withdraws() {
      return withdraws
    },
    readHashes: overlaidReader(hashes, hashReader(store, publisher)),
    async add(entry) {
      const block = blockOf(entry.statement)
      const statement = parseHashedStatement(block.bytes, block.cid)
      if (statement.publisher !== publisher) {
        throw outOfOrder(`publisher ${publisher}`, statement.publisher)
      }
      const before = state
      state = await followEntry(statement, before, names)
      const alternatives = authorityFor(before, statement)
      const { seq } = statement
      hashes.push(...tree.add(seq, leafHash(entry.statement)))
      withdraws ||= isWithdrawal(statement)
      added.push({ ...entry, block, seq })
      return { statement, verify: () => verifyAuthorityOnThread(verifier, entry, alternatives) }
    },
    readEntries: (seqs) => {
      const first = base?.size ?? 0
      const stored = (seq: number) => readEntries(store, publisher, { start: seq, end: seq + 1 })
      const found = seqs.map((seq) =>
        seq < first ? stored(seq) : added.slice(seq - first, seq - first + 1),
      )
      return Promise.all(found).then((all) => all.flat())
    },
    change() {
      const index = names.changes()
      // The empty map is stored while it is the log's, as `draftGenesis` does.
      const isEmpty = state?.index === EMPTY_INDEX.cid
      const nodes = isEmpty ? [EMPTY_INDEX] : index.added
      return {
        blocks: added.map(({ block }) => block),
        put: [
          ...added.flatMap(({ seq, block: { cid: statement }, bundles }) =>
            entryRecords(publisher, { seq, statement, bundles }),
          ),
          ...hashes.map((hash) => hashRecord(publisher, hash)),
          ...nodes.map((node) => indexRecord(publisher, node)),
        ],
        added: nodes.map(({ cid }) => cid),
        replaced: index.removed,
      }
    },
  }
}

/** A rotten tree must not become a peer's fault, nor a publisher's. */
async function openTree(base: LogBase | undefined, read: ReadHashes): Promise<TreeEdge> {
  if (base === undefined) return openEdge()
  const got = toHex(await rootAt(base.size, read))
  if (got !== base.root) {
    throw corrupt('The stored tree of this log is not the one that was signed.', base.root, got)
  }
  const edge = subtreesOf({ start: 0, end: base.size })
  const known = await read(edge)
  return openEdge(known.map((hash, i) => ({ ...edgeAt(edge, i), hash })))
}

function edgeAt(edge: readonly TreePosition[], i: number): TreePosition {
  const at = edge[i]
  if (at !== undefined) return at
  throw corrupt('The stored tree of this log has another shape.', `${edge.length} subtrees`, `${i}`)
}

/** What is staged first: it is not stored yet. */
function overlaidReader(staged: readonly TreeHash[], stored: ReadHashes): ReadHashes {
  return async (wanted) => {
    const found = new Map(staged.map(({ hash, ...at }) => [placeOf(at), hash]))
    const missing = wanted.filter((at) => !found.has(placeOf(at)))
    const read = missing.length === 0 ? [] : await stored(missing)
    for (const [i, at] of missing.entries()) found.set(placeOf(at), read[i] ?? NONE)
    return wanted.map((at) => found.get(placeOf(at)) ?? NONE)
  }
}

const NONE = new Uint8Array()

function placeOf({ level, index }: TreePosition): string {
  return `${level}/${index}`
}
