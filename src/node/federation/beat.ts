// The beacon’s beat: as long as the node runs, what it has cosigned is cosigned anew before it grows old. A few logs at a time, so that many
// logs are no burst.

import { isRegistryError } from '../../lib/index.ts'
import type { Witness } from '../../registry/index.ts'
import type { Timers } from '../../sync/index.ts'
import type { Logger } from '../logger.ts'
import type { Tally } from './tally.ts'

export interface BeatOptions {
  readonly witness: Witness | undefined
  readonly timers: Timers
  readonly now: () => Date
  readonly log: Logger
  readonly tally: Tally
  readonly every: number
}

const STEP = 100
const BETWEEN_STEPS_MS = 500
/** A head is due within a tenth of its time. */
const PARTS = 10

export function createBeat(options: BeatOptions): AsyncDisposable {
  const { witness, timers, now, log, tally, every } = options
  const stop = new AbortController()
  let work: Promise<void> = Promise.resolve()
  let cancel = (): void => {}
  const beat = async (): Promise<void> => {
    let pause = every / PARTS
    try {
      const run = await witness?.beacon(now(), { everyMs: every, limit: STEP, signal: stop.signal })
      tally.cosigned += run?.cosigned.length ?? 0
      for (const { publisher, error } of run?.failed ?? []) {
        log.warn('not-cosigned', { publisher, error })
      }
      if (run?.isComplete === false) pause = BETWEEN_STEPS_MS
    } catch (error) {
      if (!stop.signal.aborted && !isRegistryError(error, 'CLOSED'))
        log.error('beacon-failed', { error })
    }
    if (!stop.signal.aborted) wait(pause)
  }
  const wait = (pause: number): void => {
    cancel = timers.after(pause, () => {
      work = beat()
    })
  }
  // Soon: what was committed while the node did not run has not been cosigned.
  if (witness !== undefined) wait(BETWEEN_STEPS_MS)
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      cancel()
      await work
    },
  }
}
