// What nobody has caught in a process that is to run for long: js-libp2p can be made to throw where no caller is (js-libp2p#3512). Going on
// would be going on with a state that nobody knows; so it is said in one line, everything is closed, and whoever supervises starts anew.

import { isRegistryError } from '../lib/index.ts'
import type { Logger } from '../node/logger.ts'
import { EXIT } from './exit.ts'

export interface Faults extends Disposable {
  /** Aborted at the first. */
  readonly signal: AbortSignal
}

/** What cannot be closed within this time is left to the next start, which takes a crash as well. */
const CLOSING_MS = 10_000

/** Rejected promises that nobody handles are among them. */
export function watchFaults(process: NodeJS.Process, log: Logger): Faults {
  const controller = new AbortController()
  const onFault = (error: unknown, origin: string): void => {
    log.error('fault', { origin, ...describe(error) })
    if (controller.signal.aborted) return
    setTimeout(() => process.exit(EXIT.FAILED), CLOSING_MS).unref()
    controller.abort()
  }
  process.on('uncaughtException', onFault)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      // After a fault the process is ending: what is thrown meanwhile must not end it before its store is closed.
      if (!controller.signal.aborted) process.off('uncaughtException', onFault)
    },
  }
}

/** The whole stack, line by line: all there is to find out by what has happened. */
function describe(error: unknown) {
  if (!(error instanceof Error)) return { code: 'UNEXPECTED', message: String(error) }
  const { code: ofSystem } = error as NodeJS.ErrnoException
  const code = isRegistryError(error) ? error.code : (ofSystem ?? 'UNEXPECTED')
  const stack = (error.stack ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
  return { code: String(code), message: `${error.name}: ${error.message}`, stack }
}
