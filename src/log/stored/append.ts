// From new entries to the one change that makes them durable: blocks, records, tree hashes, head and floor together, so that
// a crash leaves the old log or the new one. Storing is the caller's.

import type { Cid } from '../../cid/index.ts'
import { RegistryError, toHex } from '../../lib/index.ts'
import type { Block, Change, Store } from '../../store/index.ts'
import { equalKeys, type Signer } from '../../trust/index.ts'
import { rolesAt } from '../replay/authority.ts'
import type { LogState } from '../replay/state.ts'
import { originOf, signCheckpoint, verifyCheckpoint } from '../tree/checkpoint.ts'
import { appendLeaves, type Hash, leafHash, rootAt } from '../tree/merkle.ts'
import { corrupt, headKey, headRecord, type LogHead } from './stored-head.ts'
import {
  entryRecords,
  hashReader,
  hashRecord,
  indexKey,
  indexRecord,
  type SignedEntry,
} from './stored-log.ts'
import { hasWithdrawn } from './stored-state.ts'

export interface Append {
  readonly store: Store
  /** The head that the entries follow; undefined for a genesis. */
  readonly head: LogHead | undefined
  /** The log's state after the entries, as `applyEntry` gives it. */
  readonly state: LogState
  readonly entries: readonly (SignedEntry & { readonly cid: Cid })[]
  /** Whether one of them revokes or yanks. */
  readonly withdraws: boolean
  /** Nodes and histories that the newest index map gained and lost. */
  readonly index: { readonly added: readonly Block[]; readonly removed: readonly Cid[] }
  readonly logSigner: Signer
}

/**
 * Throws STORE_CORRUPT when the stored tree is not the one that was signed last, SIGNER_UNAUTHORIZED for another log key than
 * the genesis names. A `commit` of the answer throws CONFLICT if somebody else has appended meanwhile.
 */
export async function draftAppend(append: Append): Promise<Change> {
  const { store, head, state, entries, withdraws, index, logSigner } = append
  const { publisher } = state
  assertLogKey(logSigner, state)
  const size = head?.size ?? 0
  const read = hashReader(store, publisher)
  // Signing over a rotten tree would kill the log for good: every older checkpoint would contradict the new one (T9).
  if (head !== undefined) await assertTree(head, state, await rootAt(size, read))
  // The leaves come from the very bytes that are stored below.
  const leaves = entries.map(({ statement }) => leafHash(statement))
  const { hashes, root } = await appendLeaves(size, leaves, read)
  const origin = originOf(publisher)
  const newHead: LogHead = {
    publisher,
    size: size + entries.length,
    root: toHex(root),
    checkpoint: await signCheckpoint({ origin, size: size + entries.length, root }, logSigner),
    statement: state.head,
    index: state.index,
    withdraws: withdraws || (head !== undefined && (await hasWithdrawn(store, head))),
  }
  const blocks = entries.map(({ cid, statement }) => ({ cid, bytes: statement }))
  assertEnds(newHead, state, blocks)
  return {
    blocks,
    put: [
      headRecord(newHead),
      ...blocks.flatMap(({ cid }, i) =>
        entryRecords(publisher, {
          seq: size + i,
          statement: cid,
          bundles: entries[i]?.bundles ?? [],
        }),
      ),
      ...hashes.map((hash) => hashRecord(publisher, hash)),
      ...index.added.map((node) => indexRecord(publisher, node)),
    ],
    remove: index.removed.map((cid) => indexKey(publisher, cid)),
    expect: [
      { ...headKey(publisher), value: head === undefined ? undefined : headRecord(head).value },
    ],
    floors: [{ origin, size: newHead.size, root: newHead.root }],
  }
}

async function assertTree(
  head: LogHead,
  { publisher, authority }: LogState,
  root: Hash,
): Promise<void> {
  // The key in force when it was signed: the entries that follow may name another.
  const [logKey] = rolesAt(authority, head.size).log.keys
  const signed = verifyCheckpoint(head.checkpoint, { publisher, logKey })
  const got = toHex(root)
  if (signed.size === head.size && toHex(signed.root) === head.root && got === head.root) return
  throw corrupt(
    'The stored tree of this log is not the one that was signed last.',
    `size ${signed.size}, root ${toHex(signed.root)}`,
    `size ${head.size}, root ${got}`,
  )
}

function assertEnds(head: LogHead, state: LogState, blocks: readonly Block[]): void {
  if (head.size === state.size && blocks.at(-1)?.cid === state.head) return
  throw new RegistryError(
    'SEQUENCE_INVALID',
    'These entries do not lead to the state they are stored with.',
    {
      expected: `${state.size} entries, the last one ${state.head}`,
      got: `${head.size} entries, the last one ${blocks.at(-1)?.cid ?? 'none'}`,
      next: 'This is a fault of the program that appends; nothing was stored.',
    },
  )
}

function assertLogKey(logSigner: Signer, { roles }: LogState): void {
  const [logKey] = roles.log.keys
  if (equalKeys(logSigner.key, logKey)) return
  throw new RegistryError('SIGNER_UNAUTHORIZED', 'This key may not sign checkpoints of this log.', {
    expected: logKey.spki,
    got: logSigner.key.spki,
    next: 'Use the log key that the genesis names; `registry key list` shows the keys here.',
  })
}
