// How attestations lie in a store, by the block that they are about. A record is what was once verified and may have been changed since: whoever
// reads one verifies it again, and that it is the one its key names.

import { type Cid, isCid } from '../cid/index.ts'
import {
  canonicalBytes,
  fromBase64,
  isJsonObject,
  parseCanonical,
  RegistryError,
  toBase64,
} from '../lib/index.ts'
import { LIMITS } from '../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../store/index.ts'
import { attesterId, type CarriedAttestation, type VerifiedAttestation } from '../trust/index.ts'

/** Why it is here: made or attached here, asked for by a policy, or only offered by a peer. */
export type KeptFor = 'own' | 'policy' | 'offer'

export interface KeptAttestation {
  readonly key: string
  readonly carried: CarriedAttestation
  /** As the statement says; a way to leave others out without reading them. */
  readonly predicateType: string
  /** The peer that it came from; absent for what was made or attached here. */
  readonly from?: string
  readonly since: string
  readonly keptFor: KeptFor
}

const TABLE = 'attestation'
/** What one answer may hold: a frame has 1 MiB. The largest attestation fits. */
const PAGE_BYTES = 512 * 1024
const PAGE_ITEMS = 64
/** The bundle in base64, and the few words beside it. */
const RECORD_LIMIT = LIMITS.attestationBundleBytes * 2

/** One key for one statement by one signer about one block: however often it comes, and however its bundle is spelt. */
export function attestationKey(subject: Cid, { statement, signer }: VerifiedAttestation): string {
  return `${subject}/${statement}/${attesterId(signer)}`
}

export function formatAttestation({ key, carried, ...about }: KeptAttestation): StoredRecord {
  const { bundle, spki } = carried
  const value = canonicalBytes({
    ...about,
    bundle: toBase64(bundle),
    ...(spki === undefined ? {} : { spki }),
  })
  return { table: TABLE, key, value }
}

/** Throws STORE_CORRUPT. */
export function parseAttestationRecord({
  key,
  value,
}: Omit<StoredRecord, 'table'>): KeptAttestation {
  const record = read(key, value)
  if (!isJsonObject(record)) throw corrupt(key)
  const { bundle, spki, predicateType, from, since, keptFor } = record
  const bytes = typeof bundle === 'string' ? fromBase64(bundle) : undefined
  const isWhole =
    typeof predicateType === 'string' &&
    typeof since === 'string' &&
    isReason(keptFor) &&
    (spki === undefined || typeof spki === 'string') &&
    (from === undefined || typeof from === 'string')
  if (bytes === undefined || !isWhole) throw corrupt(key)
  const carried = { bundle: bytes, ...(typeof spki === 'string' ? { spki } : {}) }
  const about: KeptAttestation = { key, carried, predicateType, since, keptFor }
  return typeof from === 'string' ? { ...about, from } : about
}

function isReason(value: unknown): value is KeptFor {
  return value === 'own' || value === 'policy' || value === 'offer'
}

export function corruptAttestation(key: string): RegistryError {
  return corrupt(key)
}

/** Records about one block, in the order of their keys. */
export function listAttestationRecords(store: Store, subject: Cid): AsyncIterable<StoredRecord> {
  return store.listRecords(TABLE, { prefix: `${subject}/` })
}

export function attestationRecord(key: string): RecordKey {
  return { table: TABLE, key }
}

export interface AttestationQuery {
  /** Only those of this predicate type. */
  readonly predicateType?: string | undefined
  /** Only those after this place, as the page before named it. */
  readonly after?: string | undefined
}

export interface AttestationPage {
  readonly attestations: readonly CarriedAttestation[]
  /** Where the next page begins; undefined at the end. */
  readonly next: string | undefined
}

/** A page for whoever asks, unverified: what they get, they verify. A damaged record is left out. */
export async function pageOfAttestations(
  store: Store,
  subject: Cid,
  { predicateType, after }: AttestationQuery,
): Promise<AttestationPage> {
  const prefix = `${subject}/`
  const attestations: CarriedAttestation[] = []
  let bytes = 0
  let last: string | undefined
  const start = after === undefined ? {} : { after: `${prefix}${after}` }
  for await (const record of store.listRecords(TABLE, { prefix, ...start })) {
    const kept = readable(record)
    if (kept === undefined) continue
    if (predicateType !== undefined && kept.predicateType !== predicateType) continue
    bytes += kept.carried.bundle.length
    const isFull = attestations.length === PAGE_ITEMS || bytes > PAGE_BYTES
    if (isFull && attestations.length > 0) return { attestations, next: last }
    attestations.push(kept.carried)
    last = record.key.slice(prefix.length)
  }
  return { attestations, next: undefined }
}

/** A cursor as a peer may send it: `STATEMENT/SIGNER`, and nothing that leads out of the subject. */
export function isAttestationPlace(text: string): boolean {
  const [statement, signer, ...more] = text.split('/')
  return isCid(statement) && /^(key|id)-[0-9a-f]{64}$/.test(signer ?? '') && more.length === 0
}

function readable(record: StoredRecord): KeptAttestation | undefined {
  try {
    return parseAttestationRecord(record)
  } catch {
    return undefined
  }
}

function read(key: string, value: Uint8Array): unknown {
  try {
    return parseCanonical(value, { maxBytes: RECORD_LIMIT })
  } catch (cause) {
    throw corrupt(key, cause)
  }
}

function corrupt(key: string, cause?: unknown): RegistryError {
  return new RegistryError(
    'STORE_CORRUPT',
    'An attestation in this store is not what was stored.',
    {
      expected: 'the statement and signer that its place names',
      got: key,
      next: 'Fetch it again: `registry attestations REF --from ADDRESS`.',
      evidence: { kind: 'record', table: TABLE, key },
      ...(cause === undefined ? {} : { cause }),
    },
  )
}
