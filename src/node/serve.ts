// A serving node: one among others, by its configuration. It shares its store with the other commands on this machine and tells how it is.

import { configureFollows, createWitness, openHomeDesk, type Workspace } from '../registry/index.ts'
import { assertUnshared, shareStore } from '../store/index.ts'
import { type Network, startKeeper, systemTimers, watchHeads } from '../sync/index.ts'
import type { NodeConfig } from './config/index.ts'
import { startDirectory } from './directory/index.ts'
import { createFederation, type Federation } from './federation/index.ts'
import type { Home } from './home.ts'
import type { Logger } from './logger.ts'
import { openCosigner } from './node-key.ts'
import { haveCosigned } from './serving/cosigning-desk.ts'
import { openHealth, openWitnessFace } from './serving/faces.ts'
import { startGivingBack } from './serving/give-back.ts'
import { openKeptPeers } from './serving/kept-peers.ts'
import { openNetwork } from './serving/network.ts'

export interface Serving extends AsyncDisposable {
  readonly addresses: readonly string[]
  readonly peerId: string
  /** Where /metrics, /healthz and /readyz are. */
  readonly http: string | undefined
  /** The vkey of this node as a witness, and where it is asked over HTTP. */
  readonly witness: { readonly vkey: string; readonly url: string | undefined } | undefined
}

export interface ServeNodeOptions {
  readonly config: NodeConfig
  readonly log: Logger
}

/** Everything is open when this resolves; disposing it closes in the reverse order. KEY_MISSING or KEY_LOCKED for a home without its key. */
export async function serve(
  home: Home,
  workspace: Workspace,
  { config, log }: ServeNodeOptions,
): Promise<Serving> {
  await assertUnshared(home.store)
  const open: AsyncDisposable[] = []
  let isStopping = false
  const close = async (): Promise<void> => {
    isStopping = true
    for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
  }
  const keep = <T extends AsyncDisposable>(one: T): T => {
    open.push(one)
    return one
  }
  try {
    const { connect, bootstrap } = config.peers
    const kept = await openKeptPeers(workspace.store, [...connect, ...bootstrap])
    const network = keep(await openNetwork(home, config, kept))
    const federation = keep(await federate(home, workspace, { config, log, network, keep }))
    const store = watchHeads(federation.store, kept)
    keep(startKeeper(network, { store, configured: connect, bootstrap }))
    keep(startDirectory({ ...federation, network, log, timers: systemTimers }))
    const status = async (): Promise<string> => JSON.stringify(await federation.status())
    keep(await shareStore(store, home.store, { status }))
    const http = await openHealth(config, federation, () => isStopping)
    if (http !== undefined) keep(http)
    const witness = await openWitnessFace(config, federation)
    if (witness?.listening !== undefined) keep(witness.listening)
    keep(startGivingBack(systemTimers))
    log.info('started', { peer: network.peerId, addresses: network.addresses, http: http?.url })
    return {
      addresses: network.addresses,
      peerId: network.peerId,
      http: http?.url,
      witness: witness && { vkey: witness.vkey, url: witness.listening?.url },
      [Symbol.asyncDispose]: async () => {
        log.info('stopping')
        await close()
        log.info('stopped')
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

interface Parts extends ServeNodeOptions {
  readonly network: Network
  /** To be closed with the rest. */
  readonly keep: <T extends AsyncDisposable>(one: T) => T
}

async function federate(
  home: Home,
  workspace: Workspace,
  { config, log, network, keep }: Parts,
): Promise<Federation> {
  const { store, now } = workspace
  const { follow, mirror, sync, budgets, witness } = config
  const quota = mirror.enabled ? mirror.quota : undefined
  await configureFollows(store, { ...follow, quota }, now())
  // A policy that cannot be read hides nothing: then nobody is told anything.
  const hidden = (await workspace.privateNamespaces?.()) ?? []
  const cosigner = witness.enabled ? await openCosigner(home, witness.name) : undefined
  return await createFederation({
    ...{ store, network, log, now, hidden, timers: systemTimers },
    ...sync,
    peers: config.peers.connect,
    announces: config.announce.enabled,
    newsLimit: config.announce.queue,
    beacon: witness.beacon,
    budgets: {
      requests: budgets.peerRequests,
      bytes: budgets.peerBytes,
      fetchPeer: budgets.fetchPeer,
      fetchPublisher: budgets.fetchPublisher,
    },
    ...(cosigner === undefined
      ? {}
      : {
          openWitness: (watched, interest) =>
            createWitness(watched, cosigner, {
              now,
              isHidden: async (publisher) => !interest.serves(publisher),
            }),
        }),
    ...(config.acceptSubmissions
      ? {
          openDesk: async (watched) => {
            const mine = { ...workspace, store: watched }
            return keep(haveCosigned(await openHomeDesk(mine), mine, log)).desk
          },
        }
      : {}),
  })
}
