// How a node is, for another process on this machine.

import { isJsonObject, RegistryError } from '../lib/index.ts'
import { askNode, type Store } from '../store/index.ts'
import { type NodeStatus, readStoredStatus } from './federation/status.ts'
import type { Home } from './home.ts'

export type { NodeStatus } from './federation/status.ts'

/** Asks the running node; `open` is for where there is none. */
export async function readStatus(home: Home, open: () => Promise<Store>): Promise<NodeStatus> {
  const answer = await askNode(home.store, 'status')
  if (answer === undefined) return { ...(await readStoredStatus(await open())), node: null }
  const status: unknown = JSON.parse(answer)
  // Our own node’s word: only its version can be another.
  if (isJsonObject(status) && typeof status.heads === 'number' && 'node' in status) {
    return status as unknown as NodeStatus
  }
  throw new RegistryError('MESSAGE_INVALID', 'The running node tells its status in another form.', {
    expected: 'heads, forks, lag and node',
    got: answer.slice(0, 80),
    next: 'Stop the node and start it with this version of the program.',
  })
}
