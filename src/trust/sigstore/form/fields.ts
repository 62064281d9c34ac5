// Typed reading of the JSON of bundles and roots: each function answers a value of its type or throws BUNDLE_INVALID with
// the place. `own` is the form Toolmark writes: nothing but what is named. `any` is what other clients write: fields nobody knows and
// null are passed over, as protobuf’s JSON mapping has it, and integers may be numbers.

import {
  fromBase64,
  isJsonObject,
  type Json,
  type JsonObject,
  joinPointer,
  RegistryError,
} from '../../../lib/index.ts'

export type Form = 'own' | 'any'

export interface At {
  readonly form: Form
  readonly path: string
}

export function objectAt(
  value: Json | undefined,
  { form, path }: At,
  required: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  if (!isJsonObject(value)) throw malformed(path, 'an object', value)
  const fields: Record<string, Json> = Object.create(null)
  for (const [name, field] of Object.entries(value)) {
    if (required.includes(name) || optional.includes(name)) {
      if (field !== null || form === 'own') fields[name] = field
    } else if (form === 'own') {
      const expected = `only ${[...required, ...optional].join(', ')}`
      throw malformed(joinPointer(path, name), expected, name)
    }
  }
  for (const name of required) {
    if (fields[name] === undefined) throw refuseForm(path, `the field ${name}`, 'none')
  }
  return fields
}

export function listAt(value: Json | undefined, path: string, limit: number): readonly Json[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw malformed(path, 'a list', value)
  // Each is a signature to check: a long list is somebody making us work (T29).
  if (value.length > limit) throw malformed(path, `at most ${limit} items`, value)
  return value
}

export function textAt(value: Json | undefined, path: string): string {
  if (typeof value === 'string') return value
  throw malformed(path, 'text', value)
}

/** Never empty: bytes that are not there are a field that is not there. */
export function bytesAt(value: Json | undefined, path: string): Buffer {
  const bytes = typeof value === 'string' && value !== '' ? fromBase64(value) : undefined
  if (bytes === undefined) throw malformed(path, 'padded standard base64 of at least a byte', value)
  return Buffer.from(bytes)
}

/** A protobuf int64 as the decimal text of a number that JavaScript holds exactly; not there is 0. */
export function countAt(value: Json | undefined, { form, path }: At): string {
  if (value === undefined) return '0'
  const text = form === 'any' && typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && /^(?:0|[1-9][0-9]{0,15})$/.test(text)) {
    if (Number(text) <= Number.MAX_SAFE_INTEGER) return text
  }
  throw malformed(path, 'a whole number from 0 to 2^53 - 1, as text', value)
}

export function at({ form, path }: At, ...names: readonly (string | number)[]): At {
  return { form, path: names.reduce<string>(joinPointer, path) }
}

export function malformed(path: string, expected: string, got: Json | undefined): RegistryError {
  return refuseForm(path, expected, describe(got))
}

/** The same, where what is there has to be told in words. */
export function refuseForm(path: string, expected: string, got: string): RegistryError {
  return new RegistryError('BUNDLE_INVALID', 'This Sigstore bundle does not have the right form.', {
    path,
    expected,
    got,
    next: 'Do not use it. Ask for the bundle again, as the signing tool wrote it.',
  })
}

function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60))
  if (Array.isArray(value)) return `a list of ${value.length}`
  return isJsonObject(value) ? 'an object' : String(value)
}
