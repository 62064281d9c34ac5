// Aliases: bare words that this node, and no other, takes for a name. There are no bare names in the registry: nobody else can
// decide what `weather` means here, and a word that nobody chose here means nothing (T10).

import { isRegistryError, RegistryError, utf8 } from '../lib/index.ts'
import { isBareName, isPublisherId, parseReference } from '../spec/index.ts'
import type { RecordKey, Store } from '../store/index.ts'
import { findCandidates } from './near-names.ts'

export interface Alias {
  readonly word: string
  /** `NAME[@RANGE]`. */
  readonly reference: string
}

const MAX_WORD = 64

/** Answers whether it is new. A word that stands for something else already is refused (USAGE), not turned. */
export async function addAlias(store: Store, word: string, reference: string): Promise<boolean> {
  assertWord(word)
  const { tool } = parseReference(reference)
  if (tool !== undefined) throw noTool(reference)
  const key = aliasKey(word)
  const [value] = await store.findRecords([key])
  if (value !== undefined) {
    const held = parseAlias(word, value)
    if (held.reference === reference) return false
    throw taken(held, reference)
  }
  await store.commit({
    put: [{ ...key, value: utf8(reference) }],
    expect: [{ ...key, value: undefined }],
  })
  return true
}

/** NOT_FOUND when there is none. A record that cannot be read is removed like any other. */
export async function removeAlias(store: Store, word: string): Promise<void> {
  assertWord(word)
  const key = aliasKey(word)
  const [value] = await store.findRecords([key])
  if (value === undefined) throw await unknownWord(store, word)
  await store.commit({ remove: [key], expect: [{ ...key, value }] })
}

/** By word. */
export async function* listAliases(store: Store): AsyncIterable<Alias> {
  for await (const { key, value } of store.listRecords('alias')) yield parseAlias(key, value)
}

/**
 * `NAME…` as it is; `WORD[@RANGE][#TOOL]` as what the word stands for here, where a range of its own takes the place of the
 * alias's. Text that is neither is left to the parser of names. NOT_FOUND, with candidates, for a word without an alias:
 * a word is never looked up elsewhere. `known` are further names that may have been meant.
 */
export async function expandAlias(
  store: Store,
  text: string,
  known: readonly string[] = [],
): Promise<string> {
  const [word = '', rest = ''] = splitWord(text)
  if (!isBareName(word) || isPublisherId(word)) return text
  const [value] = await store.findRecords([aliasKey(word)])
  if (value === undefined) throw await unknownWord(store, word, known)
  const { reference } = parseAlias(word, value)
  const { name } = parseReference(reference)
  return rest.startsWith('@') ? `${name}${rest}` : `${reference}${rest}`
}

function splitWord(text: string): readonly string[] {
  const end = text.search(/[@#]/)
  return end === -1 ? [text] : [text.slice(0, end), text.slice(end)]
}

function aliasKey(word: string): RecordKey {
  return { table: 'alias', key: word }
}

function parseAlias(word: string, value: Uint8Array): Alias {
  const reference = Buffer.from(value).toString('utf8')
  try {
    if (parseReference(reference).tool === undefined) return { word, reference }
  } catch (cause) {
    throw isRegistryError(cause) ? brokenAlias(word, cause) : cause
  }
  throw brokenAlias(word)
}

function assertWord(word: string): void {
  if (isBareName(word) && word.length <= MAX_WORD && !isPublisherId(word)) return
  throw new RegistryError('NAME_INVALID', 'This word cannot be an alias.', {
    expected: `1 to ${MAX_WORD} of a-z 0-9 . _ -, with a letter or digit at both ends`,
    got: JSON.stringify(word.slice(0, 100)),
    next: 'Choose a shorter or plainer word.',
  })
}

function noTool(reference: string): RegistryError {
  return new RegistryError('NAME_INVALID', 'An alias stands for a release, not for a tool in it.', {
    expected: 'NAME or NAME@RANGE',
    got: JSON.stringify(reference.slice(0, 300)),
    next: 'Leave out the part from `#`; `WORD#TOOL` works with every alias.',
  })
}

function taken({ word, reference }: Alias, asked: string): RegistryError {
  return new RegistryError('USAGE', `The alias ${word} stands for something else already.`, {
    expected: reference,
    got: asked,
    next: `Choose another word, or first run \`registry alias remove ${word}\`.`,
  })
}

async function unknownWord(
  store: Store,
  word: string,
  known: readonly string[] = [],
): Promise<RegistryError> {
  const words = (await Array.fromAsync(store.listRecords('alias'))).map(({ key }) => key)
  const candidates = await findCandidates(store, word, [...words, ...known])
  const [first] = candidates
  const next =
    first === undefined
      ? 'Write the whole name, namespace/name, as its publisher gives it.'
      : `Write the name you mean: ${candidates.join(', ')}.`
  return new RegistryError(
    'NOT_FOUND',
    `${word} stands for nothing here: a bare word is looked up among your own aliases only.`,
    {
      expected: 'namespace/name, or a word among your own aliases',
      got: word,
      next: `${next} \`registry alias add ${word} NAME\` makes the word stand for it.`,
      evidence: { candidates },
    },
  )
}

function brokenAlias(word: string, cause?: unknown): RegistryError {
  return new RegistryError('STORE_CORRUPT', `The alias ${word} cannot be read.`, {
    expected: 'NAME or NAME@RANGE',
    got: 'something else',
    next: `Run \`registry alias remove ${word}\`, and add it again.`,
    cause,
  })
}
