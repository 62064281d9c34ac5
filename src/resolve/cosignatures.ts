// The newest word of each known witness about a log that is held here: one line of a note, kept beside the head and served with it. A line
// counts for the size and root it was made for, and for no other.

import { canonicalBytes, isJsonObject, parseCanonical } from '../lib/index.ts'
import { addLines, bareNote, keyHash, type LogHead, originOf } from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../store/index.ts'
import type { PublicKey } from '../trust/index.ts'

export interface KeptCosignature {
  readonly size: number
  /** 64 hex digits. */
  readonly root: string
  readonly time: Date
  /** A signature line, without its newline. */
  readonly line: string
}

/** More than a quorum asks for; a note has to stay small enough to be announced. */
const MOST_LINES = 16
/** Of one log. Only known witnesses are kept, so there are few. */
const MOST_KEPT = 256

export function cosignatureKey(publisher: PublisherId, key: PublicKey): RecordKey {
  return { table: 'cosignature', key: `${publisher}/${keyHash(key)}` }
}

export function cosignatureRecord(
  publisher: PublisherId,
  key: PublicKey,
  { size, root, time, line }: KeptCosignature,
): StoredRecord {
  const value = canonicalBytes({ size, root, time: Math.floor(Number(time) / 1000), line })
  return { ...cosignatureKey(publisher, key), value }
}

/** Undefined for what cannot be read: such a line says nothing, and the witness will speak again. */
export function parseCosignature(value: Uint8Array | undefined): KeptCosignature | undefined {
  if (value === undefined) return undefined
  const fields = parseCanonical(value)
  if (!isJsonObject(fields)) return undefined
  const { size, root, time, line } = fields
  if (typeof size !== 'number' || typeof root !== 'string') return undefined
  if (typeof time !== 'number' || typeof line !== 'string') return undefined
  return { size, root, time: new Date(time * 1000), line }
}

/** The signed head with the newest of the words about it. */
export async function cosignedNote(
  store: Store,
  { publisher, size, root, checkpoint }: LogHead,
): Promise<Uint8Array> {
  const kept: KeptCosignature[] = []
  const prefix = `${publisher}/`
  for await (const { value } of store.listRecords('cosignature', { prefix, limit: MOST_KEPT })) {
    const one = parseCosignature(value)
    if (one?.size === size && one.root === root) kept.push(one)
  }
  const newest = kept.toSorted((a, b) => Number(b.time) - Number(a.time)).slice(0, MOST_LINES)
  // A head that came from a peer may have brought lines that nobody here has verified.
  return addLines(
    bareNote(checkpoint, originOf(publisher)),
    newest.map(({ line }) => line),
  )
}
