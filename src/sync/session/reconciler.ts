// Reconciliation as a session uses it: an answer in, the next message out, and the items that only the peer has, each publisher once.

import { isRegistryError, RegistryError, toHex } from '../../lib/index.ts'
import { ownerOf } from '../heads/item.ts'
import { misbehaved } from '../peer-errors.ts'
import type { Items } from '../reconcile/item-set.ts'
import { VERSION } from '../reconcile/message.ts'
import { continueReconcile, type Reconciling, startReconcile } from '../reconcile/reconcile.ts'
import type { Results } from './machine/events.ts'

export interface Reconciler {
  /** Undefined for the first message. Throws MESSAGE_INVALID for another version, PEER_MISBEHAVED for what is no answer. */
  next(answer: Uint8Array | undefined): Results['reconcile']
}

export function createReconciler(items: Items, remote: string): Reconciler {
  let state: Reconciling | undefined
  /** A peer can name a million states of one log: one is enough to ask for it. */
  const seen = new Set<string>()

  function isNew(item: Uint8Array): boolean {
    const key = `${item[0]}/${toHex(ownerOf(item))}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  }

  return {
    next(answer) {
      if (state === undefined || answer === undefined) {
        const first = startReconcile(items)
        state = first.state
        return { message: first.message, need: [] }
      }
      if (answer[0] !== VERSION) throw otherVersion(remote, answer[0] ?? 0)
      try {
        const next = continueReconcile(state, answer)
        state = next.state
        return { message: next.message, need: next.need.filter(isNew) }
      } catch (error) {
        if (!isRegistryError(error, 'MESSAGE_INVALID')) throw error
        throw misbehaved(remote, 'it does not reconcile as it should', error)
      }
    },
  }
}

function otherVersion(remote: string, version: number): RegistryError {
  return new RegistryError('MESSAGE_INVALID', `${remote} reconciles in another version.`, {
    expected: `version ${VERSION - 0x60} of Negentropy`,
    got: version < 0x60 || version > 0x6f ? 'something else' : `version ${version - 0x60}`,
    next: 'Synchronize with another peer, or update whichever node is older.',
  })
}
