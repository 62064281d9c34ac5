// Whether a log has ever revoked or yanked anything, which makes its head urgent. The record of a head says so; of one from before
// that was kept, the log is read.

import { type LogHead, parseStatement, readEntries } from '../../log/index.ts'
import type { Store } from '../../store/index.ts'

const PAGE = 256

export async function withdraws(store: Store, head: LogHead): Promise<boolean> {
  if (head.withdraws !== undefined) return head.withdraws
  for (let start = 0; start < head.size; start += PAGE) {
    const end = Math.min(start + PAGE, head.size)
    const entries = await readEntries(store, head.publisher, { start, end })
    const kinds = entries.map(({ statement }) => parseStatement(statement).kind)
    if (kinds.some((kind) => kind === 'revoke' || kind === 'yank')) return true
  }
  return false
}
