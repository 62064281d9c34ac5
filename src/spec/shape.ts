// Words to say what a document looks like: small checks that throw DOCUMENT_INVALID with the path of the first value
// that does not fit. The same rules stand in schema/ for other languages; a test holds the two together by mutation.

import {
  findForbidden,
  isJsonObject,
  type Json,
  type JsonObject,
  joinPointer,
  RegistryError,
} from '../lib/index.ts'

export type Check = (value: Json, path: string) => void

export interface Field {
  readonly required: boolean
  readonly check: Check
}

export type Fields = Readonly<Record<string, Field>>

/** A table with one row per key of T, so that a type and its validator cannot drift apart. */
export type FieldsOf<T> = {
  readonly [K in keyof T as Record<never, never> extends Record<K, 1> ? never : K]-?: Field
}

export function required(check: Check): Field {
  return { required: true, check }
}

export function optional(check: Check): Field {
  return { required: false, check }
}

/** Exactly these keys; `x-…` keys are allowed where `extensible`. Read by own property only. */
export function object(fields: Fields, options: { readonly extensible?: boolean } = {}): Check {
  const needed = Object.keys(fields).filter((key) => fields[key]?.required)
  return (value, path) => {
    const members = asObject(value, path)
    for (const key of Object.keys(members)) {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined
      const member = members[key]
      if (member === undefined) continue
      if (field !== undefined) field.check(member, joinPointer(path, key))
      else if (!(options.extensible === true && EXTENSION_KEY.test(key)))
        refuseKey(key, path, fields)
    }
    for (const key of needed) {
      if (!Object.hasOwn(members, key)) {
        throw invalid(path, `The field "${key}" is missing.`, `a field "${key}"`, 'none')
      }
    }
  }
}

/** Any keys that `key` accepts, each with a value that fits. */
export function mapOf(key: Check, item: Check, least = 0): Check {
  return (value, path) => {
    const entries = Object.entries(asObject(value, path))
    if (entries.length < least)
      throw invalid(path, 'There is too little here.', `${least} or more`, 0)
    for (const [name, member] of entries) {
      key(name, joinPointer(path, name))
      item(member, joinPointer(path, name))
    }
  }
}

export function listOf(item: Check, options: { readonly least?: number } = {}): Check {
  return (value, path) => {
    if (!Array.isArray(value)) throw mistyped(path, 'a list', value)
    const items: readonly Json[] = value
    const least = options.least ?? 0
    if (items.length < least) {
      throw invalid(path, 'This list is too short.', `${least} or more items`, items.length)
    }
    items.forEach((entry, index) => {
      item(entry, joinPointer(path, index))
    })
  }
}

/** A string of at most `most` UTF-16 units that may hold anything a description may; output escapes it. */
export function prose(most: number): Check {
  return (value, path) => {
    if (typeof value !== 'string') throw mistyped(path, 'a string', value)
    // Counted only when it matters: no text has more characters than UTF-16 units.
    if (value.length > most && [...value].length > most) {
      throw invalid(path, 'This text is too long.', `at most ${most} characters`, [...value].length)
    }
  }
}

/** One visible line: TEXT_FORBIDDEN for controls, bidi, tag and zero-width characters, which deceive whoever reads it. */
export function line(most: number): Check {
  const checkLength = prose(most)
  return (value, path) => {
    checkLength(value, path)
    const found = findForbidden(String(value))
    if (value === '') throw invalid(path, 'This text is empty.', 'one character or more', 0)
    if (found === undefined) return
    throw new RegistryError('TEXT_FORBIDDEN', `This text holds ${found.what}.`, {
      expected: 'visible characters only',
      got: `U+${found.codePoint.toString(16).toUpperCase().padStart(4, '0')} at character ${found.index + 1}`,
      path,
    })
  }
}

export function matching(pattern: RegExp, most: number, expected: string): Check {
  return (value, path) => {
    if (typeof value !== 'string') throw mistyped(path, 'a string', value)
    if (value.length <= most && pattern.test(value)) return
    throw invalid(path, 'This text has another form than it must.', expected, shorten(value))
  }
}

export function oneOf(...values: readonly string[]): Check {
  return (value, path) => {
    if (typeof value === 'string' && values.includes(value)) return
    const got = typeof value === 'string' ? shorten(value) : typeName(value)
    throw invalid(path, 'This value is not one of those allowed.', values.join(', '), got)
  }
}

export function boolean(value: Json, path: string): void {
  if (typeof value !== 'boolean') throw mistyped(path, 'true or false', value)
}

export function wholeNumber(value: Json, path: string): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0) {
    throw mistyped(path, 'a whole number from 0 to 9007199254740991', value)
  }
}

export function anyJson(): void {}

export function anyObject(value: Json, path: string): void {
  asObject(value, path)
}

/** Runs a parser that throws its own coded error, and adds the path to it. */
export function parsedBy(parse: (value: Json) => unknown): Check {
  return (value, path) => {
    try {
      parse(value)
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      throw new RegistryError(error.code, error.message, { ...error.details, path })
    }
  }
}

export function asObject(value: Json, path: string): JsonObject {
  if (!isJsonObject(value)) throw mistyped(path, 'an object', value)
  return value
}

export function invalid(
  path: string,
  message: string,
  expected: string,
  got: string | number,
): RegistryError {
  return new RegistryError('DOCUMENT_INVALID', message, { expected, got, path })
}

export function typeName(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const EXTENSION_KEY = /^x-[a-z0-9][a-z0-9._-]{0,63}$/

function refuseKey(key: string, path: string, fields: Fields): never {
  throw new RegistryError('DOCUMENT_INVALID', `The field ${shorten(key)} is not known here.`, {
    expected: Object.keys(fields).join(', '),
    got: shorten(key),
    path: joinPointer(path, key),
    next: 'Remove it, or correct its spelling.',
  })
}

function mistyped(path: string, expected: string, value: Json): RegistryError {
  return invalid(path, 'This value has another type than it must.', expected, typeName(value))
}

function shorten(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
