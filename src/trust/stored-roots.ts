// Trusted roots as records of a store: put there by an explicit command, read whenever something keyless is verified. Never by a peer.

import {
  canonicalBytes,
  fromBase64,
  isJsonObject,
  type Json,
  parseCanonical,
  RegistryError,
  toBase64,
} from '../lib/index.ts'
import type { RecordKey, Store, StoredRecord } from '../store/index.ts'
import {
  openSigstoreRoot,
  parseSigstoreRoot,
  type RootSettings,
  type SigstoreRoot,
} from './sigstore/index.ts'

/** The name under which a refreshed copy of the public-good root is kept. */
export const PUBLIC_GOOD = 'public-good'

export interface StoredRoot extends RootSettings {
  /** `public-good`, or what the consumer calls a private instance. */
  readonly name: string
  /** trusted_root.json as it came. */
  readonly bytes: Uint8Array
  /** When it was added, as ISO 8601. */
  readonly since: string
}

const KIND = 'sigstore-root/v1'
const NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/
/** A trusted root is some 10 KB; this is room for decades of logs. */
const ROOT_BYTES = 1024 * 1024

/** Throws USAGE, ROOT_INVALID. */
export function rootRecord({ name, bytes, since, issuers, options }: StoredRoot): StoredRecord {
  if (!NAME.test(name) || (name !== PUBLIC_GOOD && (issuers ?? []).length === 0)) {
    throw new RegistryError('USAGE', 'A private root needs a name and the issuers it speaks for.', {
      expected: 'a name of a-z, 0-9, `.` and `-`, and at least one issuer',
      got: `${JSON.stringify(name.slice(0, 80))} with ${issuers?.length ?? 0} issuers`,
      next: 'Say `--name NAME --issuer URL`.',
    })
  }
  const settings = { ...(issuers && { issuers }), ...(options && { options }) }
  parseSigstoreRoot(bytes, settings)
  const value = { kind: KIND, root: toBase64(bytes), since, ...settings } as unknown as Json
  return { ...rootKey(name), value: canonicalBytes(value) }
}

export function rootKey(name: string): RecordKey {
  return { table: 'root', key: name }
}

/** By name. Throws STORE_CORRUPT. */
export async function listRoots(store: Store): Promise<readonly StoredRoot[]> {
  const found: StoredRoot[] = []
  for await (const { key, value } of store.listRecords('root')) found.push(read(key, value))
  return found
}

/** It was parsed when it was put here. */
export function openStored({ bytes, ...settings }: StoredRoot): SigstoreRoot {
  return openSigstoreRoot(bytes, settings)
}

function read(name: string, value: Uint8Array): StoredRoot {
  try {
    const fields = parseCanonical(value, { maxBytes: 2 * ROOT_BYTES })
    if (!isJsonObject(fields) || fields.kind !== KIND) throw new TypeError('another kind')
    const { root, since, issuers, options } = fields
    const bytes = typeof root === 'string' ? fromBase64(root) : undefined
    if (bytes === undefined || typeof since !== 'string') throw new TypeError('a field is missing')
    return { name, bytes, since, ...settingsOf({ issuers, options }) }
  } catch (cause) {
    throw new RegistryError('STORE_CORRUPT', `The trusted root ${name} cannot be read.`, {
      next: 'Add it again: `registry trust refresh-roots`.',
      cause,
    })
  }
}

/** What they mean is checked when the root is parsed. */
function settingsOf({ issuers, options }: Record<string, Json | undefined>): RootSettings {
  const list = Array.isArray(issuers) ? (issuers as readonly string[]) : undefined
  const asked = isJsonObject(options) ? (options as RootSettings['options']) : undefined
  return { ...(list && { issuers: list }), ...(asked && { options: asked }) }
}
