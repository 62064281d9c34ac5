// A new release must not bring back what its log has withdrawn: every consumer would refuse it.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import type { Notices } from '../../log/index.ts'

/** Throws REVOKED or TOMBSTONED, naming the first of the parts (a tool, or the release itself) that was withdrawn. */
export function assertOfferable(
  release: string,
  parts: readonly { readonly name: string; readonly cid: Cid }[],
  { revoked, tombstones }: Notices,
): void {
  for (const { name, cid } of parts) {
    const notice = revoked.get(cid) ?? tombstones.get(cid)
    if (notice === undefined) continue
    const code = revoked.has(cid) ? 'REVOKED' : 'TOMBSTONED'
    throw new RegistryError(code, `${release} holds what your log has withdrawn: ${name}.`, {
      expected: 'only what the log has not withdrawn',
      got: `${cid}, withdrawn by entry ${notice.seq}: ${notice.reason}`,
      next: 'Leave it out, or change it: other content has another CID.',
    })
  }
}
