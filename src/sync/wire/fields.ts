// Reading fields out of decoded CBOR: each has its type and its bounds, and nothing else is there. What does not fit is MESSAGE_INVALID.

import { RegistryError } from '../../lib/index.ts'

export type Decode<T> = (value: unknown, path: string) => T

export type Fields<T> = { readonly [F in keyof Required<T>]: Decode<T[F]> }

export function optional<T>(decode: Decode<T>): Decode<T | undefined> {
  return (value, path) => (value === undefined ? undefined : decode(value, path))
}

/** Without the fields that say nothing: CBOR has a word for undefined, which is refused here. */
export function said<T extends object>(value: T): T {
  const set = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(set) as T
}

export function record<T extends object>(fields: Fields<T>): Decode<T> {
  const entries = Object.entries<Decode<unknown>>(fields)
  return (value, path) => {
    if (!(value instanceof Map)) return refuse(path, 'a map', value)
    for (const key of value.keys()) {
      if (typeof key !== 'string' || !Object.hasOwn(fields, key)) {
        return refuse(path, `only ${Object.keys(fields).join(', ')}`, 'an unknown field')
      }
    }
    return Object.fromEntries(
      entries.map(([key, decode]) => [key, decode(value.get(key), `${path}/${key}`)]),
    ) as T
  }
}

export function list<T>(item: Decode<T>, most: number, least = 0): Decode<readonly T[]> {
  return (value, path) =>
    Array.isArray(value) && value.length >= least && value.length <= most
      ? value.map((one, i) => item(one, `${path}/${i}`))
      : refuse(path, `an array of ${least} to ${most} items`, value)
}

export function bytes(least: number, most: number): Decode<Uint8Array> {
  return (value, path) =>
    value instanceof Uint8Array && value.length >= least && value.length <= most
      ? value
      : refuse(path, `${least} to ${most} bytes`, value)
}

export function text(what: string, most: number, pattern?: RegExp): Decode<string> {
  return (value, path) =>
    typeof value === 'string' && value.length <= most && pattern?.test(value) !== false
      ? value
      : refuse(path, `${what} of at most ${most} characters`, value)
}

export function count(value: unknown, path: string): number {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : refuse(path, 'a whole number', value)
}

export function u32(value: unknown, path: string): number {
  const number = count(value, path)
  return number <= 0xffffffff ? number : refuse(path, 'a number below 2^32', value)
}

export function refuse(path: string, expected: string, value: unknown): never {
  throw new RegistryError(
    'MESSAGE_INVALID',
    `A message holds ${describe(value)} at ${path || '/'}.`,
    {
      path,
      expected,
      got: describe(value),
      next: 'The other side speaks another version of the protocol or is broken; use another peer.',
    },
  )
}

/** Never the value itself: it is the peer's, and it ends up in a terminal. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length} items`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (value instanceof Map) return 'a map'
  if (typeof value === 'string') return `text of ${value.length} characters`
  return `a ${typeof value}`
}
