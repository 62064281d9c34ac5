// Verdicts on keyless signatures as records of a store: building certificate chains takes milliseconds, and the answer follows from the bytes
// and the root alone. Who is accepted is asked anew every time. Losing one costs a verification.

import { canonicalBytes, isJsonObject, type Json, parseCanonical } from '../lib/index.ts'
import type { RecordKey, Store, StoredRecord } from '../store/index.ts'
import { CLAIM_NAMES } from './identity/index.ts'
import type { Verdicts } from './roots.ts'
import type { KeylessSignature } from './sigstore/index.ts'

export interface StoredVerdicts extends Verdicts {
  /** Reads those of these keys that are kept: verifying itself waits for nothing. */
  recall(keys: readonly string[]): Promise<void>
  /** Writes those that are new. */
  save(): Promise<void>
}

const KIND = 'keyless-verdict/v1'
const TABLE = 'verdict'
const MAX_BYTES = 16 * 1024
/** A node that verifies for years keeps no more than this to write. */
const MAX_FRESH = 4096

export function openVerdicts(store: Store): StoredVerdicts {
  const known = new Map<string, KeylessSignature>()
  const fresh = new Map<string, KeylessSignature>()
  return {
    find: (key) => known.get(key),
    keep: (key, signature) => {
      if (fresh.size < MAX_FRESH) fresh.set(key, signature)
    },
    recall: async (keys) => {
      const found = await store.findRecords(keys.map((key) => ({ table: TABLE, key })))
      for (const [i, value] of found.entries()) {
        const signature = value && read(value)
        if (signature !== undefined) known.set(keys[i] ?? '', signature)
      }
    },
    save: async () => {
      if (fresh.size === 0) return
      const put = [...fresh].map(([key, signature]) => toRecord(key, signature))
      fresh.clear()
      await store.commit({ put })
    },
  }
}

function toRecord(key: string, { identity, times, rootDigest }: KeylessSignature): StoredRecord {
  const at: RecordKey = { table: TABLE, key }
  const value = { kind: KIND, identity, times, rootDigest } as unknown as Json
  return { ...at, value: canonicalBytes(value) }
}

/** Undefined for what this program would not write: it is then verified again. */
function read(value: Uint8Array): KeylessSignature | undefined {
  try {
    const fields = parseCanonical(value, { maxBytes: MAX_BYTES })
    if (!isJsonObject(fields) || fields.kind !== KIND) return undefined
    const { identity, times, rootDigest } = fields as unknown as KeylessSignature
    const { issuer, san, claims } = identity
    const isWhole =
      [issuer, san, rootDigest].every((text) => typeof text === 'string') &&
      Array.isArray(times) &&
      Object.keys(claims).every((name) => CLAIM_NAMES.some((known) => known === name))
    return isWhole ? { identity, times, rootDigest } : undefined
  } catch {
    return undefined
  }
}
