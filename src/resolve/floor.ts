// What a consumer has accepted of a log before, against what a source offers now: never less, never another history.

import { fromHex, RegistryError, toHex } from '../lib/index.ts'
import { type Checkpoint, verifyConsistency } from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Floor } from '../store/index.ts'
import type { Source, SourceOptions } from './source.ts'

/** Rollback (T1): a smaller log than one accepted before. Fork (T5): another history than the one accepted before. */
export async function assertFloor(
  source: Source,
  { publisher, floor }: { readonly publisher: PublisherId; readonly floor: Floor | undefined },
  checkpoint: Checkpoint,
  options: SourceOptions,
): Promise<void> {
  if (floor === undefined) return
  const got = { size: checkpoint.size, root: toHex(checkpoint.root) }
  if (got.size < floor.size) {
    throw new RegistryError(
      'ROLLBACK',
      `${source.label} offers an older state of this log than one already accepted here.`,
      {
        expected: `at least ${floor.size} entries`,
        got: `${got.size} entries`,
        next: 'Nothing was changed. Ask another peer; if all answer the same, the publisher has lost or withdrawn entries.',
        evidence: { accepted: floor, offered: got },
      },
    )
  }
  if (got.size === floor.size && got.root === floor.root) return
  try {
    const proof =
      got.size === floor.size
        ? []
        : await source.consistency(publisher, { from: floor.size, to: got.size }, options)
    verifyConsistency({
      from: floor.size,
      to: got.size,
      fromRoot: fromHex(floor.root),
      toRoot: checkpoint.root,
      proof,
    })
  } catch (cause) {
    if (!(cause instanceof RegistryError) || cause.code !== 'PROOF_INVALID') throw cause
    throw new RegistryError(
      'FORKED',
      'This log shows another history than the one already accepted here.',
      {
        expected: `a log that extends ${floor.size} entries with root ${floor.root}`,
        got: `${got.size} entries with root ${got.root}`,
        next: 'Do not use this publisher’s tools until it has explained itself; keep both heads as proof.',
        evidence: { accepted: floor, offered: got },
        cause,
      },
    )
  }
}
