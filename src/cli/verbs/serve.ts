// registry serve: runs until it is told to stop.

import { once } from 'node:events'
import { serve } from '../../node/serve.ts'
import { type Invocation, listOption } from '../command.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, signal, home } = invocation
  const workspace = await invocation.workspace()
  const listen = listOption(invocation, 'listen')
  await using node = await serve(home, workspace, {
    acceptSubmissions: invocation.options.acceptSubmissions === true,
    ...(listen.length === 0 ? {} : { listen }),
  })
  if (terminal.isJson) terminal.json({ peerId: node.peerId, addresses: node.addresses })
  terminal.line(`Serving as ${node.peerId}`)
  for (const address of node.addresses) terminal.line(`  ${address}`)
  terminal.remark('Others pull with: registry pull NAME --from ADDRESS. Stop with Ctrl-C.')
  if (!signal.aborted) await once(signal, 'abort')
  terminal.remark('Stopping.')
}
