// Which logs lockfiles on this machine rest on, so that none of them is dropped to make room. What a lockfile says is read again whenever it
// matters: one that is gone, or names a publisher no longer, holds nothing.

import { resolve } from 'node:path'
import { canonicalBytes, isJsonObject, isRegistryError, parseCanonical } from '../../lib/index.ts'
import type { Lock } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../../store/index.ts'
import { openLockFile } from './lock-file.ts'

const PREFIX = 'locked/'
/** More projects than anybody has on one machine; with so many, the log stays whatever they say. */
const MANY = 1_000

/** To be called before the lockfile is written: a crash then leaves a log too many and never one too few. */
export async function holdLocked(store: Store, path: string, lock: Lock): Promise<void> {
  const file = resolve(path)
  const publishers = new Set([...lock.releases.values()].map(({ publisher }) => publisher))
  const put: StoredRecord[] = []
  for (const publisher of publishers) {
    const key = holdKey(publisher)
    const [value] = await store.findRecords([key])
    const files = filesIn(value)
    if (files.includes(file) || files.length >= MANY) continue
    put.push({ ...key, value: canonicalBytes({ files: [...files, file] }) })
  }
  if (put.length > 0) await store.commit({ put })
}

/** A lockfile on this machine that names the release as it is now, or that cannot be read and may. */
export async function findLockfile(
  store: Store,
  release: { readonly name: string; readonly version: string; readonly publisher: PublisherId },
): Promise<string | undefined> {
  const [value] = await store.findRecords([holdKey(release.publisher)])
  for (const file of filesIn(value)) {
    const lock = await readLock(file)
    const locked = lock?.releases.get(release.name)
    if (lock === undefined) return file
    if (locked?.version === release.version && locked.publisher === release.publisher) return file
  }
  return undefined
}

/** Publishers that a lockfile names as it is now. */
export async function listLocked(store: Store): Promise<ReadonlySet<PublisherId>> {
  const locked = new Set<PublisherId>()
  const read = new Map<string, ReadonlySet<string> | undefined>()
  for await (const { key, value } of store.listRecords('follow', { prefix: PREFIX })) {
    const publisher = key.slice(PREFIX.length) as PublisherId
    const files = filesIn(value)
    for (const file of files) if (!read.has(file)) read.set(file, await publishersIn(file))
    // A lockfile that cannot be read may name it.
    const isNamed = files.some((file) => read.get(file)?.has(publisher) ?? true)
    if (isNamed || files.length >= MANY) locked.add(publisher)
  }
  return locked
}

async function publishersIn(file: string): Promise<ReadonlySet<string> | undefined> {
  const lock = await readLock(file)
  return lock && new Set([...lock.releases.values()].map(({ publisher }) => publisher))
}

/** Empty where the file is gone; undefined where it cannot be read. */
async function readLock(file: string): Promise<Lock | undefined> {
  try {
    return (await openLockFile(file)).lock
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}

function holdKey(publisher: PublisherId): RecordKey {
  return { table: 'follow', key: `${PREFIX}${publisher}` }
}

function filesIn(value: Uint8Array | undefined): readonly string[] {
  if (value === undefined) return []
  const fields = parseCanonical(value)
  const files = isJsonObject(fields) ? fields.files : undefined
  return Array.isArray(files) ? files.map(String) : []
}
