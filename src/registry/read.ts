// Looking without judging: what is here, what a block says, what a log holds. Bytes are re-hashed by the store; trust is not
// decided here (that is `verify`).

import type { Cid } from '../cid/index.ts'
import { isRegistryError, RegistryError } from '../lib/index.ts'
import {
  findHead,
  type History,
  type HistoryVersion,
  indexReader,
  type LogHead,
  type Notices,
  parseHistory,
  parseStatement,
  verifyName as proveIndexed,
  proveName,
  readEntries,
} from '../log/index.ts'
import { parseEvidenceKey } from '../resolve/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { findNews } from './lifecycle/news.ts'
import { pulledVersion, type Said, saidOf } from './lifecycle/warnings.ts'
import { readStill } from './publisher/own-state.ts'
import { findOwnPublisher } from './workspace.ts'

export interface Listed {
  readonly name: string
  readonly version: string
  readonly publisher: PublisherId
  /** `followed`: in the log of another, which is held here whole. */
  readonly from: 'published' | 'followed' | 'pulled'
  /** What its publisher has said of it since, as far as is known here. */
  readonly said?: Said
}

const ATTEMPTS = 4

export interface HeldHistory {
  readonly name: string
  readonly publisher: PublisherId
  readonly versions: History['versions']
  readonly notices: Notices | undefined
}

/** What the logs held here say of each name that is wanted, by name. */
export async function* listHistories(
  store: Store,
  wants: (publisher: PublisherId, name: string) => Promise<boolean> = async () => true,
  noticesOf: (publisher: PublisherId) => Promise<Notices | undefined> = noticesIn(store),
): AsyncIterable<HeldHistory> {
  for await (const { key } of store.listRecords('claim')) {
    const slash = key.lastIndexOf('/')
    const name = key.slice(0, slash)
    const publisher = key.slice(slash + 1) as PublisherId
    if (!(await wants(publisher, name))) continue
    const versions = await publishedVersions(store, publisher, name)
    yield { name, publisher, versions, notices: await noticesOf(publisher) }
  }
}

/** What the proofs of pulled releases say of each name, each of the version that was pulled. One that cannot be read says nothing. */
export async function listPulledHistories(store: Store): Promise<readonly HeldHistory[]> {
  const noticesOf = noticesIn(store)
  const names = new Map<
    string,
    HeldHistory & { readonly versions: Record<string, HistoryVersion> }
  >()
  for await (const { key, value } of store.listRecords('evidence')) {
    const { name, version, publisher } = parseEvidenceKey(key)
    const at = pulledVersion(value, version)
    if (at === undefined) continue
    const which = `${name}/${publisher}`
    const notices = await noticesOf(publisher)
    const known = names.get(which) ?? { name, publisher, versions: {}, notices }
    known.versions[version] = at
    names.set(which, known)
  }
  return [...names.values()]
}

/** Every release held here, by name; a log’s own releases first. */
export async function* listReleases(store: Store): AsyncIterable<Listed> {
  const own = await findOwnPublisher(store)
  const noticesOf = noticesIn(store)
  for await (const held of listHistories(store, undefined, noticesOf)) {
    const { name, publisher, versions, notices } = held
    for (const [version, at] of Object.entries(versions)) {
      const from = publisher === own ? 'published' : 'followed'
      yield { name, version, publisher, from, ...saying(saidOf(at, notices)) }
    }
  }
  for await (const { key, value } of store.listRecords('evidence')) {
    const held = parseEvidenceKey(key)
    const at = pulledVersion(value, held.version)
    yield { ...held, from: 'pulled', ...saying(saidOf(at, await noticesOf(held.publisher))) }
  }
}

/** Of each publisher read once. */
function noticesIn(store: Store): (publisher: PublisherId) => Promise<Notices | undefined> {
  const known = new Map<PublisherId, Promise<Notices | undefined>>()
  return (publisher) => {
    const notices = known.get(publisher) ?? findNotices(store, publisher)
    known.set(publisher, notices)
    return notices
  }
}

function saying(said: Said | undefined): { readonly said?: Said } {
  return said === undefined ? {} : { said }
}

async function findNotices(store: Store, publisher: PublisherId): Promise<Notices | undefined> {
  if ((await findHead(store, publisher)) === undefined) {
    return (await findNews(store, publisher))?.notices
  }
  return await readStill(store, publisher, ({ notices }) => notices)
}

/** Index nodes go as the log grows: what was read from under a publisher's hands is read again, at last in the publisher's turn. */
async function publishedVersions(
  store: Store,
  publisher: PublisherId,
  name: string,
): Promise<History['versions']> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const head = await findHead(store, publisher)
    if (head === undefined) return {}
    try {
      return await versionsAt(store, head, name)
    } catch (error) {
      if (!isRegistryError(error, 'NOT_FOUND')) throw error
    }
  }
  await using _lock = await store.lock(`log/${publisher}`)
  const head = await findHead(store, publisher)
  return head === undefined ? {} : await versionsAt(store, head, name)
}

/** NOT_FOUND when the index is no longer, or not wholly, here. */
async function versionsAt(store: Store, head: LogHead, name: string): Promise<History['versions']> {
  const read = indexReader(store, head.publisher)
  const nodes = await proveName(head.index, name, read)
  const cid = proveIndexed({ root: head.index, name, nodes })
  if (cid === undefined) return {}
  const [bytes] = await read([cid])
  if (bytes !== undefined) return parseHistory(bytes).versions
  throw new RegistryError('NOT_FOUND', `The history of ${name} is not here.`, {
    expected: cid,
    got: 'nothing',
    next: 'Run `registry doctor`; restore the store from a backup if it says so.',
  })
}

export interface LogLine {
  readonly seq: number
  readonly kind: string
  readonly statement: Cid
  readonly subject: Cid
  readonly name?: string
  readonly version?: string
}

/** Entries of a log held here in full, oldest first. NOT_FOUND when it is not. */
export async function* listLog(
  store: Store,
  publisher: PublisherId,
  range: { readonly from?: number; readonly to?: number } = {},
): AsyncIterable<LogLine> {
  const head = await getFullLog(store, publisher)
  const end = Math.min(head.size, range.to ?? head.size)
  for (let start = range.from ?? 0; start < end; start += 64) {
    const entries = await readEntries(store, publisher, { start, end: Math.min(end, start + 64) })
    for (const { statement: bytes } of entries) {
      const { kind, seq, cid, subject, ...rest } = parseStatement(bytes)
      const named = 'version' in rest ? { name: rest.name, version: rest.version } : {}
      yield { seq, kind, statement: cid, subject, ...named }
    }
  }
}

/** The newest state of a log held here in full. */
export async function getFullLog(store: Store, publisher: PublisherId): Promise<LogHead> {
  const head = await findHead(store, publisher)
  if (head !== undefined) return head
  throw new RegistryError('NOT_FOUND', 'This node does not hold that publisher’s log.', {
    expected: 'the log of a publisher held here',
    got: publisher,
    next: 'Run `registry log` without an id for your own log.',
  })
}
