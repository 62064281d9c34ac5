// The library’s face: one object over one home folder. Every method is a use case of `registry/`, with the peers it needs.

import { isCid } from '../cid/index.ts'
import { canonicalBytes, type JsonObject, RegistryError } from '../lib/index.ts'
import * as registry from '../registry/index.ts'
import type { LoadedTool } from '../registry/start/types.ts'
import { parseWitnessPolicy, type VerifiedTool } from '../resolve/index.ts'
import { type PublisherId, parsePublisherId, parseToolkit } from '../spec/index.ts'
import { type Environment, type Home, homeAt } from './home.ts'
import { createPeerBook, openDialer, rememberedPeers } from './peers.ts'
import { type StartOptions, start } from './start.ts'
import { type OpenWorkspaceOptions, openWorkspace } from './workspace.ts'

export interface RegistryOptions extends OpenWorkspaceOptions {
  /** Folder of keys and store; default TOOLMARK_HOME, else the user’s data folder. */
  readonly home?: string
  readonly environment?: Environment
}

export interface PullOptions extends registry.Running {
  /** Multiaddrs of nodes to ask, in order; default: those that earlier pulls succeeded from. */
  readonly from?: readonly string[]
  /** The publisher meant, pinned to the namespace once its release has verified. */
  readonly publisher?: string
  /** C2SP vkeys of witnesses who should have seen the log lately: STALE if they have not. */
  readonly witnesses?: readonly string[]
  /** How many of them; more than half unless said. */
  readonly quorum?: number
  /** How long ago at most, such as `36h`; 7 days unless said. */
  readonly maxStaleness?: string
}

/** Dispose it (`await using`) to release the store. Methods throw RegistryError only. */
export interface Registry extends AsyncDisposable {
  /** Makes this folder’s publisher, or answers the one that is there. */
  init(options?: { readonly passphrase?: string }): Promise<registry.InitResult>
  /** Signs and publishes toolkit documents, given as values or as the bytes of a file. */
  publish(
    toolkits: readonly (JsonObject | Uint8Array)[],
    running?: registry.Running,
  ): Promise<readonly registry.Published[]>
  /** Fetches `name[@range]` from the first peer whose answer verifies. */
  pull(reference: string, options?: PullOptions): Promise<registry.Pulled>
  /** Proves a release or tool that is here again: by `name[@range][#tool]` or by CID. Offline. */
  verify(target: string, options?: { readonly publisher?: string }): Promise<registry.Verified>
  /**
   * Frozen verified tools for an agent, offline: those of the lockfile, by the trust policy; or with `tools` those that are named, of the
   * `publishers` that are named. `home`, `environment` and `signal` are this registry’s own.
   */
  loadTools(request?: StartOptions): Promise<readonly LoadedTool[]>
  loadTools(request: registry.LoadToolsRequest): Promise<readonly VerifiedTool[]>
  list(): AsyncIterable<registry.Listed>
}

export async function openRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const home = homeAt(options.home, options.environment ?? process.env)
  const environment = options.environment ?? process.env
  const policy = { environment, folder: process.cwd() }
  const workspace = await openWorkspace(home, { policy, ...options })
  const peers = createPeerBook(() => openDialer({ home, folder: process.cwd() }))
  return {
    init: (how) => registry.init(workspace, how),
    publish: (toolkits, running) => registry.publish(workspace, toolkits.map(toToolkit), running),
    pull: async (reference, options = {}) => {
      const addresses = options.from ?? (await rememberedPeers(workspace.store))
      const publisher = parseChosen(options.publisher)
      const witnesses = policyOf(options)
      const request = { reference, peers: peers.peersAt(addresses), publisher, witnesses }
      return registry.pull(workspace, request, options)
    },
    verify: (target, { publisher } = {}) =>
      isCid(target)
        ? registry.verifyCid(workspace.store, target)
        : registry.verifyName(workspace.store, target, { publisher: parseChosen(publisher) }),
    loadTools: loadWith(workspace, home, options.environment),
    list: () => registry.listReleases(workspace.store),
    [Symbol.asyncDispose]: async () => {
      await peers[Symbol.asyncDispose]()
      await workspace[Symbol.asyncDispose]()
    },
  }
}

/**
 * For an agent that needs nothing else: opens the folder, proves the tools, closes it again. Without `tools` they are those of the lockfile
 * (`./tools.lock.json`), allowed by the trust policy (`./trust.toml`, else that of the home folder).
 */
export async function loadTools(request?: StartOptions): Promise<readonly LoadedTool[]>
export async function loadTools(
  request: registry.LoadToolsRequest & RegistryOptions,
): Promise<readonly VerifiedTool[]>
export async function loadTools(
  request: StartOptions | (registry.LoadToolsRequest & RegistryOptions) = {},
): Promise<readonly VerifiedTool[]> {
  if (!isNamed(request)) return (await start(request)).tools
  await using opened = await openRegistry(request)
  return await opened.loadTools(request)
}

function loadWith(
  { store, now }: registry.Workspace,
  { folder: home }: Home,
  environment: Environment | undefined,
): Registry['loadTools'] {
  async function load(
    request: StartOptions | registry.LoadToolsRequest = {},
  ): Promise<readonly LoadedTool[]> {
    // The overloads say which of the two comes of which.
    if (isNamed(request)) {
      return (await registry.loadTools(store, { now, ...request })) as readonly LoadedTool[]
    }
    return (await start({ now, ...request, home, environment }, store)).tools
  }
  return load
}

function isNamed(request: object): request is registry.LoadToolsRequest & RegistryOptions {
  return 'tools' in request || 'publishers' in request
}

/** An age or a quorum of nobody is a mistake to tell. */
function policyOf({ witnesses, quorum, maxStaleness: maxAge }: PullOptions) {
  if ((witnesses ?? quorum ?? maxAge) === undefined) return undefined
  return parseWitnessPolicy({ witnesses: witnesses ?? [], quorum, maxAge })
}

function toToolkit(source: JsonObject | Uint8Array): ReturnType<typeof parseToolkit> {
  return parseToolkit(source instanceof Uint8Array ? source : canonicalBytes(source))
}

function parseChosen(publisher: string | undefined): PublisherId | undefined {
  if (publisher === undefined) return undefined
  if (publisher === '') {
    throw new RegistryError('USAGE', 'The publisher id is empty.', {
      expected: 'p and 52 characters',
      got: 'nothing',
      next: 'Leave it out, or give the id that the publisher shows for itself.',
    })
  }
  return parsePublisherId(publisher)
}
