// What a node is interested in, as all who ask see it: which logs it wants, keeps and serves. The most particular rule decides: publisher,
// refused namespace, namespace, a peer's list, mirror.

import type { PublisherId } from '../../spec/index.ts'
import type { Change } from '../../store/index.ts'
import type { Account } from './accounts.ts'
import type { LogBudget, Mirror } from './rules.ts'
import type { Scope } from './view.ts'

/** Logs that are not here yet are mirrored up to this part of the quota: the rest is for those here to grow. */
export const MIRROR_FILL = 0.9

/** Why a log is kept up with. `maybe`: nobody knows what it holds before it is here. */
export type Reason = 'publisher' | 'namespace' | 'list' | 'mirror' | 'maybe'

export interface Interest {
  /** Whether its entries are to be fetched. At once, and without a look at the store. */
  wants(publisher: PublisherId): boolean
  /** What a peer is asked for, and so told; undefined for everything. Nothing private is in it (T13). */
  readonly scope?: Scope | undefined
}

export interface KeptInterest extends Interest {
  /** Whether others are told of a log that is here: neither one that is refused, nor one with a private name in it. */
  serves(publisher: PublisherId): boolean
  /** Namespaces and publishers that others are never told of, as of now: what is private, and what is refused. */
  readonly unserved: readonly string[]
  /** Why this log is kept up with, whatever room is left. Undefined for one that nobody here follows. */
  reasonFor(publisher: PublisherId): Reason | undefined
  /** The refused namespace in which it has released. */
  refusedFor(publisher: PublisherId): string | undefined
  /** What may still be fetched of it. */
  roomFor(publisher: PublisherId): LogBudget
  /** Of every log here, as counted last. */
  accounts(): Iterable<Account>
  /** There is nobody to ask about. A peer would take an empty scope for everything. */
  readonly isEmpty: boolean
  readonly mirror: Mirror | undefined
  /** Bytes of all logs that are here for the mirror alone. */
  readonly mirrored: number
  /** What was committed. Rules and pins are read again; that has happened when `settled` resolves. */
  note(change: Pick<Change, 'put' | 'remove'>): void
  settled(): Promise<void>
  /** Reads everything again: another process may have changed it. */
  refresh(): Promise<void>
}
