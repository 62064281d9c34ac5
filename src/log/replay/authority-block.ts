// The log's state beside its names as a block, under the reserved key `authority` of the index map (docs/protocol.md, "The index
// map"): a light client learns from it which keys, delegations and revocations hold without replaying the log. There is none as
// long as a log only releases.

import { type Cid, cidOf } from '../../cid/index.ts'
import {
  canonicalBytes,
  isJsonObject,
  type Json,
  type JsonObject,
  parseCanonical,
  RegistryError,
} from '../../lib/index.ts'
import type { Block } from '../../store/index.ts'
import { cidAt, closedObject, constantAt, countAt, describe, refusal } from '../entries/fields.ts'
import { parsePath } from '../entries/paths.ts'
import { parseReleaseRole } from '../entries/roles.ts'
import type { GenesisStatement, Statement } from '../entries/statement.ts'
import { type Authority, authorityAfter, type Delegation, genesisAuthority } from './authority.ts'
import type { Notices } from './notices.ts'

/** As the block says it: of key entries it has only the positions, for what they say is signed by the keys themselves. */
export interface AuthorityBlock {
  readonly keys: readonly number[]
  readonly delegations: readonly Delegation[]
  readonly revokedKeys: Authority['revokedKeys']
  readonly notices: Notices
}

const KIND = 'authority/v1'
const MAX_BYTES = 768 * 1024
/** More than fit into so many bytes: what can be written can be read. */
const MAX_KEYS = 100_000

const NOTHING_ELSE = { delegations: [], revokedKeys: [] }

const refuse = refusal(
  'DOCUMENT_INVALID',
  'This is not the state of a publisher’s log.',
  'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
)

/** Undefined as long as there is nothing to say. Throws LIMIT_EXCEEDED for a state that nobody could read. */
export function authorityBlock(authority: Authority, notices: Notices): Block | undefined {
  const { delegations, revokedKeys } = authority
  const keys = authority.keys.slice(1).map(({ seq }) => seq)
  const { claims, revoked, tombstones, recovered } = notices
  const said = keys.length + delegations.length + revokedKeys.length
  if (said + claims.size + revoked.size + tombstones.size + recovered.size === 0) return undefined
  const bytes = canonicalBytes({
    kind: KIND,
    keys,
    delegations,
    revokedKeys,
    claims: Object.fromEntries(claims),
    revoked: Object.fromEntries(revoked),
    tombstones: Object.fromEntries(tombstones),
    recovered: Object.fromEntries(recovered),
  })
  if (bytes.length <= MAX_BYTES) return { cid: cidOf(bytes), bytes }
  throw new RegistryError('LIMIT_EXCEEDED', 'This log has said too much beside its releases.', {
    expected: `at most ${MAX_BYTES} bytes of keys, delegations and revocations`,
    got: `${bytes.length} bytes`,
    next: 'Go on as a new publisher, and let the old one name it as successor.',
  })
}

/** Throws DOCUMENT_INVALID, or the JSON_*, NAME_* or KEY_* code that says more. */
export function parseAuthorityBlock(bytes: Uint8Array): AuthorityBlock {
  const value = parseCanonical(bytes, { maxBytes: MAX_BYTES, maxKeys: MAX_KEYS })
  const maps = ['claims', 'revoked', 'tombstones', 'recovered']
  const known = ['kind', 'keys', 'delegations', 'revokedKeys', ...maps]
  const fields = closedObject(value, { path: '', refuse }, known)
  constantAt(fields.kind, KIND, '/kind', refuse)
  return {
    keys: list(fields, 'keys', (item, path) => countAt(item, 1, path, refuse)),
    delegations: list(fields, 'delegations', parseDelegation),
    revokedKeys: list(fields, 'revokedKeys', parseRevokedKey),
    notices: {
      claims: map(fields, 'claims', parsePath, parseSeq),
      revoked: map(fields, 'revoked', parseKeyCid, parseNotice),
      tombstones: map(fields, 'tombstones', parseKeyCid, parseNotice),
      recovered: map(fields, 'recovered', parseKeyCid, parseSeq),
    },
  }
}

/**
 * The authority that a block and the key entries it lists amount to. Each key entry must have been verified against the authority of those
 * before it. Throws SEQUENCE_INVALID when the entries are not the ones listed.
 */
export function openAuthority(
  genesis: GenesisStatement,
  entries: readonly Statement[],
  block: AuthorityBlock | undefined,
): Authority {
  const listed = block?.keys ?? []
  const found = entries.map(({ seq }) => seq)
  if (listed.length !== found.length || listed.some((seq, i) => seq !== found[i])) {
    throw new RegistryError('SEQUENCE_INVALID', 'The key entries are not those of the log.', {
      expected: `entries ${listed.join(', ') || 'none'}`,
      got: `entries ${found.join(', ') || 'none'}`,
      next: 'Ask another peer.',
    })
  }
  // With the revocations: a key entry that brings a revoked key back is none.
  return rotations(genesis, entries, block)
}

/** The authority after a genesis and key entries, beside what else is said to hold. */
function rotations(
  genesis: GenesisStatement,
  entries: readonly Statement[],
  { delegations, revokedKeys }: Pick<Authority, 'delegations' | 'revokedKeys'> = NOTHING_ELSE,
): Authority {
  const start: Authority = { ...genesisAuthority(genesis), delegations, revokedKeys }
  return entries.reduce((authority, entry) => {
    if (entry.kind === 'keys') return authorityAfter(authority, entry, entry.seq)
    throw refuse('a keys entry', `a ${entry.kind} entry`, '/keys')
  }, start)
}

function parseDelegation(item: Json, path: string): Delegation {
  const fields = closedObject(item, { path, refuse }, ['seq', 'path', 'by', 'role'])
  return {
    seq: countAt(fields.seq, 1, `${path}/seq`, refuse),
    path: parsePath(fields.path),
    by: fields.by === null ? null : parsePath(fields.by),
    role: fields.role === null ? null : parseReleaseRole(fields.role, `${path}/role`, refuse),
  }
}

function parseRevokedKey(item: Json, path: string): Authority['revokedKeys'][number] {
  const fields = closedObject(item, { path, refuse }, ['seq', 'key'])
  const seq = countAt(fields.seq, 1, `${path}/seq`, refuse)
  return { seq, key: cidAt(fields.key, `${path}/key`, refuse) }
}

function parseNotice(item: Json, path: string): { readonly seq: number; readonly reason: string } {
  const fields = closedObject(item, { path, refuse }, ['seq', 'reason'])
  const { reason } = fields
  if (typeof reason !== 'string') throw refuse('a string', describe(reason), `${path}/reason`)
  return { seq: countAt(fields.seq, 1, `${path}/seq`, refuse), reason }
}

function parseSeq(item: Json, path: string): { readonly seq: number } {
  const fields = closedObject(item, { path, refuse }, ['seq'])
  return { seq: countAt(fields.seq, 1, `${path}/seq`, refuse) }
}

function parseKeyCid(key: string): Cid {
  return cidAt(key, `/${key.slice(0, 80)}`, refuse)
}

function list<T>(
  fields: JsonObject,
  key: string,
  parse: (item: Json, path: string) => T,
): readonly T[] {
  const items: Json | undefined = fields[key]
  if (!Array.isArray(items)) throw refuse('a list', describe(items), `/${key}`)
  return items.map((item: Json, i) => parse(item, `/${key}/${i}`))
}

function map<K extends string, V>(
  fields: JsonObject,
  key: string,
  parseKey: (key: string) => K,
  parse: (item: Json, path: string) => V,
): ReadonlyMap<K, V> {
  const members = fields[key]
  if (!isJsonObject(members)) throw refuse('an object', describe(members), `/${key}`)
  const entries = Object.entries(members)
  return new Map(entries.map(([name, item]) => [parseKey(name), parse(item, `/${key}/${name}`)]))
}
