// How long a session may take, how much it may bring, and how slow a peer may be. Each answer has a deadline of its own (client/link.ts); this
// stops a peer that keeps every one of those, a few bytes at a time or without an end (T36, T37).

import { RegistryError } from '../../lib/index.ts'
import type { Link } from '../client/link.ts'
import type { Timers } from '../timers.ts'

export interface SessionLimits {
  /** Bytes from the peer. */
  readonly bytes: number
  readonly milliseconds: number
  /** Bytes a second that a peer must send while something is asked of it. */
  readonly leastRate: number
  /** How long it may be slower than that. */
  readonly patienceMs: number
}

export const DEFAULT_LIMITS: SessionLimits = {
  bytes: 4 * 1024 ** 3,
  milliseconds: 30 * 60_000,
  leastRate: 1024,
  patienceMs: 15_000,
}

interface Watched {
  readonly link: Link
  readonly limits: SessionLimits
  readonly timers: Timers
  /** Called once, at the first limit that is met. */
  stop(error: RegistryError): void
}

/** Until it is disposed. `check` is to be called with every answer. */
export function watchPace({ link, limits, timers, stop }: Watched): Disposable & { check(): void } {
  const { remote } = link
  const started = { at: timers.now(), received: link.traffic.received }
  let last = { received: started.received, waits: link.outstanding > 0 }
  let cancel: (() => void) | undefined

  function check(): void {
    const received = link.traffic.received - started.received
    const milliseconds = timers.now() - started.at
    if (received > limits.bytes)
      stop(overLimit(remote, `${limits.bytes} bytes`, `${received} bytes`))
    else if (milliseconds > limits.milliseconds) {
      const [expected, got] = [limits.milliseconds, milliseconds].map((one) =>
        Math.round(one / 1000),
      )
      stop(overLimit(remote, `${expected} s`, `${got} s`))
    }
  }

  function look(): void {
    const { received } = link.traffic
    const least = (limits.leastRate * limits.patienceMs) / 1000
    if (last.waits && link.outstanding > 0 && received - last.received < least) {
      stop(tooSlow(remote, { least, got: received - last.received, ms: limits.patienceMs }))
    }
    last = { received, waits: link.outstanding > 0 }
    check()
    cancel = timers.after(limits.patienceMs, look)
  }

  cancel = timers.after(limits.patienceMs, look)
  return { check, [Symbol.dispose]: () => cancel?.() }
}

function overLimit(remote: string, expected: string, got: string): RegistryError {
  return new RegistryError('PEER_LIMIT', `A session with ${remote} brought more than one may.`, {
    expected: `at most ${expected}`,
    got,
    next: 'What has verified is kept; the next session goes on from there.',
  })
}

function tooSlow(
  remote: string,
  { least, got, ms }: { readonly least: number; readonly got: number; readonly ms: number },
): RegistryError {
  return new RegistryError('PEER_UNAVAILABLE', `The peer ${remote} sends too slowly.`, {
    expected: `${least} bytes in ${ms} ms`,
    got: `${got} bytes`,
    next: 'What has verified is kept. Use another peer.',
  })
}
