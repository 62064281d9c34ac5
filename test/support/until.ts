// Waiting for what must come, for as long as a busy machine may need: a bound only so that what hangs is named.

import { setTimeout as sleep } from 'node:timers/promises'

const LONGEST_MS = 120_000

export async function until(
  is: () => Promise<boolean> | boolean,
  what = String(is),
): Promise<void> {
  for (const end = performance.now() + LONGEST_MS; !(await is()); await sleep(20)) {
    if (performance.now() > end) throw new Error(`not within ${LONGEST_MS} ms: ${what}`)
  }
}
