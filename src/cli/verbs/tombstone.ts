// registry tombstone

import { tombstone } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { expandTarget, meansCid } from '../target.ts'
import { assertMeant, keyFiles, report, requireText } from './withdraw.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const [target = ''] = invocation.args
  const reason = requireText(invocation, 'reason', 'why the bytes have to go')
  const workspace = await invocation.workspace()
  const meant = meansCid(target) ? target : await expandTarget(workspace.store, target)
  const lines = [
    `The bytes of ${meant} go, here and at every node that hears of it. There is no way back.`,
  ]
  await assertMeant(invocation, lines, 'Remove them?')
  const gone = await tombstone(workspace, meant, { reason, keys: keyFiles(invocation) })
  return report(invocation, gone, { said: `Removed the bytes of ${meant}.`, about: {} })
}
