// A serving node: one among others, by its configuration. It shares its store with the other commands on this machine and tells how it is.

import { readBounded } from '../lib/index.ts'
import { configureFollows, createWitness, openHomeDesk, type Workspace } from '../registry/index.ts'
import { assertUnshared, shareStore } from '../store/index.ts'
import { type Network, openLibp2pNetwork, startKeeper, systemTimers } from '../sync/index.ts'
import type { NodeConfig } from './config/index.ts'
import { createFederation, type Federation, figuresOf } from './federation/index.ts'
import type { Home } from './home.ts'
import type { Logger } from './logger.ts'
import { ensureNodeKey, openCosigner } from './node-key.ts'

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

const NETWORK_KEY_BYTES = 4_096

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
    const network = keep(await openNetwork(home, config))
    const federation = keep(await federate(home, workspace, { config, log, network }))
    const { connect, bootstrap } = config.peers
    keep(startKeeper(network, { store: federation.store, configured: connect, bootstrap }))
    const status = async (): Promise<string> => JSON.stringify(await federation.status())
    keep(await shareStore(federation.store, home.store, { status }))
    const http = await openHealth(config, federation, () => isStopping)
    if (http !== undefined) keep(http)
    const witness = await openWitnessFace(config, federation)
    if (witness?.listening !== undefined) keep(witness.listening)
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

async function openNetwork(home: Home, config: NodeConfig): Promise<Network> {
  const { listen, external, peers, discovery, announce } = config
  const { relay, dht, mdns, holePunching: holePunch } = discovery
  const privateKey = await ensureNodeKey(home)
  const { privateNetwork } = peers
  const always = [...peers.connect, ...peers.bootstrap].flatMap((address) => {
    const id = address.split('/p2p/').at(-1)
    return id === undefined ? [] : [id]
  })
  return await openLibp2pNetwork({
    ...{ listen, announce: external, privateKey, mdns, gossip: announce.enabled },
    ...(dht === 'off' ? {} : { dht: { mode: dht } }),
    relay: { serve: relay === 'server', use: relay === 'client', holePunch },
    limits: { peers: peers.maxConnections, always },
    ...(privateNetwork === undefined
      ? {}
      : { networkKey: await readBounded(privateNetwork, NETWORK_KEY_BYTES) }),
  })
}

interface Parts extends ServeNodeOptions {
  readonly network: Network
}

async function federate(
  home: Home,
  workspace: Workspace,
  { config, log, network }: Parts,
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
      ? { openDesk: (watched) => openHomeDesk({ ...workspace, store: watched }) }
      : {}),
  })
}

/** The metrics library is loaded by who has asked for it. */
async function openHealth(
  { http }: NodeConfig,
  federation: Federation,
  isStopping: () => boolean,
): Promise<(AsyncDisposable & { readonly url: string }) | undefined> {
  if (http.listen === undefined) return undefined
  const { createMetrics, serveHealth } = await import('../http/index.ts')
  const metrics = createMetrics(async () => figuresOf(await federation.status()))
  const listening = await serveHealth(http.listen, {
    metrics,
    health: {
      alive: async () => [],
      ready: async () => {
        if (isStopping()) return ['the node is stopping']
        try {
          await federation.store.findRecords([{ table: 'self', key: 'publisher' }])
          return []
        } catch {
          return ['the store cannot be read']
        }
      },
    },
  })
  return {
    url: listening.url,
    [Symbol.asyncDispose]: async () => {
      metrics[Symbol.dispose]()
      await listening[Symbol.asyncDispose]()
    },
  }
}

async function openWitnessFace(
  { witness: { listen } }: NodeConfig,
  { witness }: Federation,
): Promise<
  | {
      readonly vkey: string
      readonly listening: (AsyncDisposable & { readonly url: string }) | undefined
    }
  | undefined
> {
  if (witness === undefined) return undefined
  if (listen === undefined) return { vkey: witness.vkey, listening: undefined }
  const { serveWitness } = await import('../http/index.ts')
  return { vkey: witness.vkey, listening: await serveWitness(listen, witness) }
}
