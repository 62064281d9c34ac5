// Replays a whole log from its first entry and compares every stored fact with what follows from the entries: signatures,
// order, index roots, the tree, the head. What `doctor` runs, and what tests run after every step.

import { equalBytes, isRegistryError, RegistryError, toHex } from '../lib/index.ts'
import {
  createReplay,
  findHead,
  originOf,
  type Replay,
  readEntries,
  type SignedEntry,
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

const STEP = 512

/** Throws STORE_CORRUPT with the first entry that does not fit, and why. */
export async function checkLog(store: Store, publisher: PublisherId): Promise<CheckedLog> {
  // Before the head: a log that grows meanwhile is then ahead of this floor, and never seems to be behind it.
  const floor = await store.findFloor(originOf(publisher))
  const head = await findHead(store, publisher)
  if (head === undefined) throw corrupt('There is no log to check.', publisher, 'nothing')
  const replay = createReplay(await loadVerifier(store))
  for (let start = 0; start < head.size; start += STEP) {
    const end = Math.min(head.size, start + STEP)
    await addAll(replay, start, await readEntries(store, publisher, { start, end }))
  }
  const { state, root } = replay
  if (state === undefined) throw corrupt('The log is empty.', 'a genesis', 'nothing')
  const [logKey] = state.roles.log.keys
  const checkpoint = verifyCheckpoint(head.checkpoint, { publisher, logKey })
  if (checkpoint.size !== state.size || !equalBytes(checkpoint.root, root)) {
    throw corrupt(
      'The signed head does not match the entries.',
      toHex(root),
      toHex(checkpoint.root),
    )
  }
  if (head.index !== state.index || head.statement !== state.head) {
    throw corrupt(
      'The head’s record does not match the entries.',
      `index ${state.index}, statement ${state.head}`,
      `index ${head.index}, statement ${head.statement}`,
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

/** Signatures are checked on other threads while the entries after them are followed; the first entry that fails is the one named. */
async function addAll(
  replay: Replay,
  start: number,
  entries: readonly SignedEntry[],
): Promise<void> {
  const signed: Promise<unknown>[] = []
  let fault: { readonly seq: number; readonly cause: unknown } | undefined
  for (const [i, entry] of entries.entries()) {
    try {
      signed.push((await replay.addAhead(entry)).signed)
    } catch (cause) {
      fault = { seq: start + i, cause }
      break
    }
  }
  for (const [i, verdict] of (await Promise.allSettled(signed)).entries()) {
    if (verdict.status === 'rejected') throw unfit(start + i, verdict.reason)
  }
  if (fault !== undefined) throw unfit(fault.seq, fault.cause)
}

function unfit(seq: number, cause: unknown): unknown {
  if (!isRegistryError(cause)) return cause
  const message = `Entry ${seq} of the log does not fit: ${cause.message}`
  return corrupt(message, 'a valid entry', cause.code, cause)
}

function corrupt(message: string, expected: string, got: string, cause?: unknown): RegistryError {
  return new RegistryError('STORE_CORRUPT', message, {
    expected,
    got,
    next: 'Restore the store from a backup; do not publish from this one.',
    ...(cause === undefined ? {} : { cause }),
  })
}
