// Who was given how much lately. By it, one who asks for little is not made to wait for a crowd of whom each asks for as much as there is (T37).

export interface Shares {
  gave(remote: string, bytes: number): void
  /** Of these the one that was given least; the first among equals. */
  least(remotes: readonly string[]): string | undefined
}

/** When so much was given since the last time, all of it counts half. */
const LATELY_BYTES = 64 * 1024 * 1024
/** Less than that is nothing: a peer that has gone is forgotten. */
const NOTHING = 4 * 1024

export function createShares(): Shares {
  const given = new Map<string, number>()
  let since = 0

  function fade(): void {
    since = 0
    for (const [remote, bytes] of given) {
      if (bytes < 2 * NOTHING) given.delete(remote)
      else given.set(remote, bytes / 2)
    }
  }

  return {
    gave(remote, bytes) {
      given.set(remote, (given.get(remote) ?? 0) + bytes)
      since += bytes
      if (since > LATELY_BYTES) fade()
    },
    least(remotes) {
      let found: string | undefined
      for (const remote of remotes) {
        const isLess = (given.get(remote) ?? 0) < (given.get(found ?? '') ?? 0)
        if (found === undefined || isLess) found = remote
      }
      return found
    },
  }
}
