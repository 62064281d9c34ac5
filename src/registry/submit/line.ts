// A line to a home node that is opened again when it breaks: what is done over it can be done again without harm, for whatever is in the
// log already is seen there first.

import { setTimeout as sleep } from 'node:timers/promises'
import { isRegistryError } from '../../lib/index.ts'
import type { Running } from '../workspace.ts'
import type { HomeNode } from './port.ts'

export type OpenHome = (options: {
  readonly signal?: AbortSignal
}) => Promise<HomeNode & AsyncDisposable>

export interface Line extends AsyncDisposable {
  /** Calls `use` again, over a new connection, when the one it was given fails. Throws PEER_UNAVAILABLE after the fifth in a row. */
  with<T>(use: (home: HomeNode) => Promise<T>): Promise<T>
  /** Waits, longer each time, and never in step with others who wait. */
  standBack(attempt: number): Promise<void>
}

/** A node takes few new connections at a time from one address, and may be starting anew. */
const CONNECTIONS = 5
const FIRST_REDIAL_MS = 250
const FIRST_WAIT_MS = 40
const LONGEST_WAIT_MS = 2_000

/** `random` answers from 0 to less than 1. */
export function openLine(open: OpenHome, random: () => number, running: Running): Line {
  const { signal } = running
  let home: (HomeNode & AsyncDisposable) | undefined

  async function close(): Promise<void> {
    const open = home
    home = undefined
    await open?.[Symbol.asyncDispose]()
  }

  async function wait(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal })
  }

  return {
    standBack: (attempt) =>
      wait(random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt)),
    async with(use) {
      for (let failures = 1; ; failures++) {
        try {
          home ??= await open(running)
          return await use(home)
        } catch (error) {
          if (!isRegistryError(error, 'PEER_UNAVAILABLE') || failures === CONNECTIONS) throw error
        }
        await close()
        await wait((0.5 + random()) * FIRST_REDIAL_MS * 2 ** (failures - 1))
      }
    },
    [Symbol.asyncDispose]: close,
  }
}
