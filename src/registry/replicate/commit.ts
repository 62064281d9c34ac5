// What makes a log on its way durable, in one commit: a step, which nobody sees, or all of it with its head.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError, toHex } from '../../lib/index.ts'
import {
  type Hash,
  headKey,
  headRecord,
  indexKey,
  isWhole,
  type LogState,
  type Overlay,
  originOf,
  parseCheckpointUnverified,
  proveConsistency,
  rootAt,
  verifyConsistency,
} from '../../log/index.ts'
import { findKnownFork, forked, forkKey } from '../../resolve/index.ts'
import type { Change, Store } from '../../store/index.ts'
import { findSeenHead, seenRecord } from '../forks.ts'
import { droppable } from '../lifecycle/news.ts'
import type { GatheredChange } from './gather.ts'
import { isVouched, keepContradiction, verifyShown } from './heads.ts'
import { lackKey } from './lack.ts'
import {
  dropPartial,
  findLeftOvers,
  type Held,
  nodesRecord,
  type Partial,
  partialKey,
  partialRecord,
} from './partial.ts'
import type { Shown } from './port.ts'
import { belowFloor, otherEntries, unproven, unprovenFork } from './refusals.ts'

export interface Taken {
  readonly store: Store
  readonly held: Held
  readonly overlay: Overlay
  readonly shown: Shown
  readonly to: number
  readonly vouched: boolean
  readonly gathered: Omit<GatheredChange, 'counted'>
}

/** Answers what is held then. */
export async function commitStep(taken: Taken, proof: readonly Hash[] = []): Promise<Held> {
  const { store, held, overlay, shown, vouched, gathered } = taken
  const { publisher } = shown
  const { state, size } = overlay
  if (state === undefined || size === ((held.partial ?? held.head)?.size ?? 0)) {
    await store.commit(gathered)
    return held
  }
  assertGrowsInto(taken, proof)
  const { added, replaced, ...change } = overlay.change()
  const partial: Partial = {
    ...positionOf(state, overlay),
    vouched: vouched || isVouched(shown, overlay),
  }
  const record = partialRecord(partial)
  await using _lock = await store.lock(`log/${publisher}`)
  await store.commit({
    blocks: [...change.blocks, ...gathered.blocks],
    put: [
      ...change.put,
      ...gathered.put,
      record,
      nodesRecord(publisher, size, { added, replaced }),
    ],
    remove: gathered.remove,
    expect: expectHeld(held, shown),
  })
  return { head: held.head, partial, record: record.value }
}

/** Each step is a beginning of the very log that is signed: entries that are not in it do not stay. */
function assertGrowsInto({ overlay, shown, to }: Taken, proof: readonly Hash[]): void {
  const { root: toRoot } = parseCheckpointUnverified(shown.note, shown.publisher)
  try {
    verifyConsistency({ from: overlay.size, to, fromRoot: overlay.root, toRoot, proof })
  } catch (error) {
    if (!isRegistryError(error)) throw error
    const { expected = '', got = '' } = error.details
    throw unproven(shown.label, String(expected), String(got))
  }
}

export async function commitDone(taken: Taken): Promise<void> {
  const { store, held, overlay, shown, gathered } = taken
  const { publisher, note, label } = shown
  const { state } = overlay
  await using _lock = await store.lock(`log/${publisher}`)
  await assertSigned(taken)
  await assertFloor(taken)
  if (state === undefined) return
  const { replaced, added: _, ...change } = overlay.change()
  const left = await findLeftOvers(store, held, publisher)
  const gone = newTombstones(state, held)
  const head = { ...positionOf(state, overlay), checkpoint: note }
  await store.commit({
    blocks: [...change.blocks, ...gathered.blocks],
    put: [
      ...change.put,
      ...gathered.put,
      headRecord(head),
      seenRecord(publisher, { note, from: label }),
    ],
    remove: [
      ...gathered.remove,
      ...replaced.map((cid) => indexKey(publisher, cid)),
      ...left.replaced,
      ...left.records,
      partialKey(publisher),
      ...gone.map(lackKey),
    ],
    drop: await droppable(store, publisher, gone),
    expect: expectHeld(held, shown),
    floors: [{ origin: originOf(publisher), size: head.size, root: head.root }],
  })
}

function positionOf(
  { publisher, size, head: statement, index }: LogState,
  { root, withdraws }: Overlay,
): Omit<Partial, 'vouched'> {
  return { publisher, size, statement, index, root: toHex(root), withdraws }
}

/** The log as it was when it was opened, and no fork known since: somebody else may have been faster. */
export function expectHeld(
  { head, record }: Held,
  { publisher }: Shown,
): NonNullable<Change['expect']> {
  return [
    { ...headKey(publisher), value: head && headRecord(head).value },
    { ...partialKey(publisher), value: record },
    { ...forkKey(publisher), value: undefined },
  ]
}

/** By the key in force there, over the root that the entries have. What was taken on the word of another key goes as a whole. */
async function assertSigned({ store, held, overlay, shown }: Taken): Promise<void> {
  try {
    const said = toHex(verifyShown(shown, overlay)?.root ?? new Uint8Array())
    const root = toHex(overlay.root)
    if (said !== root) throw otherEntries(shown.label, said, root)
  } catch (error) {
    if (isRegistryError(error) && held.partial?.vouched === false) await dropPartial(store, held)
    throw error
  }
}

/** A state that was accepted by a pull is one of this log, or the publisher has two histories (T1, T5). */
async function assertFloor({ store, overlay, shown, to }: Taken): Promise<void> {
  const { publisher, note } = shown
  const floor = await findSeenHead(store, publisher)
  if (floor === undefined) return
  if (floor.size > to) throw belowFloor(floor.size, to)
  const root = await rootAt(floor.size, overlay.readHashes)
  if (toHex(root) === floor.root) return
  if (floor.note === undefined) throw unprovenFork(floor, toHex(root))
  const sizes = { from: floor.size, to }
  const path = floor.size === to ? [] : await proveConsistency(sizes, overlay.readHashes)
  const proof = isWhole(floor.size) ? [root, ...path] : path
  await keepContradiction(store, overlay, {
    shown,
    head: parseCheckpointUnverified(note, publisher),
    note: floor.note,
    keys: floor.keys,
    proof: floor.size === to ? undefined : proof,
  })
  const known = await findKnownFork(store, publisher)
  throw known === undefined ? unprovenFork(floor, toHex(root)) : forked(known)
}

function newTombstones({ notices }: LogState, { head }: Held): readonly Cid[] {
  const since = head?.size ?? 0
  return [...notices.tombstones].flatMap(([cid, { seq }]) => (seq >= since ? [cid] : []))
}
