// Replays a whole log from its first entry and compares every stored fact with what follows from the entries: signatures,
// order, index roots, the tree, the head. What `doctor` runs, and what tests run after every step.

import type { Cid } from '../cid/index.ts'
import { equalBytes, isRegistryError, RegistryError, toHex } from '../lib/index.ts'
import {
  addVersion,
  appendLeaves,
  applyEntry,
  authorityFor,
  findHead,
  type Hash,
  type History,
  historyBlock,
  type LogState,
  leafHash,
  originOf,
  parseStatement,
  readEntries,
  type Statement,
  updateIndex,
  verifyCheckpoint,
} from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { loadVerifier } from '../trust/index.ts'

export interface CheckedLog {
  readonly publisher: PublisherId
  readonly size: number
  readonly root: string
}

const STEP = 64

/** Throws STORE_CORRUPT with the first entry that does not fit, and why. */
export async function checkLog(store: Store, publisher: PublisherId): Promise<CheckedLog> {
  // Before the head: a log that grows meanwhile is then ahead of this floor, and never seems to be behind it.
  const floor = await store.findFloor(originOf(publisher))
  const head = await findHead(store, publisher)
  if (head === undefined) throw corrupt('There is no log to check.', publisher, 'nothing')
  const replay = createReplay(await loadVerifier())
  for (let start = 0; start < head.size; start += STEP) {
    const end = Math.min(head.size, start + STEP)
    const entries = await readEntries(store, publisher, { start, end })
    for (const [i, entry] of entries.entries()) {
      try {
        await replay.add(entry)
      } catch (cause) {
        if (!isRegistryError(cause)) throw cause
        throw corrupt(
          `Entry ${start + i} of the log does not fit: ${cause.message}`,
          'a valid entry',
          cause.code,
          cause,
        )
      }
    }
  }
  const { state, root } = replay
  const [logKey] = state().roles.log.keys
  const checkpoint = verifyCheckpoint(head.checkpoint, { publisher, logKey })
  if (checkpoint.size !== state().size || !equalBytes(checkpoint.root, root())) {
    throw corrupt(
      'The signed head does not match the entries.',
      toHex(root()),
      toHex(checkpoint.root),
    )
  }
  if (floor !== undefined && floor.size > checkpoint.size) {
    throw corrupt(
      'The log has lost entries that were acknowledged.',
      `${floor.size} entries`,
      `${checkpoint.size} entries`,
    )
  }
  return { publisher, size: checkpoint.size, root: toHex(checkpoint.root) }
}

interface Replay {
  add(entry: {
    readonly statement: Uint8Array
    readonly bundles: readonly Uint8Array[]
  }): Promise<void>
  state(): LogState
  root(): Hash
}

function createReplay(verifier: Awaited<ReturnType<typeof loadVerifier>>): Replay {
  const tree = new Map<string, Hash>()
  const nodes = new Map<Cid, Uint8Array>()
  const histories = new Map<string, History>()
  let state: LogState | undefined
  let root: Hash = new Uint8Array()
  const current = (): LogState => {
    if (state === undefined) throw new RegistryError('STATEMENT_INVALID', 'The log is empty.')
    return state
  }
  const follow = async (statement: Statement, index: Cid | undefined): Promise<void> => {
    if (statement.kind !== 'release' || index === undefined) return
    const history = addVersion(histories.get(statement.name), {
      ...statement,
      release: statement.subject,
    })
    histories.set(statement.name, history)
    const entries = [{ name: statement.name, history: historyBlock(history).cid }]
    const updated = await updateIndex(index, entries, async (cids) =>
      cids.map((cid) => nodes.get(cid)),
    )
    for (const { cid, bytes } of updated.added) nodes.set(cid, bytes)
    for (const cid of updated.removed) nodes.delete(cid)
    if (updated.root === statement.index) return
    throw new RegistryError('PROOF_INVALID', 'its index root does not follow from the releases', {
      expected: updated.root,
      got: statement.index,
    })
  }
  return {
    state: current,
    root: () => root,
    add: async ({ statement: bytes, bundles }) => {
      const statement = parseStatement(bytes)
      verifier.verifyStatement({ statement: bytes, bundles, ...authorityFor(state, statement) })
      await follow(statement, state?.index)
      const size = state?.size ?? 0
      state = applyEntry(state, statement)
      const read = async (wanted: readonly { level: number; index: number }[]): Promise<Hash[]> =>
        wanted.map(({ level, index }) => tree.get(`${level}/${index}`) ?? new Uint8Array())
      const appended = await appendLeaves(size, [leafHash(bytes)], read)
      for (const { level, index, hash } of appended.hashes) tree.set(`${level}/${index}`, hash)
      root = appended.root
    },
  }
}

function corrupt(message: string, expected: string, got: string, cause?: unknown): RegistryError {
  return new RegistryError('STORE_CORRUPT', message, {
    expected,
    got,
    next: 'Restore the store from a backup; do not publish from this one.',
    ...(cause === undefined ? {} : { cause }),
  })
}
