// A name's history: every version ever released under it, each bound to one release for good (T19).

import { type Cid, cidOf } from '../cid/index.ts'
import {
  canonicalBytes,
  isJsonObject,
  type Json,
  parseCanonical,
  RegistryError,
} from '../lib/index.ts'
import { parseName, parseVersion } from '../spec/index.ts'
import type { Block } from '../store/index.ts'
import { cidAt, closedObject, constantAt, countAt, describe, refusal } from './fields.ts'

interface HistoryVersion {
  readonly release: Cid
  /** Position of its statement in the log. */
  readonly seq: number
}

export interface History {
  readonly kind: 'history/v1'
  readonly name: string
  readonly versions: Readonly<Record<string, HistoryVersion>>
}

export interface NewVersion extends HistoryVersion {
  readonly name: string
  readonly version: string
}

const KIND = 'history/v1'
/** Some 7,000 versions; travels in one frame with the nodes that lead to it. */
const MAX_HISTORY = 768 * 1024
const MAX_KEYS = 30_000

const refuse = refusal(
  'DOCUMENT_INVALID',
  'This is not the history of a name.',
  'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
)

/** Throws DOCUMENT_INVALID, or the JSON_*, NAME_* or VERSION_* code that says more. */
export function parseHistory(bytes: Uint8Array): History {
  const value = parseCanonical(bytes, { maxBytes: MAX_HISTORY, maxKeys: MAX_KEYS })
  const fields = closedObject(value, { path: '', refuse }, ['kind', 'name', 'versions'])
  constantAt(fields.kind, KIND, '/kind', refuse)
  const versions = fields.versions
  if (!isJsonObject(versions)) throw refuse('an object', describe(versions), '/versions')
  const entries = Object.entries(versions)
  if (entries.length === 0) throw refuse('one version or more', 'none', '/versions')
  const parsed = entries.map(([version, at]) => [
    parseVersion(version),
    parseVersionEntry(version, at),
  ])
  return {
    kind: KIND,
    name: parseName(fields.name),
    versions: Object.freeze(Object.fromEntries(parsed) as History['versions']),
  }
}

/** Throws LIMIT_EXCEEDED for a history that nobody could read. */
export function historyBlock(history: History): Block {
  const bytes = canonicalBytes(history)
  if (bytes.length <= MAX_HISTORY) return { cid: cidOf(bytes), bytes }
  throw new RegistryError('LIMIT_EXCEEDED', 'This name has too many versions.', {
    expected: `at most ${MAX_HISTORY} bytes of history`,
    got: `${bytes.length} bytes`,
    next: 'Go on under a new name.',
  })
}

/** Throws VERSION_EXISTS if the version is there with another release; the same again changes nothing. */
export function addVersion(
  history: History | undefined,
  { name, version, release, seq }: NewVersion,
): History {
  if (history !== undefined && history.name !== name) throw refuse(history.name, name, '/name')
  const versions = history?.versions ?? {}
  const existing = Object.hasOwn(versions, version) ? versions[version] : undefined
  if (history !== undefined && existing?.release === release) return history
  if (existing === undefined) {
    return { kind: KIND, name, versions: { ...versions, [version]: { release, seq } } }
  }
  throw new RegistryError(
    'VERSION_EXISTS',
    `${name}@${version} was released before with other content.`,
    {
      expected: existing.release,
      got: release,
      next: 'Raise the version: what a version names never changes.',
    },
  )
}

function parseVersionEntry(version: string, value: Json): HistoryVersion {
  const path = `/versions/${version}`
  const fields = closedObject(value, { path, refuse }, ['release', 'seq'])
  const release = cidAt(fields.release, `${path}/release`, refuse)
  return { release, seq: countAt(fields.seq, 1, `${path}/seq`, refuse) }
}
