// A request to sign, as a file: entries that a log would take next, whole, with everything they speak of, and the signatures gathered so far. It is
// carried between the people who have to agree; nothing in it is believed because it is in there.

import {
  canonicalBytes,
  fromBase64,
  isJsonObject,
  type Json,
  parseCanonical,
  RegistryError,
  toBase64,
} from '../../lib/index.ts'
import type { Alternatives, LogDraft } from '../../log/index.ts'
import { LIMITS, type PublisherId, parsePublisherId } from '../../spec/index.ts'
import { signersNamed } from './placeholders.ts'

export interface SignRequest {
  readonly publisher: PublisherId
  /** In the order in which the log would take them. */
  readonly statements: readonly Uint8Array[]
  /** The releases and tools that they name. */
  readonly blocks: readonly Uint8Array[]
  /** Whose signature is of use: fingerprints of keys, names of identities. For finding the right key, no more. */
  readonly signers: readonly string[]
  /** Sigstore bundles over the statements. */
  readonly bundles: readonly Uint8Array[]
}

/** What a draft would append, to be signed by whoever may. */
export function requestOf(
  { publisher, added }: LogDraft,
  alternatives: Alternatives,
  blocks: readonly Uint8Array[] = [],
): SignRequest {
  const signers = signersNamed(alternatives)
  return { publisher, statements: added, blocks, signers, bundles: [] }
}

const KIND = 'toolmark-sign-request/v1'
const FIELDS = ['blocks', 'bundles', 'kind', 'publisher', 'signers', 'statements']
/** A toolkit of the largest size, in base64, and as much again for signatures. */
export const REQUEST_BYTES: number = 4 * LIMITS.toolkitBytes
const MOST = 10_000

export function formatRequest({ publisher, ...lists }: SignRequest): Uint8Array {
  const texts = (list: readonly Uint8Array[]): readonly string[] => list.map(toBase64)
  return canonicalBytes({
    kind: KIND,
    publisher,
    statements: texts(lists.statements),
    blocks: texts(lists.blocks),
    signers: [...lists.signers],
    bundles: texts(lists.bundles),
  })
}

/** Throws DOCUMENT_INVALID, LIMIT_EXCEEDED, JSON_*; what the statements and blocks are is not looked at. */
export function parseRequest(bytes: Uint8Array): SignRequest {
  const value = parseCanonical(bytes, { maxBytes: REQUEST_BYTES })
  if (!isJsonObject(value) || value.kind !== KIND) throw invalid('', `"kind": "${KIND}"`)
  for (const key of Object.keys(value)) {
    if (!FIELDS.includes(key)) throw invalid(`/${key}`, FIELDS.join(', '))
  }
  if (typeof value.publisher !== 'string') throw invalid('/publisher', 'a publisher id')
  return {
    publisher: parsePublisherId(value.publisher),
    statements: bytesIn(value.statements, '/statements'),
    blocks: bytesIn(value.blocks, '/blocks'),
    signers: textsIn(value.signers, '/signers'),
    bundles: bytesIn(value.bundles, '/bundles'),
  }
}

function bytesIn(value: Json | undefined, path: string): readonly Uint8Array[] {
  return textsIn(value, path).map((text, i) => {
    const bytes = fromBase64(text)
    if (bytes === undefined) throw invalid(`${path}/${i}`, 'padded standard base64')
    return bytes
  })
}

function textsIn(value: Json | undefined, path: string): readonly string[] {
  if (!Array.isArray(value) || value.length > MOST) {
    throw invalid(path, `a list of at most ${MOST} texts`)
  }
  return value.map((text, i) => {
    if (typeof text !== 'string') throw invalid(`${path}/${i}`, 'a text')
    return text
  })
}

function invalid(path: string, expected: string): RegistryError {
  return new RegistryError('DOCUMENT_INVALID', 'This is not a request to sign.', {
    expected,
    got: 'something else',
    path,
    next: 'Ask for the file again: it is made by `--request FILE` of the command that is to be signed.',
  })
}
