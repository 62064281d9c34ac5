// Asking witnesses to cosign what was published here (https://c2sp.org/tlog-witness, the side of the log). A witness that cannot be reached
// costs freshness, never the publish.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import { findCosignatureLines, findHead, type LogHead } from '../../log/index.ts'
import { cosignatureKey, localSource, parseCosignature } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Running } from '../workspace.ts'
import type { SubmittedCheckpoint } from './add-checkpoint.ts'
import { type KnownWitness, listWitnesses } from './known.ts'
import { keepCosignatures } from './words.ts'

/** What a witness answers: lines, or the size that it cosigned last. */
export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly lines: Uint8Array }
  | { readonly kind: 'conflict'; readonly size: number }

/** Hands a checkpoint in at a submission prefix. Throws PEER_* with the address. */
export type SubmitCheckpoint = (
  url: string,
  submitted: SubmittedCheckpoint,
  options: { readonly signal?: AbortSignal },
) => Promise<WitnessAnswer>

export interface Asked {
  readonly name: string
  readonly url: string
  /** Undefined where it cosigned. */
  readonly error: RegistryError | undefined
}

/** Somebody else may hand in a newer state in between. */
const TRIES = 3

/** All that have a URL, at once; what they sign is kept and served with the head. Never throws for what one of them does. */
export async function askWitnesses(
  store: Store,
  publisher: PublisherId,
  submit: SubmitCheckpoint,
  running: Running = {},
): Promise<readonly Asked[]> {
  const known = await listWitnesses(store)
  const asking = known.flatMap((one) => (one.url === undefined ? [] : [{ ...one, url: one.url }]))
  return await Promise.all(
    asking.map(async (one) => {
      const { name } = one.witness
      try {
        await askOne(store, publisher, one, { submit, running })
        return { name, url: one.url, error: undefined }
      } catch (error) {
        running.signal?.throwIfAborted()
        if (!isRegistryError(error)) throw error
        return { name, url: one.url, error }
      }
    }),
  )
}

async function askOne(
  store: Store,
  publisher: PublisherId,
  { witness, url }: KnownWitness & { readonly url: string },
  { submit, running }: { readonly submit: SubmitCheckpoint; readonly running: Running },
): Promise<void> {
  const [value] = await store.findRecords([cosignatureKey(publisher, witness.key)])
  let oldSize = parseCosignature(value)?.size ?? 0
  for (let i = 0; i < TRIES; i++) {
    const head = await findHead(store, publisher)
    if (head === undefined) return
    const answer = await submit(url, await requestFor(store, head, { oldSize, url }), running)
    if (answer.kind === 'cosigned') {
      const note = Buffer.concat([head.checkpoint, answer.lines])
      if (findCosignatureLines(note, [witness]).length === 0) throw unsigned(url, witness.name)
      await keepCosignatures(store, publisher, note, [witness])
      return
    }
    oldSize = answer.size
  }
  throw new RegistryError(
    'PEER_MISBEHAVED',
    `The witness at ${url} names another size each time.`,
    {
      expected: 'the size that it cosigned last',
      got: `${TRIES} sizes that do not hold`,
      next: 'Tell its operator.',
    },
  )
}

async function requestFor(
  store: Store,
  { publisher, size, checkpoint: note }: LogHead,
  { oldSize, url }: { readonly oldSize: number; readonly url: string },
): Promise<SubmittedCheckpoint> {
  if (oldSize > size) {
    // It has seen a state of our log that is not here: a copy of the keys writes elsewhere, or this store was rolled back.
    throw new RegistryError('ROLLBACK', `The witness at ${url} has cosigned more of this log.`, {
      expected: `at most ${size} entries`,
      got: `${oldSize} entries`,
      next: 'Publish no more from here before you know why: another store may write the same log.',
    })
  }
  const isGrown = oldSize > 0 && oldSize < size
  const sizes = { from: oldSize, to: size }
  const proof = isGrown ? await localSource(store).consistency(publisher, sizes) : []
  return { oldSize, proof, note }
}

function unsigned(url: string, name: string): RegistryError {
  return new RegistryError('PEER_MISBEHAVED', `What ${url} answered is no cosignature.`, {
    expected: `a good line by ${name}`,
    got: 'none',
    next: 'Check that the URL and the key are of one witness.',
  })
}
