// What a peer shows of a log, against what is held here: the same, less, another history, or entries to be fetched.

import { fromHex, toHex } from '../../lib/index.ts'
import {
  type Checkpoint,
  findHead,
  type LogHead,
  type Overlay,
  openOverlay,
  originOf,
  parseCheckpointUnverified,
  rootAt,
} from '../../log/index.ts'
import { assertNotForked, findFork, localSource, type Prover } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { assertWords, keepWords } from '../witness/words.ts'
import { findOwnPublisher } from '../workspace.ts'
import { isVouched, keepContradiction, verifyShown } from './heads.ts'
import { dropPartial, findPartial, type Held, type Partial } from './partial.ts'
import type { Opened, Shown } from './port.ts'
import { contradicted, ownLog, unproven } from './refusals.ts'
import { createReplication } from './replication.ts'

/** Entries of a log that are here, those of a log that is still being fetched included: where to ask peers to go on from. */
export async function heldEntries(store: Store, publisher: PublisherId): Promise<number> {
  const { head, partial } = await findHeld(store, publisher)
  return (partial ?? head)?.size ?? 0
}

interface Meeting {
  readonly store: Store
  readonly shown: Shown
  /** As the note says it. */
  readonly said: Checkpoint
  readonly held: Held
  readonly overlay: Overlay
  readonly vouched: boolean
}

/**
 * Throws FORKED for a publisher known to have forked, PROOF_INVALID and SIGNATURE_INVALID for what a peer cannot prove or has made up, ROLLBACK
 * where it shows more of this node's own log than this node has.
 */
export async function openReplication(store: Store, shown: Shown): Promise<Opened> {
  const { publisher, note } = shown
  await assertNotForked(store, publisher)
  const said = parseCheckpointUnverified(note, publisher)
  await assertWords(store, note, shown.label)
  const held = await findHeld(store, publisher)
  const { head, partial } = held
  if (head?.size === said.size && head.root === toHex(said.root)) {
    // The same state may come with words of witnesses that are news here.
    await keepWords(store, publisher, shown.note)
    return { kind: 'same' }
  }
  const verifier = await loadVerifier(store)
  const base = partial ?? head
  const overlay = await openOverlay(store, publisher, { base, verifier })
  const vouched = isVouched(shown, overlay)
  const meeting: Meeting = { store, shown, said, held, overlay, vouched }
  if (head !== undefined && said.size <= head.size) return await meetOlder(meeting, head)
  const fork = base === undefined ? undefined : await meetNewer(meeting, base)
  if (fork !== undefined) return fork
  if ((await findOwnPublisher(store)) === publisher) {
    throw ownLog(shown.label, head?.size ?? 0, said.size)
  }
  const floor = await store.findFloor(originOf(publisher))
  // Less than a pull has accepted: whether it is a beginning of that cannot be told without the entries.
  if (floor !== undefined && floor.size > said.size) return { kind: 'behind' }
  if (partial !== undefined && partial.size > said.size) return { kind: 'behind' }
  const start = { held, shown, overlay, to: said.size, vouched, verifier }
  return { kind: 'open', replication: createReplication(store, start) }
}

/** No rotation explains a key that no entry up to here has named. */
async function meetOlder(meeting: Meeting, head: LogHead): Promise<Opened> {
  const { store, shown, said, overlay, vouched } = meeting
  if (!vouched) verifyShown(shown, overlay)
  const sizes = { smaller: said, larger: checkpointOf(head) }
  const fork = await findFork(localSource(store), shown.publisher, sizes, {})
  return fork === undefined ? { kind: 'behind' } : await keep(meeting, head, fork.proof)
}

async function meetNewer(meeting: Meeting, base: LogHead | Partial): Promise<Opened | undefined> {
  const { shown, said, vouched } = meeting
  if ('vouched' in base) return await meetPartial(meeting, base)
  const sizes = { smaller: checkpointOf(base), larger: said }
  const fork = await findFork(proverOf(meeting), shown.publisher, sizes, {})
  if (fork === undefined) return undefined
  if (vouched) return await keep(meeting, base, fork.proof)
  throw unproven(shown.label, `${base.size} entries with root ${base.root}`, 'another root')
}

/** What was fetched must be in the log shown, or it goes; unless this note is worth less than the one it was fetched for. */
async function meetPartial(meeting: Meeting, partial: Partial): Promise<undefined> {
  const { store, shown, said, held, overlay, vouched } = meeting
  const { publisher, label } = shown
  if (said.size < partial.size) {
    const root = await rootAt(said.size, overlay.readHashes)
    if (toHex(root) === toHex(said.root)) return
  } else {
    const sizes = { smaller: checkpointOf(partial), larger: said }
    if ((await findFork(proverOf(meeting), publisher, sizes, {})) === undefined) return
  }
  if (!vouched && partial.vouched) {
    throw unproven(label, `${partial.size} entries with root ${partial.root}`, 'another root')
  }
  await using _lock = await store.lock(`log/${publisher}`)
  await dropPartial(store, held)
  throw contradicted(label, partial.size)
}

async function keep(
  { store, shown, said, overlay }: Meeting,
  { checkpoint: note }: LogHead,
  proof: Parameters<typeof keepContradiction>[2]['proof'],
): Promise<Opened> {
  const contradiction = { shown, head: said, note, proof }
  await using _lock = await store.lock(`log/${shown.publisher}`)
  return { kind: 'fork', proof: await keepContradiction(store, overlay, contradiction) }
}

/** The peer as it has shown itself; its first entry is the one that all logs of this publisher begin with. */
function proverOf({ shown, overlay }: Meeting): Prover {
  return {
    label: shown.label,
    consistency: async () => shown.consistency,
    entries: () => overlay.readEntries([0]),
    inclusion: async () => (await shown.firstPath?.()) ?? [],
  }
}

async function findHeld(store: Store, publisher: PublisherId): Promise<Held> {
  const head = await findHead(store, publisher)
  const found = await findPartial(store, publisher)
  return { head, partial: found?.partial, record: found?.record }
}

function checkpointOf({ size, root }: { readonly size: number; readonly root: string }): {
  readonly size: number
  readonly root: Uint8Array
} {
  return { size, root: fromHex(root) }
}
