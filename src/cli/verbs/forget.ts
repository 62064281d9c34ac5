// registry forget

import { forget } from '../../registry/index.ts'
import { parsePublisherId } from '../../spec/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { expandTarget } from '../target.ts'
import { safe } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, args } = invocation
  const id = textOption(invocation, 'publisher')
  const publisher = id === undefined ? undefined : parsePublisherId(id)
  const { store } = await invocation.workspace()
  const references = await Promise.all(args.map((word) => expandTarget(store, word)))
  const forgotten = await forget(store, { references, publisher })
  if (terminal.isJson) {
    terminal.json({ forgotten })
    return
  }
  for (const { name, version, blocks } of forgotten) {
    const many = blocks === 1 ? '1 block' : `${blocks} blocks`
    terminal.line(`forgot ${safe(`${name}@${version}`)}  ${many}`)
  }
}
