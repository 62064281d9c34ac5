// What is known of the server’s tools at this moment, and when that is too old to go by. Checks are never made twice at once, and
// nobody is told a state that the server has meanwhile called into question.

import { setTimeout as sleep } from 'node:timers/promises'
import { type JsonObject, RegistryError } from '../../lib/index.ts'
import type { Judged } from './compare/judge.ts'

/** Between two checks of a server that says its list has changed whenever it has been read. */
const FIRST_PAUSE = 10
const LONGEST_PAUSE = 1_000

export interface Watch {
  /** The state, at most `maxAge` milliseconds old, and of a list that stands still. Throws what listing throws, or STALE. */
  current(maxAge: number): Promise<Judged>
  /** The server has said, or done, something after which the state no longer counts. */
  doubt(): void
}

interface WatchOptions {
  list(timeout: number): Promise<readonly JsonObject[]>
  judge(listed: readonly JsonObject[]): Judged
  onJudged(judged: Judged): void
  readonly timeout: number
}

export function createWatch({ list, judge, onJudged, timeout }: WatchOptions): Watch {
  let state: { readonly judged: Judged; readonly at: number } | undefined
  let checking: Promise<void> | undefined
  let doubts = 0

  const check = async (left: number): Promise<void> => {
    const [before, at] = [doubts, performance.now()]
    try {
      const judged = judge(await list(left))
      onJudged(judged)
      state = doubts === before ? { judged, at } : undefined
    } catch (error) {
      // What was known before is not known to hold any more.
      state = undefined
      throw error
    }
  }

  return {
    doubt: () => {
      doubts++
      state = undefined
    },
    current: async (maxAge) => {
      const start = performance.now()
      let pause = FIRST_PAUSE
      for (let isFirst = true; ; isFirst = false) {
        // A state that was asked for after this call began is as new as can be.
        if (state !== undefined && state.at >= start - maxAge) return state.judged
        const left = start + timeout - performance.now()
        if (left <= 0) throw restless(timeout)
        if (!isFirst) {
          await sleep(Math.min(pause, left))
          pause = Math.min(pause * 2, LONGEST_PAUSE)
        }
        checking ??= check(left).finally(() => {
          checking = undefined
        })
        await checking
      }
    },
  }
}

function restless(timeout: number): RegistryError {
  return new RegistryError('STALE', 'The server’s list of tools does not stand still.', {
    expected: `a list that stays the same while it is read, within ${timeout} ms`,
    got: 'a change after every reading',
    next: 'Try again, or ask the server’s author why its tools change all the time.',
  })
}
