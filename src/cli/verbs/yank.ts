// registry yank

import { yank } from '../../registry/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { expandTarget } from '../target.ts'
import { keyFiles, report } from './withdraw.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const [target = ''] = invocation.args
  const workspace = await invocation.workspace()
  const reference = await expandTarget(workspace.store, target)
  const reason = textOption(invocation, 'reason')
  const yanked = await yank(workspace, reference, { reason, keys: keyFiles(invocation) })
  const said = `Yanked ${yanked.name}@${yanked.version}: nobody new will get it.`
  return report(invocation, yanked, { said, about: {} })
}
