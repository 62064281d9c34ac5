// registry verify: of what is named, or of everything that is locked. The two share nothing, and an agent waits for the second: each loads its own.

import type { Invocation } from '../command.ts'

export async function run(invocation: Invocation): Promise<number | undefined> {
  const { run: verify } =
    invocation.options.locked === true
      ? await import('./verify-locked.ts')
      : await import('./verify-targets.ts')
  return await verify(invocation)
}
