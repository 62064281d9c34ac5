// Recovering: after a fork, the root role says in its log that this history is the true one. Whether that is good enough is for each
// consumer to decide; nothing is believed again by itself.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import { findKnownFork, forkKey } from '../../resolve/index.ts'
import { type Appended, appendEntry } from '../append.ts'
import { showFork } from '../forks.ts'
import { getOwnPublisher, type Workspace } from '../workspace.ts'

export type Recovered = Appended & { readonly fork: Cid }

/** `fork` is the CID of a proof held here, about this publisher. Throws NOT_FOUND without it, and what `appendEntry` throws. */
export async function recover(
  workspace: Workspace,
  fork: Cid,
  {
    reason,
    keys,
  }: { readonly reason?: string | undefined; readonly keys?: readonly string[] | undefined },
): Promise<Recovered> {
  const { store } = workspace
  const { publisher: forked } = await showFork(store, fork)
  const publisher = await getOwnPublisher(store)
  if (forked !== publisher) {
    throw new RegistryError('NOT_FOUND', 'This fork is of another publisher’s log.', {
      expected: `a fork of ${publisher}`,
      got: forked,
      next: 'Only its own publisher can recover from it; see `registry fork list`.',
    })
  }
  const known = await findKnownFork(store, publisher)
  const appended = await appendEntry(
    workspace,
    ({ notices }) => {
      const before = notices.recovered.get(fork)
      if (before !== undefined) return { kind: 'said', seq: before.seq }
      return { kind: 'recover', subject: fork, reason }
    },
    { keys, remove: known?.fork === fork ? [forkKey(publisher)] : [] },
  )
  return { ...appended, fork }
}
