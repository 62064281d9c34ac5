// The network that a command dials from, as the configuration of the node beside it says.

import { openDialer } from '../node/index.ts'
import { type Invocation, textOption } from './command.ts'

export function dialerPlace(invocation: Invocation): Parameters<typeof openDialer>[0] {
  const { folder, home } = invocation
  return { file: textOption(invocation, 'config'), folder, home }
}

/** Not opened before somebody is dialled. */
export function dialerOf(invocation: Invocation): () => ReturnType<typeof openDialer> {
  return () => openDialer(dialerPlace(invocation))
}
