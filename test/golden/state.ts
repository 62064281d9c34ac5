// Golden logs: what was once signed, as files, and the state that it amounts to, for people to read. fixtures/golden/ has both.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBase64, type Json, toBase64, toHex } from '../../src/lib/index.ts'
import { createReplay, type LogState, type Role, type Roles } from '../../src/log/index.ts'
import { keyFingerprint, loadVerifier } from '../../src/trust/index.ts'
import type { Signed } from '../support/many-keys.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'golden')

export function listLogs(): readonly string[] {
  mkdirSync(FOLDER, { recursive: true })
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.log.json'))
  return files.map((file) => file.replace('.log.json', '')).sort()
}

export function readLog(name: string): readonly Signed[] {
  const entries: readonly { readonly statement: string; readonly bundles: readonly string[] }[] =
    JSON.parse(readFileSync(join(FOLDER, `${name}.log.json`), 'utf8'))
  return entries.map(({ statement, bundles }) => ({
    statement: decode(statement),
    bundles: bundles.map(decode),
  }))
}

export function writeLog(name: string, entries: readonly Signed[]): void {
  write(
    `${name}.log.json`,
    entries.map(({ statement, bundles }) => ({
      statement: toBase64(statement),
      bundles: bundles.map(toBase64),
    })),
  )
}

export function readState(name: string): Json {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.state.json`), 'utf8'))
}

export function writeState(name: string, state: Json): void {
  write(`${name}.state.json`, state)
}

/** What a replay of the entries says, with keys as their fingerprints. */
export async function stateOf(entries: readonly Signed[]): Promise<Json> {
  const replay = createReplay(await loadVerifier())
  for (const entry of entries) await replay.add(entry)
  const { state, root, histories } = replay
  if (state === undefined) throw new Error('an empty log')
  const said = {
    publisher: state.publisher,
    size: state.size,
    head: state.head,
    treeRoot: toHex(root),
    indexRoot: state.index,
    roles: rolesIn(state.roles),
    ...authorityIn(state),
    histories: Object.fromEntries(
      [...histories].map(([name, { versions }]) => [name, versions]).sort(),
    ),
  }
  return JSON.parse(JSON.stringify(said))
}

function authorityIn({ authority, notices }: LogState): object {
  const { keys, delegations, revokedKeys } = authority
  return {
    keySets: keys.map(({ seq, roles, nextKeyHashes }) => ({
      seq,
      roles: rolesIn(roles),
      nextKeyHashes,
    })),
    delegations: delegations.map(({ role, ...at }) => ({
      ...at,
      role: role === null ? null : roleIn(role),
    })),
    revokedKeys,
    claims: Object.fromEntries(notices.claims),
    revoked: Object.fromEntries(notices.revoked),
    tombstones: Object.fromEntries(notices.tombstones),
    recovered: Object.fromEntries(notices.recovered),
  }
}

function rolesIn({ root, release, brake, log }: Roles): object {
  const [logKey] = log.keys
  return {
    root: roleIn(root),
    release: roleIn(release),
    brake: roleIn(brake),
    log: keyFingerprint(logKey),
  }
}

function roleIn({ threshold, keys }: Role): object {
  return { threshold, keys: keys.map(keyFingerprint) }
}

function write(file: string, value: unknown): void {
  writeFileSync(join(FOLDER, file), `${JSON.stringify(value, null, 2)}\n`)
}

function decode(text: string): Uint8Array {
  const bytes = fromBase64(text)
  if (bytes === undefined) throw new Error('not base64')
  return bytes
}
