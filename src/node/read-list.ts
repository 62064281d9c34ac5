// Asking a peer whom it follows, where its list is followed here.

import { isRegistryError } from '../lib/index.ts'
import { keepList, listFollowed, type ToldList } from '../registry/index.ts'
import type { Store } from '../store/index.ts'

/** Answers whether the list was read. One who does not say whom it follows is synchronized with all the same. Throws PEER_*. */
export async function readList(
  store: Store,
  address: string,
  ask: () => Promise<ToldList>,
): Promise<boolean> {
  const { rules } = await listFollowed(store)
  const id = lastPeerId(address)
  const isIt = (name: string): boolean =>
    name === address || (id !== undefined && lastPeerId(name) === id)
  const rule = rules.find(({ kind, name }) => kind === 'list' && isIt(name))
  if (rule === undefined) return false
  try {
    return await keepList(store, rule.name, await ask())
  } catch (error) {
    // An older peer, or one that tells nobody.
    if (isRegistryError(error, 'MESSAGE_INVALID') || isRegistryError(error, 'NOT_FOUND'))
      return false
    throw error
  }
}

/** Whom an address leads to: those before the last are relays. */
export function lastPeerId(address: string): string | undefined {
  return address.split('/p2p/').slice(1).at(-1)?.split('/')[0]
}
