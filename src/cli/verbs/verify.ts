// registry verify: of everything that is locked, or of what is named. An agent waits for the first, so only the second is loaded on demand.

import type { Invocation } from '../command.ts'
import { verifyLocked } from './verify-locked.ts'

export async function run(invocation: Invocation): Promise<number | undefined> {
  if (invocation.options.locked === true) return await verifyLocked(invocation)
  const { verifyTargets } = await import('./verify-targets.ts')
  return await verifyTargets(invocation)
}
