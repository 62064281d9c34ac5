// What each log takes on this disk, counted once and kept: a record a log says up to which entry it is counted, so that a log that has
// grown is read from there. Content is counted to the byte, records beside it by what they usually take.

import type { Cid } from '../../cid/index.ts'
import { canonicalBytes } from '../../lib/index.ts'
import { findHead } from '../../log/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../../store/index.ts'
import { readParts } from './parts.ts'
import { countOf, readFields } from './rules.ts'

export interface Account {
  readonly publisher: PublisherId
  /** Entries that are counted. */
  readonly entries: number
  /** Statements, bundles, releases and tools, each once, and the records that make a log of them. */
  readonly bytes: number
  /** Milliseconds since 1970: when somebody last asked for it, or when it last grew. */
  readonly used: number
}

/** Entry, tree hashes, claim, uses and index nodes: 865 to 1,249 bytes an entry in logs of 100 to 3,000 releases of two tools. */
const RECORD_BYTES = 1_024
/** Names whose newest tools are remembered while a log is counted; of others they are looked up. */
const MANY_NAMES = 20_000
const PREFIX = 'held/'

const NONE: ReadonlySet<Cid> = new Set()

export function accountKey(publisher: PublisherId): RecordKey {
  return { table: 'follow', key: `${PREFIX}${publisher}` }
}

export function accountRecord({ publisher, entries, bytes, used }: Account): StoredRecord {
  return { ...accountKey(publisher), value: canonicalBytes({ entries, bytes, used }) }
}

/** What `accountRecord` has made, and nothing else. */
export function readAccount({ key, value, table }: StoredRecord): Account {
  return readFields({ table, key }, value, ({ entries, bytes, used }) => ({
    publisher: ownText(key, PREFIX.length) as PublisherId,
    entries: countOf(entries),
    bytes: countOf(bytes),
    used: countOf(used),
  }))
}

/** A string that is a part of another keeps all of that alive, and nodes remember a hundred thousand of these. */
function ownText(text: string, start: number): string {
  return Buffer.from(text, 'latin1').toString('latin1', start)
}

export function isAccountKey({ table, key }: RecordKey): boolean {
  return table === 'follow' && key.startsWith(PREFIX)
}

/** As they were counted last, by publisher. */
export async function* listAccounts(store: Store): AsyncIterable<Account> {
  for await (const record of store.listRecords('follow', { prefix: PREFIX })) {
    yield readAccount(record)
  }
}

export async function findAccount(
  store: Store,
  publisher: PublisherId,
): Promise<Account | undefined> {
  const key = accountKey(publisher)
  const [value] = await store.findRecords([key])
  return value === undefined ? undefined : readAccount({ ...key, value })
}

/** Bytes of a log and its blocks, counted on to its newest entry. 0 for a log that is not here. */
export async function bytesOf(store: Store, publisher: PublisherId, now: Date): Promise<number> {
  return (await bringUp(store, publisher, now))?.bytes ?? 0
}

/** Undefined for a log that is not here. */
export async function bringUp(
  store: Store,
  publisher: PublisherId,
  now: Date,
): Promise<Account | undefined> {
  const known = await findAccount(store, publisher)
  const head = await findHead(store, publisher)
  if (head === undefined) return undefined
  if (known?.entries === head.size) return known
  // A log that was put on another history is counted anew.
  const from = known !== undefined && known.entries < head.size ? known : undefined
  let bytes = from?.bytes ?? 0
  const seen = new Map<string, ReadonlySet<Cid>>()
  // Counted from its genesis, a log shows every version of a name before the next.
  let isAllSeen = from === undefined
  for await (const { bytes: own, release } of readParts(store, head, from?.entries ?? 0)) {
    bytes += RECORD_BYTES + own
    if (release === undefined) continue
    bytes += release.bytes
    const before = seen.get(release.name) ?? (isAllSeen ? NONE : await release.toolsBefore())
    for (const [cid, length] of release.tools) if (!before.has(cid)) bytes += length
    if (seen.size >= MANY_NAMES) {
      seen.clear()
      isAllSeen = false
    }
    seen.set(release.name, new Set(release.tools.keys()))
  }
  const account = { publisher, entries: head.size, bytes, used: now.getTime() }
  await store.commit({ put: [accountRecord(account)] })
  return account
}
