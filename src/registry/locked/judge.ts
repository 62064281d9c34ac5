// The policy’s word about a release that is proven: what it allows, what it leaves to a person, and what it refuses.

import { type Decision, decide } from '../../trust/index.ts'
import { type PolicyInForce, releaseEvidence } from '../policy/evidence.ts'
import type { Workspace } from '../workspace.ts'
import type { Judge } from './desk.ts'

/** Strict about age: whoever writes a lockfile, or audits one, wants to know what is so by now (T2). */
export function judgeBy({ store, now }: Workspace, inForce: PolicyInForce): Judge {
  return async (release, tools) => {
    const asked = { release, tools, now: now() }
    const evidence = await releaseEvidence(store, inForce, asked)
    return decide(inForce.policy, evidence, { now: asked.now })
  }
}

/** Throws for what the policy refuses; answers whether a person’s yes is still missing. */
export function assertNotRefused({ kind, error }: Decision): boolean {
  if (kind === 'refused' && error !== undefined) throw error
  return kind === 'ask'
}
