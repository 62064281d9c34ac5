// Memory that a burst has taken and left, be it the reading of a large store or an attack: V8 keeps the room it has made for young objects, 32 MiB
// on a small heap and a hundred MB on a large one, until a process has been idle for longer than a busy machine may ever let it be.

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Timers } from '../../sync/index.ts'

const EVERY_MS = 60_000
/** Less than that is not worth the tenth of a second that nobody is answered in. */
const MUCH = 24 * 1024 * 1024

/** At once, when nobody is answered yet and a start has left up to that much behind, and then whenever there is much. */
export function startGivingBack(timers: Timers): AsyncDisposable {
  let cancel = (): void => {}
  const look = (): void => {
    if (roomForYoung() >= MUCH) collect()
    lookAgain()
  }
  const lookAgain = (): void => {
    cancel = timers.after(EVERY_MS, look)
  }
  collect()
  lookAgain()
  return { [Symbol.asyncDispose]: async () => cancel() }
}

function roomForYoung(): number {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  return young?.physical_space_size ?? 0
}

function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('globalThis.gc')
  if (typeof gc === 'function') gc({ type: 'major', flavor: 'last-resort' })
}
