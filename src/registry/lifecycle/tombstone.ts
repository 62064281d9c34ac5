// Tombstoning: the bytes of a block go, here at once and elsewhere at the next contact; its hash and its place in the log stay.

import type { Cid } from '../../cid/index.ts'
import { type Appended, appendEntry } from '../append.ts'
import type { Workspace } from '../workspace.ts'
import { droppable } from './news.ts'
import { blockMeant, orSaid } from './subject.ts'

export type Tombstoned = Appended & {
  readonly subject: Cid
  /** Whether there were bytes here to drop. */
  readonly dropped: boolean
}

/** `target` is a CID or NAME@VERSION. Throws LIFECYCLE_INVALID for other words than before, NOT_FOUND, and what `appendEntry` throws. */
export async function tombstone(
  workspace: Workspace,
  target: string,
  { reason, keys }: { readonly reason: string; readonly keys?: readonly string[] | undefined },
): Promise<Tombstoned> {
  const { store } = workspace
  const subject = await blockMeant(store, target)
  const appended = await appendEntry(
    workspace,
    async (state) => {
      const entry = { kind: 'tombstone', subject, reason } as const
      return await orSaid(store, state, entry, state.notices.tombstones.get(subject))
    },
    { keys },
  )
  if (appended.kind === 'requested') return { ...appended, subject, dropped: false }
  // After the entry: bytes that are gone without a word would be damage. Run again, it drops what a crash left.
  const drop = await droppable(store, appended.publisher, [subject])
  if (drop.length > 0) await store.commit({ drop })
  return { ...appended, subject, dropped: drop.length > 0 }
}
