// The answering half of a node: what peers are told, from the store, without what is private or refused, within each peer’s budget.

import {
  type HomeDesk,
  type KeptInterest,
  tellFollows,
  withoutPrivate,
  withoutRefused,
} from '../../registry/index.ts'
import { localSource } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import {
  type Channel,
  createBudgets,
  createRoom,
  type HeadSet,
  SUBMISSION_BUDGET,
  serveSource,
  shareLogs,
  type Timers,
} from '../../sync/index.ts'

export interface ServingOptions {
  readonly store: Store
  readonly heads: HeadSet
  readonly interest: KeptInterest
  /** Namespaces that no peer hears of. */
  readonly hidden: readonly string[]
  readonly timers: Timers
  readonly now: () => Date
  readonly desk: HomeDesk | undefined
  /** What one peer may ask, in a second. */
  readonly budget: { readonly requests: number; readonly bytes: number }
}

export interface ServingHalf {
  serve(channel: Channel): Promise<void>
  /** When each log was asked for, in milliseconds since 1970. */
  readonly used: Map<PublisherId, number>
}

export function createServing(options: ServingOptions): ServingHalf {
  const { store, heads, interest, hidden, timers, now, desk, budget } = options
  const told = withoutPrivate(localSource(store), { store, namespaces: hidden })
  const { source, used } = withoutRefused(told, { store, interest, now })
  const privateNamespaces = async (): Promise<readonly string[]> => hidden
  const sharing = shareLogs(store, heads, {
    follows: () => tellFollows({ store, privateNamespaces }),
  })
  // One budget a peer, however many channels it opens.
  const limits = {
    requestsPerSecond: budget.requests,
    requestBurst: budget.requests * 4,
    bytesPerSecond: budget.bytes,
    byteBurst: budget.bytes * 8,
  }
  const budgetOf = createBudgets(limits, { timers })
  const room = createRoom()
  const submissionsOf = createBudgets(SUBMISSION_BUDGET, { timers })
  return {
    used,
    async serve(channel) {
      const { remote } = channel
      using home = desk?.connect(remote)
      const [own, submissions] = [budgetOf(remote), submissionsOf(remote)]
      await serveSource(channel, source, { budget: own, submissions, room, home, sharing, timers })
    },
  }
}
