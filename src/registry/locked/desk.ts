// Where lockfile and policy lie open beside each other: what each command over the lockfile begins with, and what the policy says of a
// release that is proven: what it allows, what it leaves to a person, and what it refuses.

import type { LockedPosition, VerifiedRelease } from '../../resolve/index.ts'
import { type PublisherId, splitName } from '../../spec/index.ts'
import { type Decision, decide, type Policy } from '../../trust/index.ts'
import { type PolicyInForce, releaseEvidence } from '../policy/evidence.ts'
import type { Workspace } from '../workspace.ts'
import type { LockFile } from './lock-file.ts'

/** What the policy says about these tools of a release. */
export type Judge = (release: VerifiedRelease, tools: readonly string[]) => Promise<Decision>

export interface Desk {
  readonly file: LockFile
  readonly policy: Policy
  /** Undefined where there is no such file. */
  readonly policyPath: string | undefined
  readonly judge: Judge
}

/** Whose log a name is looked for in: as the policy says, else as the lock does. Undefined leaves it to the pins. */
export function publisherSaid({ file, policy }: Desk, name: string): PublisherId | undefined {
  const { namespace } = splitName(name)
  const row = policy.publishers.find((one) => one.namespace === namespace && one.id !== undefined)
  if (row?.id !== undefined) return row.id
  const exact = file.lock.releases.get(name)
  const beside = [...file.lock.releases].find(
    ([other]) => splitName(other).namespace === namespace,
  )?.[1]
  return (exact ?? beside)?.publisher
}

/** Every state of a publisher’s log that the lock has seen. */
export function floorsIn({ lock }: LockFile, publisher: PublisherId): readonly LockedPosition[] {
  return [...lock.releases.values()]
    .filter((locked) => locked.publisher === publisher)
    .map(({ log }) => log)
}

/** Names of the tools of all other locked releases: what the same model sees beside this one. */
export function toolsBeside({ lock }: LockFile, name: string): readonly string[] {
  return [...lock.releases].flatMap(([other, { tools }]) =>
    other === name ? [] : [...tools.keys()],
  )
}

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

/** Tools of one name in two releases: an agent that is given both by their plain names could not tell whom it calls (T40). */
export function warnOfShadows(
  { lock }: LockFile,
  name: string,
  tools: readonly string[],
): readonly { readonly kind: 'shadowed'; readonly tool: string; readonly message: string }[] {
  return tools.flatMap((tool) =>
    [...lock.releases]
      .filter(([other, locked]) => other !== name && locked.tools.has(tool))
      .map(([other]) => ({
        kind: 'shadowed' as const,
        tool,
        message: `${tool} of ${name} has the name of a tool of ${other}, which is locked: an agent can load both only with prefixed names.`,
      })),
  )
}
