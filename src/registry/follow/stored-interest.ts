// That interest, answered at once from what was read of the store: rules of the table `follow`, pins, who has released under which name, and
// how much room is left.

import type { PublisherId } from '../../spec/index.ts'
import type { Change, RecordKey, Store } from '../../store/index.ts'
import { isWithin } from '../private-names.ts'
import { type Account, isAccountKey, readAccount } from './accounts.ts'
import { type KeptInterest, MIRROR_FILL, type Reason } from './interest.ts'
import { FOLLOWED_BUDGET, type LogBudget, type Mirror, WIDE_BUDGET } from './rules.ts'
import { readView, type Scope, scopeOf, type View } from './view.ts'

export interface InterestOptions {
  /** Namespaces that no peer hears of. */
  readonly privateNamespaces?: (() => Promise<readonly string[]>) | undefined
}

/** Logs that were dropped here as nobody's interest, so that a liar cannot bring them again and again. */
const MANY_STRANGERS = 100_000

export async function openInterest(
  store: Store,
  options: InterestOptions = {},
): Promise<KeptInterest> {
  const interest = new StoredInterest(store, options)
  await interest.refresh()
  return interest
}

class StoredInterest implements KeptInterest {
  readonly #store: Store
  readonly #options: InterestOptions
  readonly #accounts = new Map<PublisherId, Account>()
  readonly #strangers = new Set<PublisherId>()
  #view: View | undefined
  #scope: Scope | undefined
  #isScopeStale = false
  #mirrored = 0
  #reading: Promise<void> | undefined
  #isStale = false

  constructor(store: Store, options: InterestOptions) {
    this.#store = store
    this.#options = options
  }

  get scope(): Scope | undefined {
    if (this.#isScopeStale && this.#view !== undefined) this.#scope = scopeOf(this.#view)
    this.#isScopeStale = false
    return this.#scope
  }

  get mirror(): Mirror | undefined {
    return this.#view?.mirror
  }

  get mirrored(): number {
    return this.#mirrored
  }

  get isEmpty(): boolean {
    const { scope } = this
    return scope !== undefined && scope.publishers.length + scope.namespaces.length === 0
  }

  wants(publisher: PublisherId): boolean {
    const reason = this.reasonFor(publisher)
    if (reason === undefined) return false
    const account = this.#accounts.get(publisher)
    if (reason === 'mirror' && account === undefined && !this.#hasRoomToMirror()) return false
    const { bytes, entries } = this.roomFor(publisher)
    return bytes > 0 && entries > 0
  }

  serves(publisher: PublisherId): boolean {
    const view = this.#view
    if (view === undefined || view.hidden.has(publisher)) return false
    if (publisher === view.own || view.follows.has(publisher)) return true
    return !view.never.has(publisher) && !view.refused.has(publisher)
  }

  get unserved(): readonly string[] {
    const view = this.#view
    if (view === undefined) return []
    const { privates, neverNamespaces, never, hidden, own } = view
    const mine = own !== undefined && hidden.has(own) ? [own] : []
    return [...privates, ...mine, ...neverNamespaces, ...never]
  }

  reasonFor(publisher: PublisherId): Reason | undefined {
    const view = this.#view
    if (view === undefined || publisher === view.own || view.hidden.has(publisher)) return undefined
    if (view.never.has(publisher)) return undefined
    if (view.follows.has(publisher)) return 'publisher'
    if (view.refused.has(publisher)) return undefined
    if (view.pinned.has(publisher) || view.members.has(publisher)) return 'namespace'
    if (view.listed.has(publisher)) return 'list'
    if (view.mirror !== undefined) return 'mirror'
    if (view.namespaces.length === 0 || this.#accounts.has(publisher)) return undefined
    return this.#strangers.has(publisher) ? undefined : 'maybe'
  }

  refusedFor(publisher: PublisherId): string | undefined {
    return this.#view?.refused.get(publisher)
  }

  accounts(): Iterable<Account> {
    return this.#accounts.values()
  }

  roomFor(publisher: PublisherId): LogBudget {
    const rule = this.#view?.follows.get(publisher)
    const { bytes, entries } =
      rule === undefined ? WIDE_BUDGET : { ...FOLLOWED_BUDGET, ...rule.budget }
    const account = this.#accounts.get(publisher)
    const left = {
      bytes: bytes - (account?.bytes ?? 0),
      entries: entries - (account?.entries ?? 0),
    }
    return { bytes: Math.max(0, left.bytes), entries: Math.max(0, left.entries) }
  }

  note({ put = [], remove = [] }: Pick<Change, 'put' | 'remove'>): void {
    for (const record of put) {
      if (isAccountKey(record)) this.#count(readAccount(record))
      else if (record.table === 'claim') this.#noteClaim(record.key)
      else if (changesRules(record)) this.#isStale = true
    }
    for (const key of remove) {
      if (isAccountKey(key)) this.#forget(key.key.slice(key.key.indexOf('/') + 1) as PublisherId)
      else if (changesRules(key)) this.#isStale = true
    }
    if (this.#isStale) this.refresh().catch(() => undefined) // Whoever waits in `settled` gets the error.
  }

  async settled(): Promise<void> {
    await this.#reading
    if (this.#isStale) await this.refresh()
  }

  /** One reading at a time; what changes meanwhile is read in the next. */
  async refresh(): Promise<void> {
    this.#isStale = true
    this.#reading ??= this.#readAll()
    await this.#reading
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#isStale) {
        this.#isStale = false
        const hidden = (await this.#options.privateNamespaces?.()) ?? []
        const { view, accounts } = await readView(this.#store, hidden)
        this.#view = view
        this.#accounts.clear()
        for (const account of accounts) this.#accounts.set(account.publisher, account)
        this.#isScopeStale = true
        this.#mirrored = accounts.reduce((sum, one) => sum + this.#mirroredBytes(one), 0)
      }
    } finally {
      this.#reading = undefined
    }
  }

  #hasRoomToMirror(): boolean {
    const quota = this.#view?.mirror?.quota ?? 0
    return this.#mirrored < quota * MIRROR_FILL
  }

  #mirroredBytes({ publisher, bytes }: Account): number {
    return this.reasonFor(publisher) === 'mirror' ? bytes : 0
  }

  #count(account: Account): void {
    const before = this.#accounts.get(account.publisher)
    if (before !== undefined) this.#mirrored -= this.#mirroredBytes(before)
    this.#accounts.set(account.publisher, account)
    this.#mirrored += this.#mirroredBytes(account)
  }

  #forget(publisher: PublisherId): void {
    const before = this.#accounts.get(publisher)
    if (before === undefined) return
    this.#mirrored -= this.#mirroredBytes(before)
    this.#accounts.delete(publisher)
    const [oldest] = this.#strangers
    if (this.#strangers.size >= MANY_STRANGERS && oldest !== undefined) {
      this.#strangers.delete(oldest)
    }
    this.#strangers.add(publisher)
  }

  /** Somebody has released under a name, perhaps for the first time. */
  #noteClaim(key: string): void {
    const view = this.#view
    if (view === undefined) return
    const slash = key.lastIndexOf('/')
    const publisher = key.slice(slash + 1) as PublisherId
    const namespace = key.slice(0, key.indexOf('/'))
    const account = this.#accounts.get(publisher)
    if (account !== undefined) this.#mirrored -= this.#mirroredBytes(account)
    if (view.privates.some((one) => isWithin(namespace, one))) view.hidden.add(publisher)
    const never = view.neverNamespaces.find((one) => isWithin(namespace, one))
    if (never !== undefined) view.refused.set(publisher, never)
    const isFollowed = view.namespaces.some((one) => isWithin(namespace, one))
    if (isFollowed && (view.pins.get(namespace) ?? publisher) === publisher) {
      view.members.add(publisher)
      this.#isScopeStale = true
    }
    if (account !== undefined) this.#mirrored += this.#mirroredBytes(account)
  }
}

function changesRules({ table, key }: RecordKey): boolean {
  if (table === 'pin') return true
  if (table === 'self') return key === 'publisher'
  return table === 'follow' && !key.startsWith('held/') && !key.startsWith('locked/')
}
