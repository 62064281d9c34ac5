// Opens a workspace on a home folder: the store (this process’s own, or shared with the node that is running), the keys, the
// clock.

import type { Workspace } from '../registry/index.ts'
import { openStore } from '../store/open.ts'
import { type Home, makeHome } from './home.ts'
import type { PolicyPlace } from './policy-file.ts'

export interface OpenWorkspaceOptions {
  readonly passphrase?: (keyName: string) => Promise<string | undefined>
  readonly now?: () => Date
  readonly signal?: AbortSignal
  /** Where a trust policy may be, beside the home folder’s. */
  readonly policy?: Pick<PolicyPlace, 'file' | 'environment' | 'folder'>
}

export async function openWorkspace(
  home: Home,
  options: OpenWorkspaceOptions = {},
): Promise<Workspace & AsyncDisposable> {
  await makeHome(home)
  const store = await openStore(home.store, options.signal ? { signal: options.signal } : {})
  const place = { ...(options.policy ?? { environment: {}, folder: home.folder }), home }
  return {
    store,
    keys: home.keys,
    passphrase: options.passphrase ?? (async () => undefined),
    privateNamespaces: async () => {
      const { findPrivateNamespaces } = await import('./policy-file.ts')
      return await findPrivateNamespaces(place)
    },
    attestationsAsked: async (name) => {
      const { findAttestationsAsked } = await import('./policy-file.ts')
      return await findAttestationsAsked(place, name)
    },
    quorumWitnesses: async () => {
      const { findQuorumWitnesses } = await import('./policy-file.ts')
      return await findQuorumWitnesses(place)
    },
    now: options.now ?? (() => new Date()),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
