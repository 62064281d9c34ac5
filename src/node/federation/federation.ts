// A node among others: keeps up with its peers, answers them, tells them what is new here, and stops cleanly. It works alike over libp2p and
// over the network inside a process; time and chance are handed in, so that a simulation can run hundreds of these and repeat every step.

import {
  type HomeDesk,
  type KeptInterest,
  listFollowed,
  openInterest,
  type Witness,
} from '../../registry/index.ts'
import { isPublisherId, type PublisherId } from '../../spec/index.ts'
import type { Change, Store } from '../../store/index.ts'
import {
  type Announcements,
  type HeadSet,
  type Network,
  openHeadSet,
  startAnnouncements,
  type Timers,
  watchHeads,
} from '../../sync/index.ts'
import type { Logger } from '../logger.ts'
import { findPeerId, peerIdOf } from '../peer-id.ts'
import { createBeat } from './beat.ts'
import { createGrowth } from './growth.ts'
import { createLedger } from './ledger.ts'
import { createMeet, type Speak } from './meeting.ts'
import { Outbox } from './outbox.ts'
import type { Pace } from './peer-state.ts'
import { runningStatus } from './running-status.ts'
import { Scheduler } from './scheduler.ts'
import { createServing } from './serving.ts'
import { speakOver } from './speak.ts'
import { type NodeStatus, readStoredStatus } from './status.ts'
import { createTally } from './tally.ts'
import { Wanted } from './wanted.ts'

export interface FederationOptions extends Partial<Pace> {
  /** Nobody else may commit to it but through `Federation.store`. */
  readonly store: Store
  /** Not disposed here. */
  readonly network: Network
  readonly timers: Timers
  readonly now: () => Date
  readonly log: Logger
  /** From 0 to 1. */
  readonly random?: () => number
  /** Addresses of peers that are kept up with. */
  readonly peers?: readonly string[]
  /** Namespaces that no peer hears of. */
  readonly hidden?: readonly string[]
  /** Sessions at a time, and how long one may take. */
  readonly sessions?: number
  readonly timeout?: number
  /** What one peer may ask in a second; bytes taken from one peer and of one publisher in an hour. */
  readonly budgets?: Partial<FederationBudgets>
  readonly announces?: boolean
  readonly newsLimit?: number
  /** Made over the store that it is given, so that what it writes is seen. */
  readonly openWitness?: (store: Store, interest: KeptInterest) => Witness
  /** How often a head that stays is cosigned anew. */
  readonly beacon?: number
  readonly openDesk?: (store: Store) => Promise<HomeDesk>
  /** Instead of the session over the network. */
  readonly speak?: Speak
}

interface FederationBudgets {
  readonly requests: number
  readonly bytes: number
  readonly fetchPeer: number
  readonly fetchPublisher: number
}

const GIB = 1024 ** 3
const BUDGETS: FederationBudgets = {
  requests: 1_000,
  bytes: 32 * 1024 ** 2,
  fetchPeer: 16 * GIB,
  fetchPublisher: 4 * GIB,
}
const PACE: Pace = { period: 60_000, backOff: 5_000, maxBackOff: 600_000 }
const HOUR_MS = 60 * 60_000

export interface Federation extends AsyncDisposable {
  /** The one to commit to: everything that happens to it is seen. */
  readonly store: Store
  readonly heads: HeadSet
  readonly interest: KeptInterest
  readonly witness: Witness | undefined
  status(): Promise<NodeStatus>
  /** Whole sessions now, with one peer or all. */
  syncSoon(peerId?: string): void
  /** Keep up with this peer from now on. Throws USAGE for an address without a peer id. */
  addPeer(address: string): void
}

/** Nothing is asked of anybody, and nobody is answered, before this has resolved. */
export async function createFederation(options: FederationOptions): Promise<Federation> {
  const { network, timers, now, log, random = Math.random, hidden = [] } = options
  const budgets = { ...BUDGETS, ...options.budgets }
  const tally = createTally()
  const interest = await openInterest(options.store, { privateNamespaces: async () => hidden })
  const heads = await openHeadSet(options.store, { hidden: interest.unserved })
  let onCommit = (_change: Change): void => {}
  const store = watchHeads(options.store, {
    note: async (change) => {
      await heads.note(change)
      onCommit(change)
    },
  })
  const desk = await options.openDesk?.(store)
  const witness = options.openWitness?.(store, interest)
  const peers = createLedger(budgets.fetchPeer, timers)
  const publishers = createLedger(budgets.fetchPublisher, timers)
  const serving = createServing({
    ...{ store, heads, interest, hidden, timers, now, desk, budget: budgets },
  })
  const speak = options.speak ?? speakOver({ network, store, heads, interest, timers, now })
  const growth = createGrowth(publishers)
  const meet = createMeet({
    ...{ store, interest, speak, timers, now, log, tally, peers, publishers },
    used: serving.used,
    takeGrown: growth.take,
  })
  const scheduler = new Scheduler({
    ...PACE,
    ...pick(options),
    timers,
    random,
    sessions: options.sessions ?? 4,
    timeout: options.timeout ?? HOUR_MS,
    meet: async (meeting) => {
      const hasMore = await meet(meeting)
      wanted.asked(meeting.hints)
      return hasMore
    },
  })
  const wanted = new Wanted({ timers, ask: (from, publisher) => scheduler.hint(from, publisher) })
  const announcements = listen()
  const outbox = new Outbox({ timers, tell })
  const started = now()
  const beat = createBeat({
    ...{ witness, timers, now, log, tally },
    every: options.beacon ?? HOUR_MS,
  })

  function listen(): Announcements | undefined {
    const { announcer } = network
    if (options.announces === false || announcer === undefined) return undefined
    const { newsLimit } = options
    return startAnnouncements(announcer, {
      ...{
        store,
        interest,
        timers,
        serves: (publisher: PublisherId) => interest.serves(publisher),
      },
      ...(newsLimit === undefined ? {} : { newsLimit }),
    })
  }

  /** Never throws: who is not told finds out by itself. */
  async function tell(publisher: PublisherId): Promise<void> {
    try {
      if (witness !== undefined && heads.itemOf(publisher)?.[0] !== 0) {
        const { kind } = await witness.cosignHead(publisher)
        if (kind === 'cosigned') tally.cosigned += 1
      }
    } catch (error) {
      log.warn('not-cosigned', { publisher, error })
    }
    try {
      if ((await announcements?.announce(publisher)) === true) tally.announced += 1
    } catch (error) {
      log.warn('not-announced', { publisher, error })
    }
  }

  onCommit = (change) => {
    interest.note(change)
    growth.note(change)
    for (const { table, key } of change.put ?? []) {
      if ((table !== 'head' && table !== 'fork') || !isPublisherId(key)) continue
      if (table === 'fork') log.warn('fork-known', { publisher: key })
      // Whoever told us has told the others as well, unless nobody here could verify it, or we have a word to add.
      const isKnown = wanted.arrived(key)
      if (table === 'fork' || !isKnown || witness !== undefined) outbox.add(key, table)
    }
  }

  function hear(): void {
    for (let item = announcements?.news.take(); item; item = announcements?.news.take()) {
      tally.heard += 1
      if (item.kind === 'head') {
        const { publisher, from, isPassedOn } = item
        wanted.add(publisher, from, isPassedOn && heads.itemOf(publisher) !== undefined)
      } else if (item.kind === 'overflow') {
        tally.overflows += 1
        for (const peerId of item.from) scheduler.soon(peerId)
      }
    }
  }

  function addPeer(address: string): void {
    scheduler.add({ peerId: peerIdOf(address), address, isKept: true, isConnected: false })
  }

  network.handle(async (channel) => {
    tally.served += 1
    await serving.serve(channel)
  })
  const stopPeers = network.onPeer(({ kind, peer }) => {
    log.debug(`peer-${kind}`, { ...peer })
    if (kind === 'gone') scheduler.gone(peer.peerId)
    else scheduler.add({ ...peer, isKept: false, isConnected: true })
  })
  const stopNews = announcements?.news.onNews(hear)
  hear()
  for (const address of options.peers ?? []) addPeer(address)
  for (const { kind, how, name } of (await listFollowed(store)).rules) {
    if (kind === 'list' && how === 'follow' && findPeerId(name) !== undefined) addPeer(name)
  }
  for (const peer of network.peers()) scheduler.add({ ...peer, isKept: false, isConnected: true })
  return {
    ...{ store, heads, interest, witness, addPeer },
    syncSoon: (peerId) => scheduler.soon(peerId),
    async status() {
      const stored = await readStoredStatus(store, heads.items.size)
      const parts = { network, scheduler, interest, wanted, tally, peers, publishers, witness }
      return { ...stored, node: runningStatus({ ...parts, started, timers }) }
    },
    async [Symbol.asyncDispose]() {
      stopPeers()
      stopNews?.()
      wanted[Symbol.dispose]()
      await Promise.all([scheduler, outbox, beat].map((part) => part[Symbol.asyncDispose]()))
    },
  }
}

function pick(options: Partial<Pace>): Partial<Pace> {
  const { period, backOff, maxBackOff } = options
  const given = Object.entries({ period, backOff, maxBackOff })
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}
