// Yanking: no range chooses the version any more, and nobody new gets it; who holds it goes on with a warning. One-way.

import { type Appended, appendEntry } from '../append.ts'
import type { Workspace } from '../workspace.ts'
import { findOwnVersion, type OwnVersion } from './subject.ts'

export type Withdrawn = Appended & Pick<OwnVersion, 'name' | 'version' | 'subject'>

/** `reference` is NAME@VERSION. Yanked before, for whatever reason, nothing is left to do. Throws USAGE, NOT_FOUND, and what `appendEntry` throws. */
export async function yank(
  workspace: Workspace,
  reference: string,
  { reason, keys }: Words,
): Promise<Withdrawn> {
  const { name, version, subject, status } = await findOwnVersion(workspace.store, reference)
  const appended = await appendEntry(
    workspace,
    () =>
      status.yanked === undefined
        ? { kind: 'yank', name, version, subject, reason }
        : { kind: 'said', seq: status.yanked.seq },
    { keys },
  )
  return { ...appended, name, version, subject }
}

interface Words {
  readonly reason?: string | undefined
  /** Names of key files that sign. */
  readonly keys?: readonly string[] | undefined
}
