// Two heads of one log: whose key signed one, and what two that contradict each other prove.

import { isRegistryError, toHex } from '../../lib/index.ts'
import {
  type Checkpoint,
  type Hash,
  makeForkProof,
  type Overlay,
  verifyCheckpoint,
} from '../../log/index.ts'
import type { SignedStatement } from '../../resolve/index.ts'
import type { Block, Store } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { findSettled, keepFork } from '../forks.ts'
import { abandoned } from '../one-history.ts'
import type { Shown } from './port.ts'

/** Whether a key signed it that the log, as far as it is known, ever had: whoever had it in force is bound by what it signs. */
export function isVouched({ publisher, note }: Shown, { state }: Overlay): boolean {
  return (state?.authority.keys ?? []).some(({ seq, roles }) => {
    try {
      return verifyCheckpoint(note, { publisher, logKey: roles.log.keys[0] }).size > seq
    } catch (error) {
      if (isRegistryError(error)) return false
      throw error
    }
  })
}

/** What the note says, signed by the key in force after the newest entry. Throws CHECKPOINT_INVALID, SIGNATURE_INVALID. */
export function verifyShown(
  { publisher, note }: Shown,
  { state }: Overlay,
): Checkpoint | undefined {
  const logKey = state?.roles.log.keys[0]
  return logKey === undefined ? undefined : verifyCheckpoint(note, { publisher, logKey })
}

export interface Contradicting {
  readonly shown: Shown
  readonly head: Pick<Checkpoint, 'size' | 'root'>
  /** The other signed note, with the key entries of its history where these are not the overlay's. */
  readonly note: Uint8Array
  readonly keys?: readonly SignedStatement[] | undefined
  /** Of what the larger log had at the smaller size; undefined for one size. */
  readonly proof: readonly Hash[] | undefined
}

/** Makes and keeps the proof: from then on the publisher is refused. Throws FORKED for a history that was given up with its publisher's word. */
export async function keepContradiction(
  store: Store,
  overlay: Overlay,
  { shown, head, note, keys, proof }: Contradicting,
): Promise<Block> {
  const { publisher, label } = shown
  const settled = await findSettled(store, publisher)
  if (settled !== undefined && head.size <= settled.seq) throw abandoned(label, head)
  const seqs = overlay.state?.authority.keys.map(({ seq }) => seq) ?? []
  const [genesis, ...own] = await overlay.readEntries(seqs)
  const seen = {
    publisher,
    genesis: genesis?.statement ?? new Uint8Array(),
    notes: [note, shown.note],
    chains: [own, ...(keys === undefined ? [] : [keys])],
    proof,
  } as const
  const block = makeForkProof(seen, await loadVerifier(store))
  const root = toHex(head.root)
  await keepFork(store, block.bytes, (one) =>
    one.size === head.size && one.root === root ? label : 'this node',
  )
  return block
}
