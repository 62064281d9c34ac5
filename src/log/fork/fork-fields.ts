// Reading the fields of a fork proof.

import { fromBase64, type Json } from '../../lib/index.ts'
import { describe, type Refuse, refusal } from '../entries/fields.ts'

export const refuse: Refuse = refusal(
  'DOCUMENT_INVALID',
  'This is not a fork proof.',
  'Do not act on it. Ask whoever gave it to you for the exact file.',
)

export function bytesListAt(value: Json | undefined, path: string): readonly Uint8Array[] {
  if (!Array.isArray(value)) throw refuse('a list', describe(value), path)
  return value.map((item: Json, i) => bytesAt(item, `${path}/${i}`))
}

export function bytesAt(value: Json | undefined, path: string): Uint8Array {
  const bytes = typeof value === 'string' ? fromBase64(value) : undefined
  if (bytes !== undefined) return bytes
  throw refuse('bytes in base64', describe(value), path)
}
