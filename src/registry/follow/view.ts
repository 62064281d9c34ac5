// What an interest is read from: everything in the store that decides whom this node keeps up with, in one pass.

import { openDraft } from '../../log/index.ts'
import { listPins } from '../../resolve/index.ts'
import { isPublisherId, type PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { isWithin } from '../private-names.ts'
import { findOwnPublisher } from '../workspace.ts'
import { type Account, listAccounts } from './accounts.ts'
import { findMirror, listRules, type Mirror, type Rule } from './rules.ts'

export interface View {
  readonly own: PublisherId | undefined
  readonly follows: ReadonlyMap<PublisherId, Rule>
  readonly never: ReadonlySet<PublisherId>
  /** Followed by namespace, where the namespace is pinned: who it means here is known. */
  readonly pinned: ReadonlySet<PublisherId>
  /** Followed namespaces that are pinned to nobody, as they are asked for. */
  readonly namespaces: readonly string[]
  readonly neverNamespaces: readonly string[]
  /** Those who have released in these namespaces, as far as is known here. Grow as logs do. */
  readonly members: Set<PublisherId>
  /** With the refused namespace. */
  readonly refused: Map<PublisherId, string>
  /** By lists of peers. */
  readonly listed: ReadonlySet<PublisherId>
  readonly pins: ReadonlyMap<string, PublisherId>
  readonly privates: readonly string[]
  /** Logs with a private name in them. */
  readonly hidden: Set<PublisherId>
  readonly mirror: Mirror | undefined
}

export interface Scope {
  readonly publishers: readonly PublisherId[]
  readonly namespaces: readonly string[]
}

/** Of `scope` (docs/protocol.md). */
const SCOPE_PUBLISHERS = 10_000
const SCOPE_NAMESPACES = 64

export async function readView(
  store: Store,
  privates: readonly string[],
): Promise<{ readonly view: View; readonly accounts: readonly Account[] }> {
  const rules = await Array.fromAsync(listRules(store))
  const own = await findOwnPublisher(store)
  const pins = new Map<string, PublisherId>()
  for await (const pin of listPins(store)) pins.set(pin.namespace, pin.publisher)
  const publishers = rules.filter(({ kind }) => kind === 'publisher')
  const named = (how: Rule['how'], from: readonly Rule[]): readonly Rule[] =>
    from.filter((rule) => rule.how === how)
  const lists = rules.flatMap(({ told }) => (told === undefined ? [] : [told]))
  const spaces = rules.filter(({ kind }) => kind === 'namespace')
  const neverNamespaces = named('never', spaces).map(({ name }) => name)
  const wanted = [
    ...named('follow', spaces).map(({ name }) => name),
    ...lists.flatMap(({ namespaces }) => namespaces),
  ]
  // Neither is asked for: what is private (T13), and what is refused.
  const unasked = [...privates, ...neverNamespaces]
  const followed = [...new Set(wanted)].filter((one) => !unasked.some((no) => isWithin(one, no)))
  const namespaces = followed.filter((one) => !pins.has(one) && !isPublisherId(one))
  const members = new Set<PublisherId>()
  for (const namespace of namespaces) {
    for await (const [name, publisher] of listClaims(store, namespace)) {
      // A squatter under a name that is pinned to somebody else is nobody's wish.
      if ((pins.get(name) ?? publisher) === publisher) members.add(publisher)
    }
  }
  const view: View = {
    own,
    follows: new Map(named('follow', publishers).map((rule) => [rule.name as PublisherId, rule])),
    never: new Set(named('never', publishers).map(({ name }) => name as PublisherId)),
    pinned: new Set(
      [...pins]
        .filter(([name]) => followed.some((one) => isWithin(name, one)))
        .map(([, publisher]) => publisher),
    ),
    namespaces,
    neverNamespaces,
    members,
    refused: await publishersIn(store, neverNamespaces),
    listed: new Set(lists.flatMap((told) => told.publishers)),
    pins,
    privates,
    hidden: new Set((await publishersIn(store, privates)).keys()),
    mirror: await findMirror(store),
  }
  if (own !== undefined && (await namesPrivate(store, own, privates))) view.hidden.add(own)
  return { view, accounts: await Array.fromAsync(listAccounts(store)) }
}

/**
 * Whoever follows more than fits into a question asks for everything: that tells less, and costs the peer more. Those known by their namespace
 * are asked for by their ids too, as far as they fit: a peer that holds no log but the proof of its fork cannot know what was released in it.
 */
export function scopeOf(view: View): Scope | undefined {
  if (view.mirror !== undefined) return undefined
  const isAsked = (publisher: PublisherId): boolean =>
    !view.never.has(publisher) && !view.hidden.has(publisher)
  // Of one’s own log a second history is asked for: its key is where it should not be (T5).
  const own = view.own === undefined ? [] : [view.own]
  const wanted = new Set([...own, ...view.follows.keys(), ...view.pinned, ...view.listed])
  const publishers = [...wanted].filter(isAsked).sort()
  const namespaces = [...view.namespaces].sort()
  if (publishers.length > SCOPE_PUBLISHERS || namespaces.length > SCOPE_NAMESPACES) return undefined
  const known = [...view.members].filter((one) => isAsked(one) && !wanted.has(one))
  if (publishers.length + known.length > SCOPE_PUBLISHERS) return { publishers, namespaces }
  return { publishers: [...publishers, ...known].sort(), namespaces }
}

/** Whoever has released in one of these namespaces, and in which. */
async function publishersIn(
  store: Store,
  namespaces: readonly string[],
): Promise<Map<PublisherId, string>> {
  const found = new Map<PublisherId, string>()
  for (const namespace of namespaces) {
    if (isPublisherId(namespace)) found.set(namespace, namespace)
    for await (const [, publisher] of listClaims(store, namespace)) found.set(publisher, namespace)
  }
  return found
}

/** Namespaces at or below this one, and who has released there. */
async function* listClaims(
  store: Store,
  namespace: string,
): AsyncIterable<readonly [string, PublisherId]> {
  const ends = isPublisherId(namespace) ? ['/'] : ['/', '.']
  for (const end of ends) {
    for await (const { key } of store.listRecords('claim', { prefix: `${namespace}${end}` })) {
      yield [key.slice(0, key.indexOf('/')), key.slice(key.lastIndexOf('/') + 1) as PublisherId]
    }
  }
}

/** A log can name what it has released nothing under yet: in a claim, in a delegation. */
async function namesPrivate(
  store: Store,
  own: PublisherId,
  privates: readonly string[],
): Promise<boolean> {
  if (privates.length === 0) return false
  await using _lock = await store.lock(`log/${own}`)
  const { authority, notices } = (await openDraft(store, own)).state
  const paths = [...notices.claims.keys(), ...authority.delegations.map(({ path }) => path)]
  return paths.some((path) => {
    const [namespace = ''] = path.split('/')
    return privates.some((one) => isWithin(namespace, one))
  })
}
