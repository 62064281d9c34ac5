// Replays a whole log from its first entry and compares every stored fact with what follows from the entries: signatures,
// order, index roots, the tree, the head. What `doctor` runs, and what tests run after every step.

import { equalBytes, isRegistryError, RegistryError, toHex } from '../lib/index.ts'
import {
  createReplay,
  findHead,
  type HashedEntry,
  originOf,
  type Replay,
  readHashedEntries,
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

const STEP = 256
/** Steps being read: each waits in line behind the signatures of the steps before it. */
const AHEAD = 4

/** Throws STORE_CORRUPT with the first entry that does not fit, and why. */
export async function checkLog(store: Store, publisher: PublisherId): Promise<CheckedLog> {
  // Before the head: a log that grows meanwhile is then ahead of this floor, and never seems to be behind it.
  const floor = await store.findFloor(originOf(publisher))
  const head = await findHead(store, publisher)
  if (head === undefined) throw corrupt('There is no log to check.', publisher, 'nothing')
  const replay = createReplay(await loadVerifier(store))
  let before: Followed = NOTHING
  for await (const entries of readAhead(store, publisher, head.size)) {
    const followed = await follow(replay, before.end, entries)
    // One step late: the threads that check signatures always have some.
    await assertSigned(before)
    before = followed
    if (followed.fault !== undefined) break
  }
  await assertSigned(before)
  const { state } = replay
  if (state === undefined) throw corrupt('The log is empty.', 'a genesis', 'nothing')
  const { root } = replay
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

/** In steps, the next of which are on their way while one is looked at. */
async function* readAhead(
  store: Store,
  publisher: PublisherId,
  size: number,
): AsyncGenerator<readonly HashedEntry[], void, undefined> {
  const read = (start: number): Promise<readonly HashedEntry[]> => {
    const entries = readHashedEntries(store, publisher, {
      start,
      end: Math.min(size, start + STEP),
    })
    entries.catch(() => undefined) // Whoever waits for it gets the error.
    return entries
  }
  const reading: Promise<readonly HashedEntry[]>[] = []
  for (let start = 0; start < size + AHEAD * STEP; start += STEP) {
    if (start < size) reading.push(read(start))
    const next = start < AHEAD * STEP ? undefined : reading.shift()
    if (next !== undefined) yield await next
  }
}

/** Entries start ≤ seq < end that are followed, and what becomes known of their signatures on other threads. */
interface Followed {
  readonly start: number
  readonly end: number
  readonly signed: Promise<readonly PromiseSettledResult<unknown>[]>
  /** Why the entry after them does not follow. */
  readonly fault: { readonly cause: unknown } | undefined
}

const NOTHING: Followed = { start: 0, end: 0, signed: Promise.resolve([]), fault: undefined }

async function follow(
  replay: Replay,
  start: number,
  entries: readonly HashedEntry[],
): Promise<Followed> {
  const checks: (() => Promise<unknown>)[] = []
  let fault: Followed['fault']
  for (const entry of entries) {
    try {
      checks.push((await replay.addAhead(entry)).verify)
    } catch (cause) {
      fault = { cause }
      break
    }
  }
  // All at once: a thread that is woken for each signature takes the processor from the one that wakes it.
  const signed = Promise.allSettled(checks.map((verify) => verify()))
  return { start, end: start + checks.length, signed, fault }
}

/** The first entry that fails is the one named. */
async function assertSigned({ start, end, signed, fault }: Followed): Promise<void> {
  for (const [i, verdict] of (await signed).entries()) {
    if (verdict.status === 'rejected') throw unfit(start + i, verdict.reason)
  }
  if (fault !== undefined) throw unfit(end, fault.cause)
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
