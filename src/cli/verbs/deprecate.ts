// registry deprecate

import { deprecate } from '../../registry/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { expandTarget } from '../target.ts'
import { keyFiles, report } from './withdraw.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const [target = ''] = invocation.args
  const workspace = await invocation.workspace()
  const reference = await expandTarget(workspace.store, target)
  const deprecated = await deprecate(workspace, reference, {
    message: textOption(invocation, 'message'),
    successor: textOption(invocation, 'successor'),
    keys: keyFiles(invocation),
  })
  const said = `Deprecated ${deprecated.name}@${deprecated.version}: whoever uses it is told.`
  return report(invocation, deprecated, { said, about: {} })
}
