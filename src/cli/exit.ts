// Verdict → exit status: the table of docs/architecture.md, section 3, and the only place that knows it.

import type { Verdict } from '../lib/index.ts'

export const EXIT: Readonly<Record<Verdict, number>> = {
  FAILED: 1,
  USAGE: 2,
  UNSIGNED: 3,
  NOT_FOUND: 4,
  ROLLBACK: 5,
  STALE: 6,
  FORKED: 7,
  REBIND: 8,
  REVOKED: 9,
  MISMATCH: 10,
  POLICY: 11,
  CORRUPT: 12,
  MALFORMED: 13,
  NOTHING_TO_VERIFY: 14,
  UNAVAILABLE: 15,
}
