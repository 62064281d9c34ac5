// What is known here that a name could be taken for, or could have been meant by a word. It warns and suggests; it never decides.

import { listPins, parseEvidenceKey } from '../resolve/index.ts'
import {
  hasPunycode,
  isNear,
  isPublisherId,
  type PublisherId,
  skeletonOf,
  splitName,
} from '../spec/index.ts'
import type { Store } from '../store/index.ts'

export interface NameWarning {
  /** `confusable`: looks the same at a glance. `near`: an edit or two away. `punycode`: looks like nothing it stands for. */
  readonly kind: 'confusable' | 'near' | 'punycode'
  /** The name or namespace asked for. */
  readonly asked: string
  /** The name or namespace known here that it could be taken for. */
  readonly known?: string
  /** Whether either is written in punycode. */
  readonly punycode: boolean
  readonly message: string
}

/** A name that nobody should want makes no use of more. */
const MOST = 5

/**
 * Warnings about a name that is asked for the first time; none for one that is held here. `publisher` is whose it is thought
 * to be: a publisher may name its own things alike, as long as they do not look the same. `locked` are names that a lockfile
 * holds, by publisher: known also where nothing of them is in the store yet.
 */
export async function warnOfName(
  store: Store,
  name: string,
  publisher?: PublisherId,
  locked: ReadonlyMap<string, PublisherId> = new Map(),
): Promise<readonly NameWarning[]> {
  const { namespace } = splitName(name)
  if (locked.has(name) || (await isHeld(store, name))) return []
  const known = await readKnown(store, locked)
  const isNew = !known.namespaces.has(namespace)
  const spaces = isNew ? findAlike(namespace, known.namespaces, publisher) : []
  const skeleton = skeletonOf(name)
  const names = [...known.names.keys()].filter((other) => skeletonOf(other) === skeleton)
  // Two namespaces that look alike are said once, not again for each name in them.
  const apart = names.filter(
    (other) => !spaces.some((space) => space.known === splitName(other).namespace),
  )
  const alike = apart.map((other) => warning('confusable', name, other))
  const odd = isNew && spaces.length === 0 && hasPunycode(namespace) ? [oddName(namespace)] : []
  return [...spaces, ...alike, ...odd].slice(0, MOST)
}

/** What a bare word may have been meant for, among `words` and the names known here; the likeliest first. */
export async function findCandidates(
  store: Store,
  word: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const { names } = await readKnown(store)
  const skeleton = skeletonOf(word)
  const ranked = [...new Set([...words, ...names.keys()])]
    .map((name) => ({ name, text: name.includes('/') ? splitName(name).base : name }))
    .map(({ name, text }) => ({ name, rank: rankOf(word, skeleton, text) }))
    .filter(({ rank }) => rank < Infinity)
    .sort((a, b) => a.rank - b.rank)
  return ranked.slice(0, MOST).map(({ name }) => name)
}

function rankOf(word: string, skeleton: string, text: string): number {
  if (text === word) return 0
  if (skeletonOf(text) === skeleton) return 1
  if (isNear(text, word)) return 2
  return word.length >= 3 && (text.includes(word) || word.includes(text)) ? 3 : Infinity
}

async function isHeld(store: Store, name: string): Promise<boolean> {
  for await (const _own of store.listRecords('claim', { prefix: `${name}/`, limit: 1 })) return true
  for await (const _got of store.listRecords('evidence', { prefix: `${name}@`, limit: 1 })) {
    return true
  }
  return false
}

interface Known {
  /** Publisher by whole name, of what was published or pulled here. */
  readonly names: ReadonlyMap<string, PublisherId>
  /** Publisher by namespace, of those and of the pins. */
  readonly namespaces: ReadonlyMap<string, PublisherId>
}

async function readKnown(
  store: Store,
  locked: ReadonlyMap<string, PublisherId> = new Map(),
): Promise<Known> {
  const names = new Map(locked)
  for await (const { key } of store.listRecords('claim')) {
    const slash = key.lastIndexOf('/')
    names.set(key.slice(0, slash), key.slice(slash + 1) as PublisherId)
  }
  for await (const { key } of store.listRecords('evidence')) {
    const { name, publisher } = parseEvidenceKey(key)
    names.set(name, publisher)
  }
  const namespaces = new Map<string, PublisherId>()
  for (const [name, publisher] of names) namespaces.set(splitName(name).namespace, publisher)
  for await (const { namespace, publisher } of listPins(store)) namespaces.set(namespace, publisher)
  return { names, namespaces }
}

function findAlike(
  namespace: string,
  known: Known['namespaces'],
  publisher: PublisherId | undefined,
): readonly NameWarning[] {
  const owner = isPublisherId(namespace) ? namespace : publisher
  const skeleton = skeletonOf(namespace)
  return [...known].flatMap(([other, holder]) => {
    if (skeletonOf(other) === skeleton) return [warning('confusable', namespace, other)]
    return holder !== owner && isNear(namespace, other) ? [warning('near', namespace, other)] : []
  })
}

function warning(kind: 'confusable' | 'near', asked: string, known: string): NameWarning {
  const punycode = hasPunycode(splitSpace(asked)) || hasPunycode(splitSpace(known))
  const how = kind === 'confusable' ? 'looks like' : 'is nearly'
  const flag = punycode ? ' (xn-- is punycode: it stands for other letters)' : ''
  const message = `${asked} ${how} ${known}, which is known here${flag}. Be sure that you mean it.`
  return { kind, asked, known, punycode, message }
}

function oddName(namespace: string): NameWarning {
  return {
    kind: 'punycode',
    asked: namespace,
    punycode: true,
    message: `${namespace} holds punycode (xn--): it stands for other letters than it shows. Be sure that you mean it.`,
  }
}

function splitSpace(text: string): string {
  return text.split('/')[0] ?? text
}
