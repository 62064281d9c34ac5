// Time as something handed in, so that deadlines can be tested without waiting for them.

export interface Timers {
  /** Milliseconds from some fixed point; never goes back. */
  now(): number
  /** Calls once after so many milliseconds, unless the returned function is called before. */
  after(milliseconds: number, call: () => void): () => void
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, milliseconds)
    return () => clearTimeout(timer)
  },
}
