// A whole conversation in memory, with what it cost.

import { toHex } from '../../../src/lib/index.ts'
import type { Items } from '../../../src/sync/reconcile/item-set.ts'
import {
  answerReconcile,
  continueReconcile,
  type ReconcileOptions,
  startReconcile,
} from '../../../src/sync/reconcile/reconcile.ts'

export interface Talked {
  readonly need: ReadonlySet<string>
  readonly have: ReadonlySet<string>
  readonly rounds: number
  readonly bytes: number
  readonly longest: number
}

export function reconcile(
  client: Items,
  server: Items,
  options: { readonly client?: ReconcileOptions; readonly server?: ReconcileOptions } = {},
): Talked {
  const [need, have] = [new Set<string>(), new Set<string>()]
  let [bytes, longest] = [0, 0]
  let { state, message } = startReconcile(client, options.client)
  for (;;) {
    const answer = answerReconcile(server, message, options.server)
    bytes += message.length + answer.length
    longest = Math.max(longest, message.length, answer.length)
    const next = continueReconcile(state, answer)
    for (const item of next.need) need.add(toHex(item))
    for (const item of next.have) have.add(toHex(item))
    state = next.state
    if (next.message === undefined) return { need, have, rounds: state.rounds, bytes, longest }
    message = next.message
  }
}
