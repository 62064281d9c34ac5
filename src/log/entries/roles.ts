// Who may sign what: the roles a genesis names. Thresholds count distinct keys, never signatures (T15).

import { type Json, RegistryError } from '../../lib/index.ts'
import { type KeyType, type PublicKey, parsePublicKey } from '../../trust/index.ts'
import { closedObject, countAt, describe, type Refuse } from './fields.ts'

/** `threshold` distinct keys of `keys` must sign. All are P-256, which every Sigstore client verifies. */
export interface Role {
  readonly threshold: number
  readonly keys: readonly PublicKey[]
}

export interface Roles {
  readonly root: Role
  readonly release: Role
  readonly brake: Role
  /** One Ed25519 key; it signs checkpoints and nothing else. */
  readonly log: { readonly keys: readonly [PublicKey] }
}

/** A rotation is signed by two roles: more keys than this, and readers would refuse so many bundles. */
const MAX_KEYS = 16

export function parseRoles(value: Json | undefined, path: string, refuse: Refuse): Roles {
  const at = { path, refuse }
  const { root, release, brake, log } = closedObject(value, at, ['root', 'release', 'brake', 'log'])
  const logRole = closedObject(log, { path: `${path}/log`, refuse }, ['keys'])
  const logKeys = parseKeys(logRole.keys, 'ed25519', `${path}/log/keys`, refuse)
  const [logKey] = logKeys
  if (logKey === undefined || logKeys.length !== 1) {
    throw refuse('one log key', `${logKeys.length} keys`, `${path}/log/keys`)
  }
  return Object.freeze({
    root: parseRole(root, `${path}/root`, refuse),
    release: parseRole(release, `${path}/release`, refuse),
    brake: parseRole(brake, `${path}/brake`, refuse),
    log: Object.freeze({ keys: Object.freeze([logKey] as const) }),
  })
}

export function parseRole(value: Json | undefined, path: string, refuse: Refuse): Role {
  const fields = closedObject(value, { path, refuse }, ['threshold', 'keys'])
  const keys = parseKeys(fields.keys, 'ecdsa-p256', `${path}/keys`, refuse)
  const threshold = countAt(fields.threshold, 1, `${path}/threshold`, refuse)
  if (threshold <= keys.length) return Object.freeze({ threshold, keys })
  throw refuse(`a threshold of at most ${keys.length}`, String(threshold), `${path}/threshold`)
}

function parseKeys(
  value: Json | undefined,
  type: KeyType,
  path: string,
  refuse: Refuse,
): readonly PublicKey[] {
  if (!Array.isArray(value) || value.length > MAX_KEYS)
    throw refuse(`a list of at most ${MAX_KEYS} keys`, describe(value), path)
  const seen = new Set<string>()
  const keys = value.map((item: Json, i) => {
    const key = parseKey(item, `${path}/${i}`)
    if (key.type !== type) throw refuse(`a key of type ${type}`, key.type, `${path}/${i}`)
    // One key listed twice would count twice (T15).
    if (seen.has(key.spki)) throw refuse('distinct keys', 'one key twice', `${path}/${i}`)
    seen.add(key.spki)
    return key
  })
  return Object.freeze(keys)
}

function parseKey(value: Json, path: string): PublicKey {
  try {
    return parsePublicKey(value)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new RegistryError(error.code, error.message, { ...error.details, path })
  }
}
