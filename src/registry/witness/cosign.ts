// The one place where this node cosigns (T6). Check, sign, persist, hand out, in this order and under one lock per log; the commit compares with
// what was checked against, so that even without the lock a second answer for one size, or for a smaller one, could not leave.

import { equalBytes, inUnits, RegistryError, toHex } from '../../lib/index.ts'
import {
  addLines,
  type Checkpoint,
  type CosignatureLine,
  type Cosigner,
  parseNote,
  signCosignature,
} from '../../log/index.ts'
import { cosignatureRecord, forkKey } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import {
  type Cosigned,
  cosignedFloor,
  formatCosigned,
  hashOfOrigin,
  type LastCosigned,
  readCosigned,
} from './cosigned.ts'

/** A signed head, verified by whoever asks for a cosignature. */
export interface Candidate extends Checkpoint {
  /** With the log’s own signature and no other. */
  readonly note: Uint8Array
  /** Whose log it is, where it is one of ours: then it is not cosigned once a fork of it is known. */
  readonly publisher: PublisherId | undefined
}

/** Clocks of one machine may be put back a little, and then nothing is said twice. */
const PUT_BACK_MS = 5 * 60_000

/**
 * `check` gets what was cosigned last, under the lock, and answers what may be cosigned after it, or undefined for nothing: it must
 * have seen that this goes on from there. It must not hold or wait for another lock. Throws what `check` throws, and what a clock or store is good for.
 */
export async function cosign(
  { store, cosigner }: { readonly store: Store; readonly cosigner: Cosigner },
  origin: string,
  now: Date,
  check: (last: Cosigned | undefined) => Promise<Candidate | undefined>,
): Promise<CosignatureLine | undefined> {
  const hash = hashOfOrigin(origin)
  await using _lock = await store.lock(`cosign/${hash}`)
  const read = await readCosigned(store, hash)
  const candidate = await check(read.last)
  if (candidate === undefined) return undefined
  assertNoStepBack(candidate, read.last)
  const time = timeAfter(read.last, now)
  const made = await signCosignature(parseNote(candidate.note).text, cosigner, time)
  await persist(store, { ...candidate, time: made.time }, read, made)
  return made
}

async function persist(
  store: Store,
  { publisher, ...state }: Candidate & { readonly time: Date },
  { key, value, last }: LastCosigned,
  { line, witness }: CosignatureLine,
): Promise<void> {
  const cosigned = { ...state, note: addLines(state.note, [line]) }
  const { size, time } = cosigned
  const kept = { size, root: toHex(cosigned.root), time, line }
  const isSame = last?.size === size
  await store.commit({
    put: [
      { ...key, value: formatCosigned(cosigned) },
      ...(publisher === undefined ? [] : [cosignatureRecord(publisher, witness.key, kept)]),
    ],
    expect: [
      { ...key, value },
      // A proof that came in while this was checked.
      ...(publisher === undefined ? [] : [{ ...forkKey(publisher), value: undefined }]),
    ],
    ...(isSame ? {} : { floors: [cosignedFloor(cosigned)] }),
  })
}

/** Whatever was checked: one root a size, and no smaller size. */
function assertNoStepBack({ origin, size, root }: Candidate, last: Cosigned | undefined): void {
  if (last === undefined || (last.origin === origin && size > last.size)) return
  if (last.origin === origin && size === last.size && equalBytes(root, last.root)) return
  throw new RegistryError('ROLLBACK', 'This node has cosigned another state of this log already.', {
    expected: `${last.size} entries with root ${toHex(last.root)}, or more`,
    got: `${size} entries with root ${toHex(root)}`,
    next: 'Bring the newest state of the log, with the proof that it goes on from that one.',
  })
}

/** A cosignature says what was newest at its time: an earlier time for a later state would contradict the one before. */
function timeAfter(last: Cosigned | undefined, now: Date): Date {
  if (last === undefined || now >= last.time) return now
  const back = Number(last.time) - Number(now)
  if (back <= PUT_BACK_MS) return last.time
  throw new RegistryError('TIMESTAMP_INVALID', 'The clock of this node was put back.', {
    expected: `${last.time.toISOString()}, when this log was cosigned last, or later`,
    got: `${now.toISOString()}, ${inUnits(back)} earlier`,
    next: 'Set the clock of this machine. Nothing is cosigned until then.',
  })
}
