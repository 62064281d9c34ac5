// Opens a workspace on a home folder: the store (this process’s own, or shared with the node that is running), the keys, the
// clock.

import type { Workspace } from '../registry/index.ts'
import { openStore } from '../store/open.ts'
import { type Home, makeHome } from './home.ts'

export interface OpenWorkspaceOptions {
  readonly passphrase?: (keyName: string) => Promise<string | undefined>
  readonly now?: () => Date
  readonly signal?: AbortSignal
}

export async function openWorkspace(
  home: Home,
  options: OpenWorkspaceOptions = {},
): Promise<Workspace & AsyncDisposable> {
  await makeHome(home)
  const store = await openStore(home.store, options.signal ? { signal: options.signal } : {})
  return {
    store,
    keys: home.keys,
    passphrase: options.passphrase ?? (async () => undefined),
    now: options.now ?? (() => new Date()),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
