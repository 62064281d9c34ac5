// A name's history: every version ever released under it, each bound to one release for good (T19).

import { type Cid, cidOf } from '../../cid/index.ts'
import {
  canonicalize,
  isJsonObject,
  type Json,
  type JsonObject,
  parseCanonical,
  RegistryError,
  utf8,
} from '../../lib/index.ts'
import { parseName, parseVersion } from '../../spec/index.ts'
import type { Block } from '../../store/index.ts'
import type { ActionOf } from '../entries/actions.ts'
import { cidAt, closedObject, constantAt, countAt, describe, refusal } from '../entries/fields.ts'
import { readPlainHistory } from './plain-history.ts'
import { alreadyDone } from './refusals.ts'

export interface HistoryVersion {
  readonly release: Cid
  /** Position of its statement in the log. */
  readonly seq: number
  readonly deprecated?: {
    readonly seq: number
    readonly message?: string
    readonly successor?: string
  }
  readonly yanked?: { readonly seq: number; readonly reason?: string }
}

export interface History {
  readonly kind: 'history/v1'
  readonly name: string
  readonly versions: Readonly<Record<string, HistoryVersion>>
}

const KIND = 'history/v1'
/** Some 7,000 versions; travels in one frame with the nodes that lead to it. */
const MAX_HISTORY = 768 * 1024
/** More than fit into so many bytes: what can be written can be read. */
const MAX_KEYS = 100_000

const refuse = refusal(
  'DOCUMENT_INVALID',
  'This is not the history of a name.',
  'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
)

/** Throws DOCUMENT_INVALID, or the JSON_*, NAME_* or VERSION_* code that says more. */
export function parseHistory(bytes: Uint8Array): History {
  return readPlainHistory(bytes) ?? readHistory(bytes)
}

/** The same, of any form. */
export function readHistory(bytes: Uint8Array): History {
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

/**
 * The canonical form: names and versions hold nothing that JSON escapes. A name's versions are written again with each that follows, so
 * what one looks like is kept. Throws LIMIT_EXCEEDED for a history that nobody could read.
 */
export function historyBlock({ name, versions }: History): Block {
  let members = ''
  for (const version of sorted(Object.keys(versions))) {
    const comma = members === '' ? '' : ','
    members += `${comma}"${version}":${textOf(versions[version] as HistoryVersion)}`
  }
  const bytes = utf8(`{"kind":"${KIND}","name":"${name}","versions":{${members}}}`)
  if (bytes.length <= MAX_HISTORY) return { cid: cidOf(bytes), bytes }
  throw new RegistryError('LIMIT_EXCEEDED', 'This name has too many versions.', {
    expected: `at most ${MAX_HISTORY} bytes of history`,
    got: `${bytes.length} bytes`,
    next: 'Go on under a new name.',
  })
}

/** In place; versions mostly come in their order. */
function sorted(versions: string[]): readonly string[] {
  const isSorted = versions.every((version, i) => i === 0 || (versions[i - 1] as string) < version)
  return isSorted ? versions : versions.sort()
}

const written = new WeakMap<HistoryVersion, string>()

function textOf(version: HistoryVersion): string {
  const known = written.get(version)
  if (known !== undefined) return known
  const { release, seq, deprecated, yanked } = version
  const isPlain = deprecated === undefined && yanked === undefined
  const text = isPlain ? `{"release":"${release}","seq":${seq}}` : canonicalize(version)
  written.set(version, text)
  return text
}

/** Actions that change a name's history. */
export type NamedAction = ActionOf<'release' | 'deprecate' | 'yank'>

export function isNamed<A extends { readonly kind: string }>(action: A): action is A & NamedAction {
  return action.kind === 'release' || action.kind === 'deprecate' || action.kind === 'yank'
}

/**
 * After the action at `seq`; what is there already changes nothing. Throws VERSION_EXISTS for a version that is there with another release,
 * NOT_FOUND for one that is not there, LIFECYCLE_INVALID for a second deprecation in other words: all of these are said once.
 */
export function historyAfter(
  history: History | undefined,
  action: NamedAction,
  seq: number,
): History {
  const { name, version, subject: release } = action
  if (history !== undefined && history.name !== name) throw refuse(history.name, name, '/name')
  const existing = findVersion(history, version)
  if (action.kind === 'release' && existing === undefined) {
    return withVersion(history, action, { release, seq })
  }
  const known = assertRelease(action, existing)
  if (history === undefined || action.kind === 'release')
    return history ?? withVersion(history, action, known)
  const after = withStatus(known, action, seq)
  return after === known ? history : withVersion(history, action, after)
}

export function findVersion(
  history: Pick<History, 'versions'> | undefined,
  version: string,
): HistoryVersion | undefined {
  const versions = history?.versions ?? {}
  return Object.hasOwn(versions, version) ? versions[version] : undefined
}

function withVersion(
  history: History | undefined,
  { name, version }: NamedAction,
  at: HistoryVersion,
): History {
  return { kind: KIND, name, versions: { ...history?.versions, [version]: at } }
}

function withStatus(
  known: HistoryVersion,
  action: ActionOf<'deprecate' | 'yank'>,
  seq: number,
): HistoryVersion {
  if (action.kind === 'yank') {
    if (known.yanked !== undefined) return known
    const { reason } = action
    return { ...known, yanked: { seq, ...(reason === undefined ? {} : { reason }) } }
  }
  const { message, successor } = action
  const words = {
    ...(message === undefined ? {} : { message }),
    ...(successor === undefined ? {} : { successor }),
  }
  const before = known.deprecated
  if (before === undefined) return { ...known, deprecated: { seq, ...words } }
  if (before.message === message && before.successor === successor) return known
  throw alreadyDone('This version is deprecated already.', {
    expected: `the words of entry ${before.seq}`,
    got: 'other words',
    next: 'What a log has said stays said. Release a new version to say something else.',
  })
}

function assertRelease(
  { name, version, subject: release }: NamedAction,
  existing: HistoryVersion | undefined,
): HistoryVersion {
  if (existing?.release === release) return existing
  if (existing === undefined) {
    throw new RegistryError('NOT_FOUND', `${name}@${version} was never released.`, {
      expected: 'a version of the name’s history',
      got: version,
      next: 'Check the spelling with `registry log`.',
    })
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
  const at = { path, refuse }
  const fields = closedObject(value, at, ['release', 'seq'], ['deprecated', 'yanked'])
  return {
    release: cidAt(fields.release, `${path}/release`, refuse),
    seq: countAt(fields.seq, 1, `${path}/seq`, refuse),
    ...statusOf(fields, path, 'deprecated', ['message', 'successor']),
    ...statusOf(fields, path, 'yanked', ['reason']),
  }
}

/** When and why; the words were checked when the entry was. */
function statusOf(
  version: JsonObject,
  parent: string,
  key: 'deprecated' | 'yanked',
  words: readonly string[],
): object {
  if (!Object.hasOwn(version, key)) return {}
  const path = `${parent}/${key}`
  const fields = closedObject(version[key], { path, refuse }, ['seq'], words)
  countAt(fields.seq, 1, `${path}/seq`, refuse)
  const odd = words.find((word) => Object.hasOwn(fields, word) && typeof fields[word] !== 'string')
  if (odd !== undefined) throw refuse('a string', describe(fields[odd]), `${path}/${odd}`)
  return { [key]: fields }
}
