// The distributed table, put to use: it is told whose logs are here, and asked who has those that are followed and missing, or have gaps. Both a few at a
// time: each question goes through many strangers' nodes. What it answers is hearsay, good for one attempt to connect; whoever is reached
// that way is a peer like any other.

import { isRegistryError } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Network, Timers } from '../../sync/index.ts'
import type { Logger } from '../logger.ts'
import { type Here, heldHere, lackingHere, missingHere } from './here.ts'

export interface DirectoryOptions extends Here {
  readonly network: Network
  readonly timers: Timers
  readonly log: Logger
  /** From 0 to 1. */
  readonly random?: () => number
  /** Between two rounds; a log is told of again after so long. */
  readonly roundMs?: number
  readonly againMs?: number
}

/** Ten minutes: somebody who is followed and whom nobody here knows is found at the next round. */
const ROUND_MS = 10 * 60_000
/** Entries of the table live for two days; whoever tells again after hours survives that some of their keepers go. */
const AGAIN_MS = 4 * 60 * 60_000
/** Nobody can be asked before somebody is connected. */
const ALONE_MS = 2_000
/** A question to the table takes seconds. */
const MOST_TOLD_A_ROUND = 64
const MOST_ASKED = 16
/** Of those that say they hold it. */
const MOST_DIALLED = 3

interface Told {
  /** When. */
  readonly at: Map<PublisherId, number>
  /** Where in the set of heads, from 0 to 1: nodes that hold the same tell of different parts of it. */
  readonly from: number
}

export function startDirectory(options: DirectoryOptions): AsyncDisposable {
  const { network, timers, log, random = Math.random, roundMs = ROUND_MS } = options
  const told: Told = { at: new Map(), from: random() }
  const stop = new AbortController()
  let work: Promise<void> = Promise.resolve()
  let cancel = (): void => {}
  let asked = 0
  const round = async (): Promise<void> => {
    // Without anybody to ask, the answers would be our own.
    const isAlone = network.peers().length === 0
    try {
      if (!isAlone) {
        asked = await look(options, asked, stop.signal)
        await tell(options, told, stop.signal)
      }
    } catch (error) {
      if (!stop.signal.aborted && !isRegistryError(error, 'CLOSED')) {
        log.warn('directory-failed', { error })
      }
    }
    // Spread, so that nodes started together do not ask together.
    wait(isAlone ? Math.min(ALONE_MS, roundMs) : roundMs * (0.75 + random() / 2))
  }
  const wait = (pause: number): void => {
    if (stop.signal.aborted) return
    cancel = timers.after(pause, () => {
      work = round()
    })
  }
  if (network.directory !== undefined) wait(Math.min(ALONE_MS, roundMs))
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      cancel()
      await work
    },
  }
}

/** What went away meanwhile expires by itself. */
async function tell(options: DirectoryOptions, told: Told, signal: AbortSignal): Promise<void> {
  const { network, timers, log, againMs = AGAIN_MS } = options
  const held = await heldHere(options, told.from)
  const now = timers.now()
  for (const publisher of told.at.keys()) if (!held.has(publisher)) told.at.delete(publisher)
  const isDue = (publisher: PublisherId): boolean =>
    now >= (told.at.get(publisher) ?? now) + againMs
  const due = [...held].filter((publisher) => !told.at.has(publisher) || isDue(publisher))
  for (const publisher of due.slice(0, MOST_TOLD_A_ROUND)) {
    signal.throwIfAborted()
    try {
      const isTold = await network.directory?.provide(publisher, { signal })
      // Connected nodes need not take part in the table.
      if (isTold !== true) return
      told.at.set(publisher, timers.now())
    } catch (error) {
      signal.throwIfAborted()
      log.debug('not-provided', { publisher, error })
    }
  }
}

/** Answers where the next round goes on. */
async function look(
  options: DirectoryOptions,
  asked: number,
  signal: AbortSignal,
): Promise<number> {
  const missing = await missingHere(options)
  const start = asked < missing.length ? asked : 0
  const now = missing.slice(start, start + MOST_ASKED)
  for (const publisher of [...now, ...(await lackingHere(options))]) {
    signal.throwIfAborted()
    try {
      await reach(options, publisher, signal)
    } catch (error) {
      signal.throwIfAborted()
      options.log.debug('not-found', { publisher, error })
    }
  }
  return start + now.length
}

/** A connection is all there is to do: whoever is connected is asked about everything. */
async function reach(
  { network, log }: DirectoryOptions,
  publisher: PublisherId,
  signal: AbortSignal,
): Promise<void> {
  let dialled = 0
  for await (const { peerId, addresses } of network.directory?.find(publisher, { signal }) ?? []) {
    const [address] = addresses
    const isKnown = network.peers().some((peer) => peer.peerId === peerId)
    if (address === undefined || isKnown || peerId === network.peerId) continue
    dialled += 1
    try {
      await network.connect(address, { signal })
      log.debug('found', { publisher, peer: peerId })
    } catch (error) {
      signal.throwIfAborted()
      log.debug('not-reached', { publisher, peer: peerId, error })
    }
    if (dialled >= MOST_DIALLED) return
  }
}
