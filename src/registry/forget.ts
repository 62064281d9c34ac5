// Taking pulled releases out of this store: their proofs, and the blocks that nothing else here needs. What was learned of their publishers stays
// (floors, revocations, forks, pins), so whoever pulls again is shown no older history (T1).

import type { Cid } from '../cid/index.ts'
import { isRegistryError, RegistryError } from '../lib/index.ts'
import { parseStatement } from '../log/index.ts'
import { evidenceKey, parseEvidence, parseEvidenceKey } from '../resolve/index.ts'
import { type PublisherId, parseReference, pickVersion } from '../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../store/index.ts'
import { toolsOf } from './follow/parts.ts'
import { sortUses, withoutNeeded } from './follow/piece.ts'
import { findLockfile } from './locked/hold.ts'
import { useRecord } from './use.ts'

interface Pulled {
  readonly name: string
  readonly version: string
  readonly publisher: PublisherId
}

export interface Forgotten extends Pulled {
  /** Blocks that went with it; those that others use are still here. */
  readonly blocks: number
}

export interface ForgetRequest {
  /** `NAME[@RANGE]`: every version that fits. */
  readonly references: readonly string[]
  /** Of this publisher alone. */
  readonly publisher?: PublisherId | undefined
}

/** Throws NOT_FOUND for a reference that fits nothing that was pulled, CONFLICT for a release that a lockfile names; nothing is forgotten then. */
export async function forget(store: Store, request: ForgetRequest): Promise<readonly Forgotten[]> {
  const all = await listPulled(store)
  const chosen = new Set<Pulled>()
  for (const reference of request.references) {
    for (const pulled of await choose(store, reference, request.publisher, all)) chosen.add(pulled)
  }
  for (const pulled of chosen) await assertNotLocked(store, pulled)
  const forgotten: Forgotten[] = []
  for (const pulled of chosen) forgotten.push({ ...pulled, blocks: await forgetOne(store, pulled) })
  return forgotten
}

async function listPulled(store: Store): Promise<readonly Pulled[]> {
  const all: Pulled[] = []
  for await (const { key } of store.listRecords('evidence')) all.push(parseEvidenceKey(key))
  return all
}

async function choose(
  store: Store,
  reference: string,
  publisher: PublisherId | undefined,
  all: readonly Pulled[],
): Promise<readonly Pulled[]> {
  const { name, range, tool } = parseReference(reference)
  if (tool !== undefined) throw notOne(reference)
  const held = all.filter(
    (one) => one.name === name && (publisher ?? one.publisher) === one.publisher,
  )
  const chosen = fitting(held, range)
  if (chosen.length > 0) return chosen
  throw new RegistryError('NOT_FOUND', `${reference} has not been pulled here.`, {
    expected: 'a release that was pulled',
    got: held.length === 0 ? 'nothing' : held.map(({ version }) => version).join(', '),
    next: (await isLogged(store, name))
      ? 'It is part of a log that is kept here whole: `registry unfollow` drops the logs of others.'
      : 'See `registry list`.',
  })
}

function fitting(held: readonly Pulled[], range: string | undefined): readonly Pulled[] {
  if (range === undefined) return held
  const versions = held.map(({ version }) => version)
  const among = range === 'latest' ? versions : undefined
  return held.filter(({ version }) => pickVersion(among ?? [version], range) === version)
}

async function isLogged(store: Store, name: string): Promise<boolean> {
  for await (const _ of store.listRecords('claim', { prefix: `${name}/`, limit: 1 })) return true
  return false
}

async function assertNotLocked(store: Store, { name, version, publisher }: Pulled): Promise<void> {
  const file = await findLockfile(store, { name, version, publisher })
  if (file === undefined) return
  throw new RegistryError('CONFLICT', `A lockfile rests on ${name}@${version}.`, {
    expected: 'a release that nobody has locked',
    got: file,
    next: `Nothing was forgotten. Take it out there first: \`registry remove ${name}\`.`,
  })
}

/** One commit: the release is here with its proof, or neither is. */
async function forgetOne(store: Store, pulled: Pulled): Promise<number> {
  const { publisher } = pulled
  await using _lock = await store.lock(`log/${publisher}`)
  const key = evidenceRecord(pulled)
  const parts = await partsOf(store, key)
  if (parts === undefined || (await isLogHere(store, publisher))) {
    await store.commit({ remove: [key] })
    return 0
  }
  const others = await usedByOthers(store, pulled)
  const { drop, uses } = await sortUses(
    store,
    publisher,
    parts.contents.filter((cid) => !others.has(cid)),
  )
  const gone = await withoutNeeded(store, drop)
  const statement = (await isUsed(store, parts.statement)) ? [] : [parts.statement]
  const put = parts.contents.flatMap((cid) => others.get(cid) ?? [])
  await store.commit({ put, remove: [key, ...uses], drop: [...gone, ...statement] })
  return gone.length
}

/** A log that is here whole, or on its way, needs everything of its own. */
async function isLogHere(store: Store, publisher: PublisherId): Promise<boolean> {
  const found = await store.findRecords([
    { table: 'head', key: publisher },
    { table: 'partial', key: publisher },
  ])
  return found.some((value) => value !== undefined)
}

interface Parts {
  readonly statement: Cid
  /** The release and its tools. */
  readonly contents: readonly Cid[]
}

/** Undefined for a proof that is gone or cannot be read: nobody can tell what belongs to it. */
async function partsOf(store: Store, key: RecordKey): Promise<Parts | undefined> {
  const [value] = await store.findRecords([key])
  if (value === undefined) return undefined
  try {
    const { cid: statement, subject } = parseStatement(parseEvidence(value).entry.statement)
    const [release] = await store.findBlocks([subject])
    const tools = release === undefined ? [] : (toolsOf(release) ?? [])
    return { statement, contents: [subject, ...tools] }
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}

/** What the other releases of this publisher that were pulled consist of, and which of them each block belongs to then. */
async function usedByOthers(store: Store, gone: Pulled): Promise<ReadonlyMap<Cid, StoredRecord>> {
  const used = new Map<Cid, StoredRecord>()
  for (const pulled of await listPulled(store)) {
    const key = evidenceRecord(pulled)
    if (pulled.publisher !== gone.publisher || key.key === evidenceRecord(gone).key) continue
    const { contents } = (await partsOf(store, key)) ?? { contents: [] }
    for (const cid of contents) used.set(cid, useRecord(cid, pulled))
  }
  return used
}

async function isUsed(store: Store, cid: Cid): Promise<boolean> {
  for await (const _ of store.listRecords('use', { prefix: `${cid}/`, limit: 1 })) return true
  return false
}

function evidenceRecord(pulled: Pulled): RecordKey {
  return { table: 'evidence', key: evidenceKey(pulled) }
}

function notOne(reference: string): RegistryError {
  return new RegistryError('USAGE', 'A release is forgotten as a whole.', {
    expected: 'NAME[@RANGE]',
    got: reference,
    next: 'Leave out what follows the `#`.',
  })
}
