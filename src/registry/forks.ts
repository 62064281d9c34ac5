// Forks: kept as a block that strangers can check, and as a record that makes them stick (T5). A proof that somebody brings is
// as good as one seen here, for it proves itself.

import type { Cid } from '../cid/index.ts'
import {
  canonicalBytes,
  fromBase64,
  isRegistryError,
  type Json,
  parseCanonical,
  type RegistryError,
  toBase64,
  toHex,
} from '../lib/index.ts'
import {
  findHead,
  originOf,
  parseCheckpointUnverified,
  RESERVED,
  verifyForkProof,
} from '../log/index.ts'
import {
  type AcceptedHead,
  findKnownFork,
  forked,
  forkKey,
  forkRecord,
  type KnownFork,
  listKnownForks,
  localSource,
  parseHeadEvidence,
  readKeys,
  readPath,
  type ShownHead,
  type SignedStatement,
} from '../resolve/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../store/index.ts'
import { loadVerifier } from '../trust/index.ts'
import { readBlock } from './read-block.ts'

export type { KnownFork }

/** The largest state of a log accepted here, with the note and who showed it where these are kept. */
export interface SeenHead extends AcceptedHead {
  readonly from?: string | undefined
}

interface ShownNote {
  readonly note: Uint8Array
  readonly from: string
}

/** For the commit that raises the floor: only the signed note can prove to others what was accepted. */
export function seenRecord(publisher: PublisherId, { note, from }: ShownNote): StoredRecord {
  const value = canonicalBytes({ note: toBase64(note), from })
  return { table: 'seen', key: publisher, value }
}

export async function findSeenHead(
  store: Store,
  publisher: PublisherId,
): Promise<SeenHead | undefined> {
  const floor = await store.findFloor(originOf(publisher))
  if (floor === undefined) return undefined
  const [record] = await store.findRecords([{ table: 'seen', key: publisher }])
  const own = await findHead(store, publisher)
  const shown = [
    ...(record === undefined ? [] : [parseSeen(record)]),
    ...(own === undefined ? [] : [{ note: own.checkpoint, from: 'this node' }]),
  ]
  // The floor outlives its note: it is kept beside the database as well.
  const behind = shown.find(({ note }) => {
    const { size, root } = parseCheckpointUnverified(note, publisher)
    return size === floor.size && toHex(root) === floor.root
  })
  if (behind === undefined) return floor
  return { ...floor, ...behind, keys: await findKeys(store, publisher) }
}

/** The key entries of the history accepted here, if its keys ever changed: without them a head by a later log key proves nothing to others. */
async function findKeys(store: Store, publisher: PublisherId): Promise<readonly SignedStatement[]> {
  const [news] = await store.findRecords([{ table: 'news', key: publisher }])
  if (news !== undefined) return parseHeadEvidence(news).keys
  const own = await findHead(store, publisher)
  if (own === undefined) return []
  const source = localSource(store)
  const path = await readPath(source, { publisher, name: RESERVED, root: own.index }, {})
  return path === undefined ? [] : await readKeys(source, publisher, path, {})
}

/** The error to throw instead of `error`: for a fork that it proves, the one that will be thrown from now on. */
export async function keepForkIn(
  store: Store,
  error: unknown,
  sawFrom: (head: ShownHead) => string | undefined,
): Promise<unknown> {
  if (!isRegistryError(error, 'FORKED')) return error
  const { proof } = (error.details.evidence ?? {}) as { readonly proof?: Json }
  const bytes = typeof proof === 'string' ? fromBase64(proof) : undefined
  return bytes === undefined ? error : forked(await keepFork(store, bytes, sawFrom))
}

/** Verifies the proof, and keeps it and what follows from it. The first proof about a publisher stays. */
export async function keepFork(
  store: Store,
  bytes: Uint8Array,
  sawFrom: (head: ShownHead) => string | undefined = () => undefined,
): Promise<KnownFork> {
  const { cid, publisher, heads } = verifyForkProof(bytes, await loadVerifier(store))
  const known = await findKnownFork(store, publisher)
  const withFrom = (head: ShownHead): ShownHead => {
    const from = sawFrom(head)
    return from === undefined ? head : { ...head, from }
  }
  const fork = known ?? {
    publisher,
    fork: cid,
    heads: [withFrom(heads[0]), withFrom(heads[1])] as const,
  }
  const blocks = [{ cid, bytes }]
  const isSettled = (await findSettled(store, publisher))?.fork === cid
  if (known !== undefined || isSettled) await store.commit({ blocks })
  else {
    const expect = [{ ...forkKey(publisher), value: undefined }]
    await store.commit({ blocks, put: [forkRecord(fork)], expect })
  }
  return fork
}

/** A proof from outside. `isNew` is false when a fork of this publisher was known. */
export async function importFork(
  store: Store,
  bytes: Uint8Array,
): Promise<{ readonly fork: KnownFork; readonly isNew: boolean }> {
  const { publisher } = verifyForkProof(bytes, await loadVerifier(store))
  await using _lock = await store.lock(`log/${publisher}`)
  const isNew = (await findKnownFork(store, publisher)) === undefined
  return { fork: await keepFork(store, bytes), isNew }
}

export async function listForks(store: Store): Promise<readonly KnownFork[]> {
  return await Array.fromAsync(listKnownForks(store))
}

/** What a proof says, verified again, and who showed it where that is known. NOT_FOUND, and what `verifyForkProof` throws. */
export async function showFork(store: Store, cid: Cid): Promise<KnownFork> {
  const { publisher, heads } = verifyForkProof(
    await readFork(store, cid),
    await loadVerifier(store),
  )
  const known = await findKnownFork(store, publisher)
  return known?.fork === cid ? known : { publisher, fork: cid, heads }
}

/** The bytes of a proof, verified again. */
export async function readFork(store: Store, cid: Cid): Promise<Uint8Array> {
  const { bytes } = await readBlock(store, cid)
  verifyForkProof(bytes, await loadVerifier(store))
  return bytes
}

/** Whether no other peer can change the answer any more. */
export function isKnownFork(error: RegistryError): boolean {
  return error.code === 'FORKED' && Object.hasOwn(Object(error.details.evidence), 'fork')
}

/** The fork that a person here has accepted a recovery from, and the position of the entry that says so. */
export function settledKey(publisher: PublisherId): RecordKey {
  return { table: 'self', key: `settled/${publisher}` }
}

export async function findSettled(
  store: Store,
  publisher: PublisherId,
): Promise<{ readonly fork: Cid; readonly seq: number } | undefined> {
  const [value] = await store.findRecords([settledKey(publisher)])
  if (value === undefined) return undefined
  return parseCanonical(value) as unknown as { readonly fork: Cid; readonly seq: number }
}

export function parseSeen(bytes: Uint8Array): ShownNote {
  const { note, from } = parseCanonical(bytes) as { readonly note: string; readonly from: string }
  return { note: fromBase64(note) ?? new Uint8Array(), from }
}
