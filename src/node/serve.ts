// A serving node: answers peers from its store, and shares that store with the other commands on this machine.

import { openHomeDesk, type Workspace, withoutPrivate } from '../registry/index.ts'
import { localSource } from '../resolve/index.ts'
import { shareStore } from '../store/index.ts'
import {
  createBudgets,
  type Network,
  openLibp2pNetwork,
  SUBMISSION_BUDGET,
  serveSource,
} from '../sync/index.ts'
import type { Home } from './home.ts'
import { ensureNodeKey } from './node-key.ts'

export interface Serving extends AsyncDisposable {
  readonly addresses: readonly string[]
  readonly peerId: string
}

export interface ServeNodeOptions {
  readonly listen?: readonly string[]
  /** Take entries of the own log that others have signed; the log key is then held in memory. */
  readonly acceptSubmissions?: boolean
}

const DEFAULT_LISTEN: readonly string[] = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']

/** Everything is open when this resolves; disposing it closes in the reverse order. KEY_MISSING or KEY_LOCKED for a home without its key. */
export async function serve(
  home: Home,
  workspace: Workspace,
  options: ServeNodeOptions = {},
): Promise<Serving> {
  const desk = options.acceptSubmissions === true ? await openHomeDesk(workspace) : undefined
  // Before anything is open: a policy that cannot be read hides nothing.
  const namespaces = (await workspace.privateNamespaces?.()) ?? []
  const shared = await shareStore(workspace.store, home.store)
  let network: Network
  try {
    const privateKey = await ensureNodeKey(home)
    network = await openLibp2pNetwork({ listen: options.listen ?? DEFAULT_LISTEN, privateKey })
  } catch (error) {
    await shared[Symbol.asyncDispose]()
    throw error
  }
  const source = withoutPrivate(localSource(workspace.store), {
    store: workspace.store,
    namespaces,
  })
  // One budget a peer, however many channels it opens.
  const budgetOf = createBudgets()
  const submissionsOf = createBudgets(SUBMISSION_BUDGET)
  network.handle(async (channel) => {
    const { remote } = channel
    using home = desk?.connect(remote)
    const [budget, submissions] = [budgetOf(remote), submissionsOf(remote)]
    await serveSource(channel, source, { budget, submissions, home })
  })
  return {
    addresses: network.addresses,
    peerId: network.peerId,
    [Symbol.asyncDispose]: async () => {
      await network[Symbol.asyncDispose]()
      await shared[Symbol.asyncDispose]()
    },
  }
}
