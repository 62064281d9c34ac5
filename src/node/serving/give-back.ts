// Memory that a burst has taken and left, be it the reading of a large store or an attack: V8 keeps the room it has made for young objects, 32 MiB
// on a small heap and a hundred MB on a large one, until a process has been idle for longer than a busy machine may ever let it be. Pages that it
// has freed by itself it keeps as well, and counts them nowhere: they show in what the process has of the system.

import { readFileSync } from 'node:fs'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Timers } from '../../sync/index.ts'

const KIB = 1024
const MIB = 1024 * KIB
const EVERY_MS = 60_000
/** Less than that is not worth the tenth of a second that nobody is answered in. */
const MUCH = 24 * MIB
/** What V8 keeps of freed pages comes to 20 MiB after a few bursts. */
const GROWN = 16 * MIB

/** At once, when nobody is answered yet and a start has left up to that much behind, and then whenever there is much. */
export function startGivingBack(timers: Timers, taken: () => number = ownMemory): AsyncDisposable {
  let cancel = (): void => {}
  let least = Number.POSITIVE_INFINITY
  const giveBack = (): void => {
    collect()
    // What cannot be given back is in use, and no reason to try again.
    least = taken()
  }
  const look = (): void => {
    least = Math.min(least, taken())
    if (roomForYoung() >= MUCH || taken() - least >= GROWN) giveBack()
    lookAgain()
  }
  const lookAgain = (): void => {
    cancel = timers.after(EVERY_MS, look)
  }
  giveBack()
  lookAgain()
  return { [Symbol.asyncDispose]: async () => cancel() }
}

function roomForYoung(): number {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  return young?.physical_space_size ?? 0
}

/** Without files that are mapped, as the tables of a store are. Not known where there is no /proc: then it never grows. */
function ownMemory(): number {
  try {
    const status = readFileSync('/proc/self/status', 'latin1')
    return Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) * KIB
  } catch {
    return 0
  }
}

function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('globalThis.gc')
  if (typeof gc === 'function') gc({ type: 'major', flavor: 'last-resort' })
}
