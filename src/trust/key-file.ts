// The text of a key file: {"kind": "key/v1", "name", "type", "public", "secret"}, the secret half as PKCS#8 PEM.

import { isJsonObject, type Json, parseJson, RegistryError, utf8 } from '../lib/index.ts'
import { type PublicKey, parsePublicKey } from './public-key.ts'

export interface KeyFile {
  readonly name: string
  readonly key: PublicKey
  /** PKCS#8 PEM, locked or not. */
  readonly secret: string
}

const KIND = 'key/v1'
const FIELDS: readonly string[] = ['kind', 'name', 'type', 'public', 'secret']

export function formatKeyFile({ name, key, secret }: KeyFile): string {
  const file = { kind: KIND, name, type: key.type, public: key.spki, secret }
  return `${JSON.stringify(file, null, 2)}\n`
}

/** `source` is how errors name the text. Throws KEY_INVALID; whether the halves fit is not looked at. */
export function parseKeyFile(text: string, source: string): KeyFile {
  const file = readJson(text, source)
  const names = isJsonObject(file) ? Object.keys(file) : []
  if (
    !isJsonObject(file) ||
    names.length !== FIELDS.length ||
    !FIELDS.every((f) => names.includes(f))
  ) {
    throw damaged(source, `exactly the fields ${FIELDS.join(', ')}`, names.join(', ') || 'none')
  }
  const { kind, name, secret } = file
  if (kind !== KIND) throw damaged(source, KIND, JSON.stringify(kind).slice(0, 40))
  // Never quoted in an error: it may be the secret.
  if (typeof name !== 'string' || typeof secret !== 'string') {
    throw damaged(source, 'text as name and secret', 'something else')
  }
  return { name, secret, key: parsePublicKey({ type: file.type, spki: file.public }) }
}

function readJson(text: string, source: string): Json {
  try {
    return parseJson(utf8(text))
  } catch (cause) {
    throw damaged(source, 'a whole JSON object', 'text that ends early or was changed', cause)
  }
}

function damaged(source: string, expected: string, got: string, cause?: unknown): RegistryError {
  return new RegistryError('KEY_INVALID', `This key file is damaged: ${source}.`, {
    expected,
    got,
    next: 'Restore the key file from a backup.',
    ...(cause === undefined ? {} : { cause }),
  })
}
