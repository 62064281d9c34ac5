// Time that passes when a test says so: everything due is called in order, and what it set going may run, before the next.

import type { Timers } from '../../src/sync/index.ts'

export interface ManualTimers extends Timers {
  advance(milliseconds: number): Promise<void>
  /** Calls that are still to come. */
  readonly waiting: number
}

export function createManualTimers(): ManualTimers {
  let time = 0
  const calls = new Set<{ readonly at: number; readonly call: () => void }>()
  return {
    now: () => time,
    after(milliseconds, call) {
      const entry = { at: time + milliseconds, call }
      calls.add(entry)
      return () => calls.delete(entry)
    },
    get waiting() {
      return calls.size
    },
    async advance(milliseconds) {
      const end = time + milliseconds
      for (;;) {
        await settle()
        const [next] = [...calls].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        calls.delete(next)
        time = Math.max(time, next.at)
        next.call()
      }
      time = end
      await settle()
    },
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
}
