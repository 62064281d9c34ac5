// The policy’s word about a release that is proven: what it allows, what it leaves to a person, and what it refuses.

import { findPin, type VerifiedRelease } from '../../resolve/index.ts'
import { lintTool, splitName } from '../../spec/index.ts'
import { decide, type Policy } from '../../trust/index.ts'
import type { Workspace } from '../workspace.ts'
import { advisoriesAgainst, blocksOf } from './advisories.ts'
import type { Judge } from './desk.ts'

export function judgeBy({ store, now }: Workspace, policy: Policy): Judge {
  return async (release, wanted) => {
    const { entry, cid } = release
    const tools = toolsOf(release, wanted)
    const pin = await findPin(store, splitName(entry.name).namespace)
    const evidence = {
      publisher: entry.publisher,
      name: entry.name,
      version: entry.version,
      release: cid,
      tools,
      pinned: pin?.publisher,
      signers: entry.signers,
      proven: ['release-signature', 'log-inclusion'] as const,
      witnessed: { kind: 'witnesses', first: undefined, newest: undefined } as const,
      attestations: [],
      advisories: await advisoriesAgainst(store, policy, blocksOf(release, wanted)),
      lint: () =>
        tools.flatMap(({ name, tool }) =>
          lintTool(tool).map((finding) => ({ tool: name, ...finding })),
        ),
    }
    const { kind, warnings, error } = decide(policy, evidence, { now: now(), allowStale: true })
    if (kind === 'refused' && error !== undefined) throw error
    return { isPrompt: kind === 'ask', error, warnings: warnings.map(toWarning) }
  }
}

function toolsOf({ tools }: VerifiedRelease, wanted: readonly string[]): VerifiedRelease['tools'] {
  return tools.filter(({ name }) => wanted.includes(name))
}

function toWarning(message: string): { readonly kind: string; readonly message: string } {
  return { kind: 'policy', message }
}
