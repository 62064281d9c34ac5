// Asking a peer whom it follows, where its list is followed here.

import { isRegistryError } from '../lib/index.ts'
import { keepList, listFollowed, type ToldList } from '../registry/index.ts'
import type { Store } from '../store/index.ts'
import { findPeerId } from './peer-id.ts'

/** Answers whether it says something new. One who does not say whom it follows is synchronized with all the same. Throws PEER_*. */
export async function readList(
  store: Store,
  peerId: string | undefined,
  ask: () => Promise<ToldList>,
): Promise<boolean> {
  const { rules } = await listFollowed(store)
  const rule = rules.find(({ kind, how, name }) => {
    return kind === 'list' && how === 'follow' && findPeerId(name) === peerId
  })
  if (rule === undefined) return false
  try {
    return await keepList(store, rule.name, await ask())
  } catch (error) {
    // An older peer, or one that tells nobody.
    const isNoList =
      isRegistryError(error, 'MESSAGE_INVALID') || isRegistryError(error, 'NOT_FOUND')
    if (isNoList) return false
    throw error
  }
}
