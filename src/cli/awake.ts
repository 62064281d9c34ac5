// Node's deadlines keep no process alive: one that waits for nothing else but a deadline ends before it comes, without an answer. That is what
// a pull is left with when its peer dies in the middle of a handshake.

const LONGEST_MS = 2 ** 31 - 1

/** The process lives at least until this is done. */
export async function awake<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, LONGEST_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
