// Which key signs a log's heads, told from its genesis and the key entries after it alone: a fork proof carries them, so that strangers
// believe a head of a log whose key was rotated. Judged by position, as everywhere: a key that was once in force binds its publisher.

import { equalBytes, type Json, RegistryError, toBase64 } from '../../lib/index.ts'
import { bareBundle, equalKeys, type PublicKey, type Verifier } from '../../trust/index.ts'
import { closedObject, describe } from '../entries/fields.ts'
import { type GenesisStatement, parseStatement } from '../entries/statement.ts'
import { openAuthority } from '../replay/authority-block.ts'
import { NO_NOTICES } from '../replay/notices.ts'
import { authorityFor, type SignedBytes, verifyAuthority } from '../replay/state.ts'
import { verifyCheckpoint } from '../tree/checkpoint.ts'
import { bytesAt, bytesListAt, refuse } from './fork-fields.ts'

/** Key entries in log order, from the first one after the genesis on. */
export type KeyChain = readonly SignedBytes[]

/** A log key, and the position of the entry that put it in force: it signs heads of more entries than that. */
export interface LogKey {
  readonly key: PublicKey
  readonly seq: number
}

/**
 * The genesis's log key and the one after each entry, all entries signed by old and new root keys. Revocations are not known here: they
 * end what a root key may do later, and whoever holds it could have signed for an earlier position. Throws STATEMENT_*, SUBJECT_MISMATCH,
 * SEQUENCE_INVALID, SIGNER_UNAUTHORIZED and what `verifyAuthority` throws.
 */
export function logKeysIn(
  genesis: GenesisStatement,
  chain: KeyChain,
  verifier: Verifier,
): readonly LogKey[] {
  const statements = chain.map(({ statement }) => parseStatement(statement))
  const seqs = statements.map(({ seq }) => seq)
  for (const [i, { publisher, seq }] of statements.entries()) {
    if (publisher !== genesis.publisher) throw foreign(genesis.publisher, publisher)
    if (seq <= (seqs[i - 1] ?? 0)) throw refuse('key entries in log order', `seq ${seq}`, '/keys')
  }
  const block = { keys: seqs, delegations: [], revokedKeys: [], notices: NO_NOTICES }
  const authority = openAuthority(genesis, statements, block)
  for (const [i, signed] of chain.entries()) {
    const statement = statements[i]
    if (statement === undefined) continue
    verifyAuthority(verifier, signed, authorityFor({ authority }, statement))
  }
  return authority.keys.map(({ seq, roles }) => ({ seq, key: roles.log.keys[0] }))
}

/** The key at the end of a chain that is no longer than it must be, so that one head has one chain. */
export function lastKey(keys: readonly LogKey[], path: string): LogKey {
  const last = keys.at(-1)
  if (last === undefined) throw refuse('a key', 'none', path)
  const first = keys.findIndex(({ key }) => equalKeys(key, last.key))
  if (first === keys.length - 1) return last
  throw refuse(`the ${first} key entries up to the head’s key`, `${keys.length - 1}`, path)
}

/**
 * The shortest chain, of those known, that ends with the key that signed the note; undefined when none does. A head is believed of a
 * chain of its own, for two histories may each have rotated.
 */
export function findChain(
  note: Uint8Array,
  genesis: GenesisStatement,
  { known, verifier }: { readonly known: readonly KeyChain[]; readonly verifier: Verifier },
): { readonly chain: KeyChain; readonly logKey: PublicKey } | undefined {
  const found = [[], ...known].flatMap((chain) => {
    const keys = logKeysIn(genesis, chain, verifier)
    const at = keys.findIndex((key) => isBy(note, genesis, key))
    const logKey = keys[at]?.key
    return logKey === undefined ? [] : [{ chain: chain.slice(0, at).map(bareEntry), logKey }]
  })
  return found.toSorted((a, b) => a.chain.length - b.chain.length)[0]
}

function isBy(
  note: Uint8Array,
  { publisher }: GenesisStatement,
  { key: logKey, seq }: LogKey,
): boolean {
  try {
    return verifyCheckpoint(note, { publisher, logKey }).size > seq
  } catch (error) {
    if (error instanceof RegistryError) return false
    throw error
  }
}

/** Without what anybody could change in a bundle, and in one order: the same entry is the same bytes for everyone who has its signatures. */
function bareEntry({ statement, bundles }: SignedBytes): SignedBytes {
  const sorted = bundles.map(bareBundle).toSorted(Buffer.compare)
  const distinct = sorted.filter((bytes, i) => Buffer.compare(bytes, sorted[i - 1] ?? EMPTY) !== 0)
  return { statement, bundles: distinct }
}

const EMPTY = new Uint8Array()

export function writeChain(chain: KeyChain): Json {
  return chain.map(({ statement, bundles }) => ({
    statement: toBase64(statement),
    bundles: bundles.map(toBase64),
  }))
}

export function parseChain(value: Json | undefined, path: string): KeyChain {
  if (!Array.isArray(value)) throw refuse('a list', describe(value), path)
  return value.map((item: Json, i) => {
    const at = `${path}/${i}`
    const fields = closedObject(item, { path: at, refuse }, ['statement', 'bundles'])
    const statement = bytesAt(fields.statement, `${at}/statement`)
    const entry = { statement, bundles: bytesListAt(fields.bundles, `${at}/bundles`) }
    const { bundles } = bareEntry(entry)
    const isBare =
      bundles.length === entry.bundles.length &&
      bundles.every((bytes, j) => equalBytes(bytes, entry.bundles[j] ?? EMPTY))
    if (isBare) return entry
    throw refuse('bundles in RFC 8785 form without hints, in order', 'others', `${at}/bundles`)
  })
}

function foreign(expected: string, got: string): RegistryError {
  return new RegistryError('SUBJECT_MISMATCH', 'A key entry is of another publisher’s log.', {
    expected,
    got,
    next: 'Do not act on it. Ask whoever gave it to you for the exact file.',
  })
}
