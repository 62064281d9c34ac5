// Saying whom this node keeps up with, and whom it refuses. Nothing is fetched or dropped here.

import { RegistryError } from '../../lib/index.ts'
import { listPins, publisherFor } from '../../resolve/index.ts'
import { isPublisherId, parseName, parseReference } from '../../spec/index.ts'
import type { RecordKey, Store } from '../../store/index.ts'
import { isWithin } from '../private-names.ts'
import { findOwnPublisher, type Workspace } from '../workspace.ts'
import {
  findMirror,
  findRule,
  type LogBudget,
  listRules,
  type Mirror,
  mirrorKey,
  mirrorRecord,
  type Rule,
  ruleKey,
  ruleRecord,
  type ToldList,
} from './rules.ts'

export type FollowTarget = Pick<Rule, 'kind' | 'name'>

export interface Followed {
  readonly rule: Rule
  /** False when this was so before. */
  readonly isNew: boolean
}

export interface FollowOptions {
  /** Refuse: neither fetch nor serve. */
  readonly never?: boolean
  /** Leave it out of what peers are told who ask for this node's list. */
  readonly untold?: boolean
  readonly budget?: Partial<LogBudget> | undefined
}

/** Longer than any multiaddr with a peer id and a relay. */
const ADDRESS = /^\/[\x21-\x7e]{1,999}$/

/**
 * A publisher id; a namespace; `NAMESPACE/NAME`, which means the publisher that is pinned to it; or the address of a peer, which means the
 * list of those whom it follows. Throws NAME_INVALID, PUBLISHER_UNPINNED.
 */
async function findTarget(store: Store, text: string): Promise<FollowTarget> {
  if (ADDRESS.test(text)) return { kind: 'list', name: text }
  if (isPublisherId(text)) return { kind: 'publisher', name: text }
  if (text.includes('/')) {
    const name = await publisherFor(store, parseReference(text).name)
    return { kind: 'publisher', name }
  }
  parseName(`${text}/x`)
  return { kind: 'namespace', name: text }
}

/** All of them, or none. Throws what `findTarget` throws, NAMESPACE_PRIVATE, and USAGE for what makes no sense. */
export async function follow(
  workspace: Workspace,
  texts: readonly string[],
  { never = false, untold = false, budget }: FollowOptions = {},
): Promise<readonly Followed[]> {
  const { store, now } = workspace
  const followed: Followed[] = []
  for (const text of texts) {
    const target = await findTarget(store, text)
    if (never) await assertRefusable(store, target)
    else await assertFollowable(workspace, target)
    const before = await findRule(store, target)
    const how = never ? 'never' : 'follow'
    const isSame = before?.how === how
    const told = isSame ? before.told : undefined
    const limits = budget ?? (isSame ? before.budget : undefined)
    const since = isSame ? before.since : now().toISOString()
    const rule = { ...target, how, since, isTold: !never && !untold, budget: limits, told } as const
    followed.push({ rule, isNew: !isSame })
  }
  await store.commit({ put: followed.map(({ rule }) => ruleRecord(rule)) })
  return followed
}

/** What was followed or refused no longer is. All of them, or none: NOT_FOUND for one that was neither. */
export async function unfollow(store: Store, texts: readonly string[]): Promise<readonly Rule[]> {
  const removed: Rule[] = []
  const remove: RecordKey[] = []
  for (const text of texts) {
    const target = await findTarget(store, text)
    const key = ruleKey(target)
    const [value] = await store.findRecords([key])
    if (value === undefined) {
      throw new RegistryError('NOT_FOUND', `${text} is neither followed nor refused here.`, {
        expected: 'what `registry follow` lists',
        got: text,
        next: 'Run `registry follow` without a name to see whom this node follows.',
      })
    }
    // A rule that has rotted goes like any other.
    const rule = (await findRule(store, target).catch(() => undefined)) ?? rotten(target)
    if (rule.isConfigured === true) throw configured(text)
    removed.push(rule)
    remove.push(key, ...(await followUps(store, target)))
  }
  await store.commit({ remove })
  return removed
}

export interface Following {
  readonly rules: readonly Rule[]
  readonly mirror: Mirror | undefined
}

export async function listFollowed(store: Store): Promise<Following> {
  return { rules: await Array.fromAsync(listRules(store)), mirror: await findMirror(store) }
}

/** Everything that peers have, within so many bytes; undefined for no longer. */
export async function setMirror(
  { store, now }: Pick<Workspace, 'store' | 'now'>,
  quota: number | undefined,
): Promise<Mirror | undefined> {
  const before = await findMirror(store)
  if (quota === undefined) {
    if (before?.isConfigured === true) throw configured('the mirror')
    await store.commit({ remove: [mirrorKey()] })
    return undefined
  }
  const mirror = { quota, since: before?.since ?? now().toISOString() }
  await store.commit({ put: [mirrorRecord(mirror)] })
  return mirror
}

/** What a peer has said that it follows, where its list is followed here. */
export async function keepList(store: Store, address: string, told: ToldList): Promise<boolean> {
  const rule = await findRule(store, { kind: 'list', name: address })
  if (rule === undefined || rule.how === 'never') return false
  // The same again is no change, and costs no write.
  if (JSON.stringify(told) === JSON.stringify(rule.told)) return false
  await store.commit({ put: [ruleRecord({ ...rule, told })] })
  return true
}

/** As many as fit into an answer (docs/protocol.md). */
const MOST_TOLD = 1_024

/**
 * What a peer is told that asks whom this node follows: what was named here and is no secret. Lists of other peers are not passed on: each
 * speaks for itself.
 */
export async function tellFollows({
  store,
  privateNamespaces,
}: Pick<Workspace, 'store' | 'privateNamespaces'>): Promise<ToldList> {
  const hidden = (await privateNamespaces?.()) ?? []
  const rules = (await Array.fromAsync(listRules(store))).filter(
    ({ how, isTold, name }) =>
      how === 'follow' && isTold && !hidden.some((one) => isWithin(name, one)),
  )
  const named = (kind: Rule['kind']): readonly string[] =>
    rules.filter((rule) => rule.kind === kind).map(({ name }) => name)
  return {
    publishers: named('publisher').filter(isPublisherId).slice(0, MOST_TOLD),
    namespaces: named('namespace').slice(0, MOST_TOLD),
  }
}

async function assertFollowable(
  { store, privateNamespaces }: Workspace,
  { kind, name }: FollowTarget,
): Promise<void> {
  const hidden = (await privateNamespaces?.())?.find((one) => isWithin(name, one))
  if (kind !== 'list' && hidden !== undefined) {
    throw new RegistryError('NAMESPACE_PRIVATE', `${name} is never asked of peers.`, {
      expected: 'a publisher or namespace outside the private namespaces of your trust policy',
      got: `${hidden} is private`,
      next: 'Take it out of [private] if others may know of it. Nothing was sent.',
    })
  }
  if (name !== (await findOwnPublisher(store))) return
  throw new RegistryError('USAGE', 'Your own log is written here: there is nobody to follow.', {
    expected: 'another publisher',
    got: name,
    next: 'Name a publisher whose log another node has.',
  })
}

async function assertRefusable(store: Store, { kind, name }: FollowTarget): Promise<void> {
  if (kind === 'list') {
    throw new RegistryError('USAGE', 'A peer’s list can be followed or not; it is never refused.', {
      expected: 'a publisher or a namespace',
      got: name,
      next: `To follow it no longer: \`registry unfollow ${name}\`.`,
    })
  }
  if (name === (await findOwnPublisher(store))) {
    throw new RegistryError('USAGE', 'Your own log cannot be refused.', {
      expected: 'another publisher',
      got: name,
      next: 'To keep its names from others, list them under [private] in the trust policy.',
    })
  }
  for await (const pin of listPins(store)) {
    if (pin.publisher !== name && !isWithin(pin.namespace, name)) continue
    throw new RegistryError('USAGE', `${name} is trusted here: what is pinned is not refused.`, {
      expected: 'a publisher or namespace without a pin',
      got: `${pin.namespace} is pinned to ${pin.publisher}`,
      next: `If you mean it: \`registry pin remove ${pin.namespace}\` first.`,
    })
  }
}

/** Publishers that were refused because of this namespace. */
async function followUps(store: Store, target: FollowTarget): Promise<readonly RecordKey[]> {
  if (target.kind !== 'namespace') return []
  const keys: RecordKey[] = []
  for await (const rule of listRules(store)) {
    if (rule.because === target.name) keys.push(ruleKey(rule))
  }
  return keys
}

function configured(what: string): RegistryError {
  return new RegistryError('USAGE', `The configuration of this node says so of ${what}.`, {
    expected: 'what was said by a command',
    got: 'what the configuration file says',
    next: 'Change the file, and start the node again.',
  })
}

function rotten(target: FollowTarget): Rule {
  return { ...target, how: 'follow', since: '', isTold: false }
}
