// The library’s face: one object over one home folder. Every method is a use case of `registry/`, with the peers it needs.

import { isCid } from '../cid/index.ts'
import { canonicalBytes, type JsonObject, RegistryError } from '../lib/index.ts'
import * as registry from '../registry/index.ts'
import { parseWitnessPolicy, type VerifiedTool } from '../resolve/index.ts'
import { type PublisherId, parsePublisherId, parseToolkit } from '../spec/index.ts'
import { type Environment, homeAt } from './home.ts'
import { createPeerBook, openDialer, rememberedPeers } from './peers.ts'
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
  /** Frozen verified tools for an agent. Offline; refuses to run without publisher ids. */
  loadTools(request: registry.LoadToolsRequest): Promise<readonly VerifiedTool[]>
  list(): AsyncIterable<registry.Listed>
}

export async function openRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const home = homeAt(options.home, options.environment ?? process.env)
  const environment = options.environment ?? process.env
  const policy = { environment, folder: process.cwd() }
  const workspace = await openWorkspace(home, { policy, ...options })
  const peers = createPeerBook(openDialer)
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
    loadTools: (request) => registry.loadTools(workspace.store, { now: workspace.now, ...request }),
    list: () => registry.listReleases(workspace.store),
    [Symbol.asyncDispose]: async () => {
      await peers[Symbol.asyncDispose]()
      await workspace[Symbol.asyncDispose]()
    },
  }
}

/** `loadTools` for an agent that needs nothing else: opens the folder, proves the tools, closes it again. */
export async function loadTools(
  request: registry.LoadToolsRequest & RegistryOptions,
): Promise<readonly VerifiedTool[]> {
  await using opened = await openRegistry(request)
  return await opened.loadTools(request)
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
