// A serving node: answers peers from its store, and shares that store with the other commands on this machine.

import { constants } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { RegistryError } from '../lib/index.ts'
import type { Workspace } from '../registry/index.ts'
import { localSource } from '../resolve/index.ts'
import { shareStore } from '../store/index.ts'
import {
  createBudgets,
  createNodeKey,
  type Network,
  openLibp2pNetwork,
  serveSource,
} from '../sync/index.ts'
import type { Home } from './home.ts'

export interface Serving extends AsyncDisposable {
  readonly addresses: readonly string[]
  readonly peerId: string
}

const DEFAULT_LISTEN: readonly string[] = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']

/** Everything is open when this resolves; disposing it closes in the reverse order. */
export async function serve(
  home: Home,
  workspace: Workspace,
  options: { readonly listen?: readonly string[] } = {},
): Promise<Serving> {
  const shared = await shareStore(workspace.store, home.store)
  let network: Network
  try {
    const privateKey = await ensureNodeKey(home)
    network = await openLibp2pNetwork({ listen: options.listen ?? DEFAULT_LISTEN, privateKey })
  } catch (error) {
    await shared[Symbol.asyncDispose]()
    throw error
  }
  const source = localSource(workspace.store)
  // One budget a peer, however many channels it opens.
  const budgetOf = createBudgets()
  network.handle((channel) => serveSource(channel, source, { budget: budgetOf(channel.remote) }))
  return {
    addresses: network.addresses,
    peerId: network.peerId,
    [Symbol.asyncDispose]: async () => {
      await network[Symbol.asyncDispose]()
      await shared[Symbol.asyncDispose]()
    },
  }
}

/** The key behind the peer id is made at the first start and kept, so that addresses stay true. */
async function ensureNodeKey(home: Home): Promise<Uint8Array> {
  try {
    return await readFile(home.nodeKey)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(home, cause)
  }
  const key = await createNodeKey()
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const file = await open(home.nodeKey, flags, 0o600)
  try {
    await file.writeFile(key)
    await file.sync()
  } finally {
    await file.close()
  }
  return key
}

function unreadable(home: Home, cause: unknown): RegistryError {
  return new RegistryError('FILE_UNAVAILABLE', 'The key of this node cannot be read.', {
    expected: home.nodeKey,
    got: (cause as NodeJS.ErrnoException).code ?? String(cause),
    next: 'Check its permissions, or remove it to get a new peer id.',
    cause,
  })
}
