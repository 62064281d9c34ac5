// Claiming a namespace: the log says that the publisher releases under it. The other half of the proof is the domain's.

import { type Appended, appendEntry } from '../append.ts'
import type { Workspace } from '../workspace.ts'

/** Throws NAME_INVALID, SIGNER_UNAUTHORIZED, and what `appendEntry` throws. */
export async function claim(
  workspace: Workspace,
  namespace: string,
  { keys }: { readonly keys?: readonly string[] | undefined } = {},
): Promise<Appended & { readonly namespace: string }> {
  const appended = await appendEntry(
    workspace,
    ({ notices }) => {
      const before = notices.claims.get(namespace)
      if (before !== undefined) return { kind: 'said', seq: before.seq }
      return { kind: 'claim', namespace }
    },
    { keys },
  )
  return { ...appended, namespace }
}
