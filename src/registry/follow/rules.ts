// What the table `follow` holds: whom this node keeps up with or refuses, how much room it gives them, and which logs somebody here has
// locked something of. Only this node writes these records: a bad one means damage.

import {
  canonicalBytes,
  isJsonObject,
  type Json,
  parseCanonical,
  RegistryError,
} from '../../lib/index.ts'
import { isPublisherId, type PublisherId } from '../../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../../store/index.ts'

export type RuleKind = 'publisher' | 'namespace' | 'list'

/** How much of one log is kept up with. */
export interface LogBudget {
  readonly bytes: number
  readonly entries: number
}

/** One that was named: room for 100,000 releases with evidence. */
export const FOLLOWED_BUDGET: LogBudget = { bytes: 1024 ** 3, entries: 1_000_000 }
/** One that came along with a namespace, a list or the mirror: strangers could be many. */
export const WIDE_BUDGET: LogBudget = { bytes: 256 * 1024 ** 2, entries: 100_000 }
/** What a peer has said that it follows: hints, and nobody’s word but its own. */
export interface ToldList {
  readonly publishers: readonly PublisherId[]
  readonly namespaces: readonly string[]
}

export interface Rule {
  readonly kind: RuleKind
  /** A publisher id, a namespace, or the address of the peer whose list it is. */
  readonly name: string
  /** `never`: not fetched, not served. */
  readonly how: 'follow' | 'never'
  /** RFC 3339 in UTC. For people: nothing is decided by it. */
  readonly since: string
  /** Whether peers that ask whom this node follows are told. */
  readonly isTold: boolean
  /** Instead of the usual one. */
  readonly budget?: Partial<LogBudget> | undefined
  /** Of a publisher that was refused because of a namespace in its log: that namespace. */
  readonly because?: string | undefined
  /** Of a list: what it said last. */
  readonly told?: ToldList | undefined
  /** Said by the configuration file of the node, and by nobody else. */
  readonly isConfigured?: boolean | undefined
}

export interface Mirror {
  /** Bytes for everything that is only mirrored. */
  readonly quota: number
  readonly since: string
  readonly isConfigured?: boolean | undefined
}

const MIRROR: RecordKey = { table: 'follow', key: 'mirror/all' }

export function ruleKey({ kind, name }: Pick<Rule, 'kind' | 'name'>): RecordKey {
  return { table: 'follow', key: `${kind}/${name}` }
}

export function ruleRecord(rule: Rule): StoredRecord {
  const { kind: _kind, name: _name, ...fields } = rule
  const set = Object.entries(fields).filter(([, value]) => value !== undefined)
  return { ...ruleKey(rule), value: canonicalBytes(Object.fromEntries(set) as Json) }
}

export function mirrorRecord(mirror: Mirror): StoredRecord {
  const { isConfigured, ...fields } = mirror
  const value = canonicalBytes(isConfigured === true ? { ...fields, isConfigured } : fields)
  return { ...MIRROR, value }
}

export function mirrorKey(): RecordKey {
  return MIRROR
}

/** By kind and name. STORE_CORRUPT at a record that is no rule. */
export async function* listRules(store: Store): AsyncIterable<Rule> {
  for (const kind of ['list', 'namespace', 'publisher'] as const) {
    const prefix = `${kind}/`
    for await (const { key, value } of store.listRecords('follow', { prefix })) {
      yield parseRule(kind, key.slice(prefix.length), value)
    }
  }
}

export async function findRule(
  store: Store,
  of: Pick<Rule, 'kind' | 'name'>,
): Promise<Rule | undefined> {
  const [value] = await store.findRecords([ruleKey(of)])
  return value === undefined ? undefined : parseRule(of.kind, of.name, value)
}

export async function findMirror(store: Store): Promise<Mirror | undefined> {
  const [value] = await store.findRecords([MIRROR])
  if (value === undefined) return undefined
  return readFields(MIRROR, value, ({ quota, since, isConfigured }) => ({
    quota: countOf(quota),
    since: textOf(since),
    ...(isConfigured === true ? { isConfigured } : {}),
  }))
}

function parseRule(kind: RuleKind, name: string, value: Uint8Array): Rule {
  return readFields({ table: 'follow', key: `${kind}/${name}` }, value, (fields) => {
    const { how, since, isTold, budget, because, told, isConfigured } = fields
    // A rule that is not wholly understood must not read as none: it may be one that refuses.
    if (how !== 'follow' && how !== 'never') throw new TypeError('no way to follow')
    if (kind === 'publisher' && !isPublisherId(name)) throw new TypeError('no publisher')
    return {
      kind,
      name,
      how,
      since: textOf(since),
      isTold: isTold === true,
      ...(budget === undefined ? {} : { budget: budgetOf(budget) }),
      ...(because === undefined ? {} : { because: textOf(because) }),
      ...(told === undefined ? {} : { told: toldOf(told) }),
      ...(isConfigured === true ? { isConfigured } : {}),
    }
  })
}

function budgetOf(value: Json): Partial<LogBudget> {
  if (!isJsonObject(value)) throw new TypeError('no budget')
  const { bytes, entries } = value
  return {
    ...(bytes === undefined ? {} : { bytes: countOf(bytes) }),
    ...(entries === undefined ? {} : { entries: countOf(entries) }),
  }
}

function toldOf(value: Json): ToldList {
  if (!isJsonObject(value)) throw new TypeError('no list')
  return {
    publishers: listOf(value.publishers).map((id) => {
      if (!isPublisherId(id)) throw new TypeError('no publisher')
      return id
    }),
    namespaces: listOf(value.namespaces),
  }
}

function listOf(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError('no list')
  return value.map(textOf)
}

function textOf(value: Json | undefined): string {
  if (typeof value !== 'string') throw new TypeError('no text')
  return value
}

export function countOf(value: Json | undefined): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw new TypeError('no count')
  return Number(value)
}

/** Throws STORE_CORRUPT for whatever `read` throws. */
export function readFields<T>(
  { table, key }: RecordKey,
  value: Uint8Array,
  read: (fields: Readonly<Record<string, Json>>) => T,
): T {
  try {
    const fields = parseCanonical(value, { maxBytes: 256 * 1024 })
    if (!isJsonObject(fields)) throw new TypeError('not an object')
    return read(fields)
  } catch (cause) {
    throw new RegistryError('STORE_CORRUPT', `The record of ${key} cannot be read.`, {
      expected: 'what this node wrote about whom it follows',
      got: 'other bytes',
      next: `Run \`registry unfollow ${key.slice(key.indexOf('/') + 1)}\`, and follow or refuse it again.`,
      evidence: { kind: 'record', table, key },
      cause,
    })
  }
}
