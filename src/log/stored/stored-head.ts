// The newest state of a log as this store holds it: one record per publisher, in canonical JSON, so that writing a head
// again gives the same bytes and `expect` can compare them. Only this node writes it: a bad one means damage.

import { type Cid, parseCid } from '../../cid/index.ts'
import {
  canonicalBytes,
  fromBase64,
  isJsonObject,
  type Json,
  parseCanonical,
  RegistryError,
  toBase64,
} from '../../lib/index.ts'
import { type PublisherId, parsePublisherId } from '../../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../../store/index.ts'

export interface LogHead {
  readonly publisher: PublisherId
  readonly size: number
  /** RFC 6962 root in lower-case hex. */
  readonly root: string
  /** C2SP signed note over size and root. */
  readonly checkpoint: Uint8Array
  /** The newest statement. */
  readonly statement: Cid
  /** Root of the index map. */
  readonly index: Cid
  /** Whether the log has ever revoked or yanked anything; undefined in a record from before this was kept. */
  readonly withdraws?: boolean
}

export function headKey(publisher: PublisherId): RecordKey {
  return { table: 'head', key: publisher }
}

export function headRecord(head: LogHead): StoredRecord {
  const value = canonicalBytes({ ...head, checkpoint: toBase64(head.checkpoint) })
  return { ...headKey(head.publisher), value }
}

export async function findHead(store: Store, publisher: PublisherId): Promise<LogHead | undefined> {
  const key = headKey(publisher)
  const [value] = await store.findRecords([key])
  return value === undefined ? undefined : parseHead({ ...key, value })
}

/** Every log held here in full, by publisher id; with `after`, those behind it. */
export async function* listHeads(store: Store, after?: PublisherId): AsyncIterable<LogHead> {
  const options = after === undefined ? {} : { after }
  for await (const record of store.listRecords('head', options)) yield parseHead(record)
}

function parseHead({ key, value }: StoredRecord): LogHead {
  return readRecord(value, `the head of ${key}`, (fields) => {
    const { size, root, withdraws } = fields
    const checkpoint = fromBase64(String(fields.checkpoint))
    if (!Number.isSafeInteger(size) || Number(size) < 1) throw new TypeError('no size')
    if (typeof root !== 'string' || !/^[0-9a-f]{64}$/.test(root)) throw new TypeError('no root')
    if (checkpoint === undefined || fields.publisher !== key) throw new TypeError('another log')
    return {
      publisher: parsePublisherId(key),
      size: Number(size),
      root,
      checkpoint,
      statement: parseCid(fields.statement),
      index: parseCid(fields.index),
      ...(typeof withdraws === 'boolean' ? { withdraws } : {}),
    }
  })
}

/** Throws STORE_CORRUPT for whatever `read` throws: nobody but this node writes these records. */
export function readRecord<T>(
  value: Uint8Array,
  what: string,
  read: (fields: Readonly<Record<string, Json>>) => T,
): T {
  try {
    const fields = parseCanonical(value)
    if (!isJsonObject(fields)) throw new TypeError('not an object')
    return read(fields)
  } catch (cause) {
    throw corrupt(
      `The record of ${what} cannot be read.`,
      'a record this node wrote',
      'other bytes',
      cause,
    )
  }
}

export function corrupt(
  message: string,
  expected: string,
  got: string,
  cause?: unknown,
): RegistryError {
  return new RegistryError('STORE_CORRUPT', message, {
    expected,
    got,
    next: 'Run `registry doctor`; restore the store from a backup if it says so.',
    ...(cause === undefined ? {} : { cause }),
  })
}
