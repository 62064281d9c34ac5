// Cosigning what is held here in full. It is proven once more when it is cosigned first; two states that contradict each other become a
// fork proof.

import { equalBytes, fromHex, RegistryError, toHex } from '../../lib/index.ts'
import {
  bareNote,
  type Cosigner,
  findHead,
  type LogHead,
  originOf,
  parseCheckpointUnverified,
} from '../../log/index.ts'
import { assertNotForked, cosignedNote, localSource } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { type Candidate, cosign } from './cosign.ts'
import type { Cosigned } from './cosigned.ts'
import {
  describeState,
  findContradiction,
  findHeld,
  isConsistent,
  keepContradiction,
} from './held.ts'

export interface WitnessNode {
  readonly store: Store
  readonly cosigner: Cosigner
}

export interface HeadCosigned {
  /** `behind`: a larger state was cosigned before this one was held, and nothing was signed. */
  readonly kind: 'cosigned' | 'behind'
  readonly publisher: PublisherId
  readonly size: number
  /** The head that is held, with the words of all witnesses about it. */
  readonly note: Uint8Array
}

/**
 * No lock of this log may be held. Throws NOT_FOUND for a log that is not here, FORKED for one that contradicts itself (the proof is then
 * kept), STORE_CORRUPT, TIMESTAMP_INVALID.
 */
export async function cosignHead(
  { store, cosigner }: WitnessNode,
  publisher: PublisherId,
  now: Date,
): Promise<HeadCosigned> {
  await assertNotForked(store, publisher)
  let proof: Uint8Array | undefined
  const made = await cosign({ store, cosigner }, originOf(publisher), now, async (last) => {
    const checked = await checkHead(store, publisher, last)
    if (checked.kind === 'fork') proof = checked.proof
    return checked.kind === 'candidate' ? checked.candidate : undefined
  })
  if (proof !== undefined) throw await keepContradiction(store, proof)
  const head = await getHead(store, publisher)
  const kind = made === undefined ? 'behind' : 'cosigned'
  return { kind, publisher, size: head.size, note: await cosignedNote(store, head) }
}

type Checked =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  | { readonly kind: 'behind' }
  | { readonly kind: 'fork'; readonly proof: Uint8Array }

async function checkHead(
  store: Store,
  publisher: PublisherId,
  last: Cosigned | undefined,
): Promise<Checked> {
  const head = await getHead(store, publisher)
  // Proven when it was cosigned first: a beacon says no more than that nothing came since.
  if (last !== undefined && head.size === last.size && head.root === toHex(last.root)) {
    return { kind: 'candidate', candidate: candidateOf(head) }
  }
  const held = await findHeld(store, publisher)
  if (held === undefined) throw notHeld(publisher)
  const { checkpoint } = held.head
  const { size, root, origin } = checkpoint
  const note = bareNote(held.evidence.checkpoint, origin)
  const candidate = { origin, size, root, note, publisher }
  if (last === undefined) return { kind: 'candidate', candidate }
  if (last.size > size) return { kind: 'behind' }
  const heads = { smaller: last, larger: candidate, source: localSource(store) }
  const proof = await findContradiction(store, held, heads)
  if (proof !== undefined) return { kind: 'fork', proof }
  await assertGrown(store, publisher, last, candidate)
  return { kind: 'candidate', candidate }
}

/** A contradiction that cannot be proven to others is one all the same. */
async function assertGrown(
  store: Store,
  publisher: PublisherId,
  last: Cosigned,
  { size, root }: Candidate,
): Promise<void> {
  const sizes = { from: last.size, to: size }
  const hashes = last.size === size ? [] : await localSource(store).consistency(publisher, sizes)
  if (isConsistent(last, { size, root }, hashes)) return
  throw new RegistryError('FORKED', 'The log held here is not the one that this node cosigned.', {
    expected: `a log that goes on from ${describeState(last)}`,
    got: describeState({ size, root }),
    next: 'Run `registry doctor`. If the store is whole, tell the publisher.',
  })
}

function candidateOf({ publisher, size, root, checkpoint }: LogHead): Candidate {
  const origin = originOf(publisher)
  const note = bareNote(checkpoint, origin)
  const signed = parseCheckpointUnverified(note, publisher)
  const hash = fromHex(root)
  if (signed.size === size && equalBytes(signed.root, hash)) {
    return { origin, size, root: hash, note, publisher }
  }
  throw new RegistryError(
    'STORE_CORRUPT',
    'The record of this log’s head is not what was signed.',
    {
      expected: describeState(signed),
      got: describeState({ size, root: hash }),
      next: 'Run `registry doctor`; restore the store from a backup if it says so.',
    },
  )
}

async function getHead(store: Store, publisher: PublisherId): Promise<LogHead> {
  const head = await findHead(store, publisher)
  if (head !== undefined) return head
  throw notHeld(publisher)
}

function notHeld(publisher: PublisherId): RegistryError {
  return new RegistryError('NOT_FOUND', 'This node does not hold that publisher’s log.', {
    expected: 'the log of a publisher held here',
    got: publisher,
    next: 'Follow it first: `registry follow ID`.',
  })
}
