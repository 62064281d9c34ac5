// Names, namespaces, publisher ids and references (docs/protocol.md, "Names"). ASCII and lower case only, refused rather
// than folded: two spellings that look alike must never be two names, and one name must never have two spellings.

import { encodeBase32, findForbidden, RegistryError, sha256 } from '../lib/index.ts'
import { parseRange } from './versions.ts'

/** `p` and the base32 of the sha-256 of the genesis statement: 53 characters. */
export type PublisherId = string & { readonly __brand: 'PublisherId' }

export interface Reference {
  /** A whole name, `namespace/name`. */
  readonly name: string
  readonly range: string | undefined
  readonly tool: string | undefined
}

// 256 bits leave four padding bits in the last character; they are zero, so it is `a` or `q`: one id, one spelling.
const PUBLISHER_ID = /^p[a-z2-7]{51}[aq]$/
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const BASE = /^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/
const MAX_BASE = 100
const MAX_NAME = 200
const GRAMMAR = 'namespace/name in lower-case ASCII, for example com.example/weather'

export function publisherIdOf(genesisStatement: Uint8Array): PublisherId {
  return `p${encodeBase32(sha256(genesisStatement))}` as PublisherId
}

export function isPublisherId(text: unknown): text is PublisherId {
  return typeof text === 'string' && PUBLISHER_ID.test(text)
}

export function parsePublisherId(text: unknown): PublisherId {
  if (isPublisherId(text)) return text
  throw new RegistryError('NAME_INVALID', 'This is not a publisher id.', {
    expected: '"p" and 52 characters of lower-case base32',
    got: show(text),
    next: 'Copy the id again from the publisher; it is 53 characters long.',
  })
}

/** Throws NAME_INVALID unless `text` is `namespace/name`. */
export function parseName(text: unknown): string {
  const problem = typeof text === 'string' ? findNameProblem(text) : 'it is not a string'
  if (problem === undefined) return text as string
  throw new RegistryError('NAME_INVALID', `This is not a name: ${problem}.`, {
    expected: GRAMMAR,
    got: show(text),
    next: isBareName(text)
      ? 'Write the namespace too; a bare word is looked up only among your own aliases and in the lockfile.'
      : 'Names are never corrected; write the name as its publisher does.',
  })
}

export function isName(text: string): boolean {
  return findNameProblem(text) === undefined
}

/** The two halves of a name that `parseName` accepts. */
export function splitName(name: string): { readonly namespace: string; readonly base: string } {
  const slash = parseName(name).indexOf('/')
  return { namespace: name.slice(0, slash), base: name.slice(slash + 1) }
}

/** Whether this could be the part of a name after its namespace. */
export function isBareName(text: unknown): text is string {
  return typeof text === 'string' && BASE.test(text)
}

/** Throws NAME_INVALID unless `text` can name a tool inside a release. */
export function parseToolName(text: unknown): string {
  if (typeof text === 'string' && isToolName(text)) return text
  throw new RegistryError('NAME_INVALID', `This is not a tool name: ${toolNameProblem(text)}.`, {
    expected: '1 to 128 of A-Z a-z 0-9 _ . -',
    got: show(text),
  })
}

/** `NAME[@RANGE][#TOOL]`. Throws NAME_INVALID or VERSION_INVALID. */
export function parseReference(text: string): Reference {
  const hash = text.indexOf('#')
  const release = hash === -1 ? text : text.slice(0, hash)
  const at = release.indexOf('@')
  return {
    name: parseName(at === -1 ? release : release.slice(0, at)),
    range: at === -1 ? undefined : parseRange(release.slice(at + 1)),
    tool: hash === -1 ? undefined : parseToolName(text.slice(hash + 1)),
  }
}

function isToolName(text: string): boolean {
  return TOOL_NAME.test(text) && text !== '.' && text !== '..'
}

/** Most names at one look: an id and what follows it are within the limits of both. */
const OWN_NAME = new RegExp(`^${PUBLISHER_ID.source.slice(1, -1)}/${BASE.source.slice(1)}`)

function findNameProblem(text: string): string | undefined {
  if (OWN_NAME.test(text)) return undefined
  const odd = findOddCharacter(text, /[^a-z0-9._/-]/u)
  if (odd !== undefined) return odd
  const slash = text.indexOf('/')
  if (slash === -1) return 'it has no namespace'
  if (text.includes('/', slash + 1)) return 'it has more than one "/"'
  if (text.length > MAX_NAME) return `it has ${text.length} characters and may have ${MAX_NAME}`
  return findNamespaceProblem(text.slice(0, slash)) ?? findBaseProblem(text.slice(slash + 1))
}

function findNamespaceProblem(namespace: string): string | undefined {
  if (PUBLISHER_ID.test(namespace)) return undefined
  const labels = namespace.split('.')
  const bad = labels.find((label) => !LABEL.test(label))
  if (bad === undefined) {
    return labels.length > 1
      ? undefined
      : 'its namespace is neither a publisher id nor a domain of two or more labels'
  }
  if (bad === '') return 'its namespace has an empty label'
  if (bad.length > 63)
    return `a label of its namespace has ${bad.length} characters and may have 63`
  if (bad.includes('_')) return 'its namespace holds "_"'
  return `the label "${bad}" of its namespace begins or ends with "-"`
}

function findBaseProblem(base: string): string | undefined {
  if (BASE.test(base)) return undefined
  if (base === '') return 'nothing follows the "/"'
  if (base.length > MAX_BASE)
    return `the part after "/" has ${base.length} characters and may have ${MAX_BASE}`
  return 'the part after "/" begins or ends with something else than a letter or digit'
}

function toolNameProblem(text: unknown): string {
  if (typeof text !== 'string') return 'it is not a string'
  if (text === '') return 'it is empty'
  if (text === '.' || text === '..') return 'it would name a folder'
  return (
    findOddCharacter(text, /[^A-Za-z0-9_.-]/u) ??
    `it has ${text.length} characters and may have 128`
  )
}

/** Names the code point: a Cyrillic "а" or a zero-width space cannot be told by looking. */
function findOddCharacter(text: string, odd: RegExp): string | undefined {
  const index = text.search(odd)
  const code = text.codePointAt(index)
  if (index === -1 || code === undefined) return undefined
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  const forbidden = findForbidden(String.fromCodePoint(code))?.what
  if (code === 0x20) return `character ${index + 1} is a space`
  const shown = code > 0x20 && code < 0x7f ? `"${String.fromCodePoint(code)}"` : point
  const upper = code >= 0x41 && code <= 0x5a ? ', an upper-case letter' : ''
  return `character ${index + 1} is ${shown}${upper}${forbidden === undefined ? '' : `, ${forbidden}`}`
}

function show(text: unknown): string {
  return typeof text === 'string' ? JSON.stringify(text.slice(0, 100)) : typeof text
}
