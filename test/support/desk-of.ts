// A lockfile and a policy in a folder, without a command: what the use cases over the lockfile are handed.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  acceptProposal,
  type Desk,
  judgeBy,
  openLockFile,
  type Proposal,
  type Workspace,
  writeLockFile,
} from '../../src/registry/index.ts'
import { parsePolicy } from '../../src/trust/policy/index.ts'

export interface DeskFolder extends AsyncDisposable {
  readonly path: string
  /** The files as they are now. */
  open(): Promise<Desk>
  /** Writes the proposals with everything in them approved. */
  write(...proposals: readonly Proposal[]): Promise<void>
}

export async function makeDesk(workspace: Workspace, policyText: string): Promise<DeskFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'toolmark-test-'))
  const path = join(folder, 'tools.lock.json')
  const policy = parsePolicy(policyText)
  const judge = judgeBy(workspace, { policy, quorum: undefined })
  return {
    path,
    open: async () => ({ file: await openLockFile(path), policy, policyPath: 'trust.toml', judge }),
    write: async (...proposals) => {
      const file = await openLockFile(path)
      let lock = { ...file.lock, policy: policy.digest }
      for (const proposal of proposals) {
        const approved = new Set(proposal.asked.map(({ tool }) => tool.name))
        lock = { ...acceptProposal(lock, proposal, { approved, by: 'bob' }), policy: policy.digest }
      }
      await writeLockFile(file, lock)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
