// Who may sign what: the roles a genesis names. Thresholds count distinct signers, never signatures (T15).

import { type Json, RegistryError } from '../../lib/index.ts'
import {
  equalRules,
  type IdentityRule,
  type KeyType,
  type PublicKey,
  parseIdentityRule,
  parsePublicKey,
} from '../../trust/index.ts'
import { closedObject, countAt, describe, type Refuse } from './fields.ts'

/** `threshold` distinct signers must sign: keys of `keys`, all of them P-256, which every Sigstore client verifies, and keyless ones. */
export interface Role {
  readonly threshold: number
  readonly keys: readonly PublicKey[]
  /** Keyless signers, each a rule of its own; absent is none. Only releases are ever signed by them. */
  readonly identities?: readonly IdentityRule[]
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
const MAX_IDENTITIES = 8

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
    release: parseReleaseRole(release, `${path}/release`, refuse),
    brake: parseRole(brake, `${path}/brake`, refuse),
    log: Object.freeze({ keys: Object.freeze([logKey] as const) }),
  })
}

/**
 * Of those who release, who may be people and workflows instead of keys. Root and brake keys stay keys: what they decide has to hold when no
 * certificate authority answers for it.
 */
export function parseReleaseRole(value: Json | undefined, path: string, refuse: Refuse): Role {
  const fields = closedObject(value, { path, refuse }, ['threshold', 'keys'], ['identities'])
  if (!Object.hasOwn(fields, 'identities')) return parseRole(value, path, refuse)
  const { identities: listed, ...keyed } = fields
  const identities = parseIdentities(listed, `${path}/identities`, refuse)
  const keys = parseKeys(keyed.keys, 'ecdsa-p256', `${path}/keys`, refuse)
  const threshold = thresholdAt(keyed.threshold, keys.length + identities.length, { path, refuse })
  return Object.freeze({ threshold, keys, identities })
}

function parseRole(value: Json | undefined, path: string, refuse: Refuse): Role {
  const fields = closedObject(value, { path, refuse }, ['threshold', 'keys'])
  const keys = parseKeys(fields.keys, 'ecdsa-p256', `${path}/keys`, refuse)
  const threshold = thresholdAt(fields.threshold, keys.length, { path, refuse })
  return Object.freeze({ threshold, keys })
}

function thresholdAt(
  value: Json | undefined,
  most: number,
  { path, refuse }: { readonly path: string; readonly refuse: Refuse },
): number {
  const threshold = countAt(value, 1, `${path}/threshold`, refuse)
  if (threshold <= most) return threshold
  throw refuse(`a threshold of at most ${most}`, String(threshold), `${path}/threshold`)
}

function parseIdentities(
  value: Json | undefined,
  path: string,
  refuse: Refuse,
): readonly IdentityRule[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_IDENTITIES) {
    throw refuse(`a list of 1 to ${MAX_IDENTITIES} keyless signers`, describe(value), path)
  }
  const rules = value.map((item: Json, i) => parseIdentityRule(item, `${path}/${i}`))
  // One rule listed twice would count twice (T15).
  const twice = rules.findIndex((rule, i) => rules.slice(0, i).some((one) => equalRules(one, rule)))
  if (twice >= 0) throw refuse('distinct signers', 'one signer twice', `${path}/${twice}`)
  return Object.freeze(rules)
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
