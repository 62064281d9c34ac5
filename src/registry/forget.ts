// Taking pulled releases out of this store: their proofs, and the blocks that nothing else here needs. What was learned of their publishers stays
// (floors, revocations, forks, pins), so whoever pulls again is shown no older history (T1).

import type { Cid } from '../cid/index.ts'
import { isRegistryError, RegistryError } from '../lib/index.ts'
import { parseStatement } from '../log/index.ts'
import { evidenceKey, parseEvidence, parseEvidenceKey } from '../resolve/index.ts'
import { type PublisherId, parseReference, pickVersion } from '../spec/index.ts'
import type { RecordKey, Store, StoredRecord, Table } from '../store/index.ts'
import { isLogHere } from './follow/evict.ts'
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
  const blocks = new Map<Pulled, number>()
  for (const [publisher, gone] of Map.groupBy(chosen, (pulled) => pulled.publisher)) {
    const counts = await forgetOf(store, publisher, gone)
    for (const pulled of gone) blocks.set(pulled, counts.get(evidenceKey(pulled)) ?? 0)
  }
  return [...chosen].map((pulled) => ({ ...pulled, blocks: blocks.get(pulled) ?? 0 }))
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
    next: (await hasAny(store, 'claim', name))
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

async function assertNotLocked(store: Store, { name, version, publisher }: Pulled): Promise<void> {
  const file = await findLockfile(store, { name, version, publisher })
  if (file === undefined) return
  throw new RegistryError('CONFLICT', `A lockfile rests on ${name}@${version}.`, {
    expected: 'a release that nobody has locked',
    got: file,
    next: `Nothing was forgotten. Take it out there first: \`registry remove ${name}\`.`,
  })
}

/** One commit: the releases are here with their proofs, or neither are. Answers the blocks that went, by evidence key; one of several counts for the last. */
async function forgetOf(
  store: Store,
  publisher: PublisherId,
  gone: readonly Pulled[],
): Promise<ReadonlyMap<string, number>> {
  await using _lock = await store.lock(`log/${publisher}`)
  const proofs = gone.map(evidenceRecord)
  // It needs everything of its own.
  if (await isLogHere(store, publisher)) {
    await store.commit({ remove: proofs })
    return new Map()
  }
  const keys = new Set(proofs.map(({ key }) => key))
  const used = new Map<Cid, StoredRecord>()
  const leaving = new Map<Cid, string>()
  const statements: Cid[] = []
  for (const pulled of await listPulled(store)) {
    if (pulled.publisher !== publisher) continue
    const { key } = evidenceRecord(pulled)
    const { statement, contents } = await partsOf(store, pulled)
    const isLeaving = keys.has(key)
    if (isLeaving) statements.push(...statement)
    for (const cid of contents) {
      if (isLeaving) leaving.set(cid, key)
      else used.set(cid, useRecord(cid, pulled))
    }
  }
  const alone = [...leaving.keys()].filter((cid) => !used.has(cid))
  const { drop, uses } = await sortUses(store, publisher, alone)
  const dropped = await withoutNeeded(store, drop)
  const isNamed = await Promise.all(statements.map((cid) => hasAny(store, 'use', cid)))
  await store.commit({
    put: [...leaving.keys()].flatMap((cid) => used.get(cid) ?? []),
    remove: [...proofs, ...uses],
    drop: [...dropped, ...statements.filter((_, i) => isNamed[i] !== true)],
  })
  const byKey = Map.groupBy(dropped, (cid) => leaving.get(cid) ?? '')
  return new Map([...byKey].map(([key, cids]) => [key, cids.length]))
}

interface Parts {
  readonly statement: readonly Cid[]
  /** The release and its tools. */
  readonly contents: readonly Cid[]
}

/** Of a proof that is gone or cannot be read: nobody can tell what belongs to it. */
const NOTHING: Parts = { statement: [], contents: [] }

async function partsOf(store: Store, pulled: Pulled): Promise<Parts> {
  const [value] = await store.findRecords([evidenceRecord(pulled)])
  if (value === undefined) return NOTHING
  try {
    const { cid, subject } = parseStatement(parseEvidence(value).entry.statement)
    const [release] = await store.findBlocks([subject])
    const tools = release === undefined ? [] : (toolsOf(release) ?? [])
    return { statement: [cid], contents: [subject, ...tools] }
  } catch (error) {
    if (isRegistryError(error)) return NOTHING
    throw error
  }
}

async function hasAny(store: Store, table: Table, name: string): Promise<boolean> {
  for await (const _ of store.listRecords(table, { prefix: `${name}/`, limit: 1 })) return true
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
