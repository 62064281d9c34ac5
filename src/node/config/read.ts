// Words to describe a configuration with: each field says what it is without the file, and reads what the file says. What is not understood
// is an error, never skipped: a misspelt limit would be a limit that is not there.

import { closest, findAge, joinPointer, RegistryError } from '../../lib/index.ts'

export interface Field<T> {
  /** Throws CONFIG_INVALID, with the path. */
  read(value: unknown, path: string): T
  readonly fallback: T
}

interface Told {
  readonly expected: string | number
  readonly got: unknown
  readonly next?: string
}

export function invalid(
  path: string,
  message: string,
  { expected, got, next }: Told,
): RegistryError {
  return new RegistryError('CONFIG_INVALID', message, {
    expected,
    got: show(got),
    path,
    next: next ?? 'Correct it; the node does not start on a configuration it does not understand.',
  })
}

/** `budgets.peer_bytes` or `listen[2]`, as people write them. */
export function nameOf(path: string): string {
  if (path === '') return 'The configuration'
  const parts = path.slice(1).split('/')
  return parts
    .map((part) => (/^\d+$/.test(part) ? `[${Number(part) + 1}]` : `.${part}`))
    .join('')
    .slice(1)
}

/** Keys are camel case here and snake case in the file. */
export function table<T extends object>(
  fields: {
    readonly [K in keyof T]: Field<T[K]>
  },
): Field<T> {
  const rows = Object.entries(fields) as readonly (readonly [string, Field<unknown>])[]
  const keys = rows.map(([key]) => toSnake(key))
  return {
    fallback: Object.fromEntries(rows.map(([key, { fallback }]) => [key, fallback])) as T,
    read(value, path) {
      const values = asTable(value, path, keys)
      const pairs = rows.map(([key, { read, fallback }]) => {
        const name = toSnake(key)
        const isThere = Object.hasOwn(values, name)
        return [key, isThere ? read(values[name], joinPointer(path, name)) : fallback]
      })
      return Object.fromEntries(pairs) as T
    },
  }
}

function asTable(
  value: unknown,
  path: string,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(path, `${nameOf(path)} is not a table.`, { expected: 'a table', got: value })
  }
  const stranger = Object.keys(value).find((key) => !keys.includes(key))
  if (stranger === undefined) return value as Readonly<Record<string, unknown>>
  const at = joinPointer(path, stranger)
  const near = closest(stranger, keys)
  throw invalid(at, `${nameOf(at)} is not a key that a configuration has.`, {
    expected: keys.join(', '),
    got: stranger,
    ...(near === undefined ? {} : { next: `Did you mean "${near}"?` }),
  })
}

export function list<T>(
  read: (value: unknown, path: string) => T,
  fallback: readonly T[] = [],
  most = 1_000,
): Field<readonly T[]> {
  return {
    fallback,
    read(value, path) {
      if (!Array.isArray(value) || value.length > most) {
        const expected = `a list of at most ${most}`
        const got = Array.isArray(value) ? value.length : value
        throw invalid(path, `${nameOf(path)} is not such a list.`, { expected, got })
      }
      const twice = value.findIndex((item, i) => value.indexOf(item) < i)
      const at = joinPointer(path, twice)
      if (twice < 0) return value.map((item, i) => read(item, joinPointer(path, i)))
      const told = { expected: 'once', got: value[twice] }
      throw invalid(at, `${nameOf(at)} stands there twice.`, told)
    },
  }
}

export function oneOf<const W extends string>(words: readonly W[], fallback: W): Field<W> {
  return {
    fallback,
    read(value, path) {
      const word = words.find((known) => known === value)
      if (word !== undefined) return word
      const near = typeof value === 'string' ? closest(value, words) : undefined
      throw invalid(path, `${nameOf(path)} is none of the words known here.`, {
        expected: words.join(' or '),
        got: value,
        ...(near === undefined ? {} : { next: `Did you mean "${near}"?` }),
      })
    },
  }
}

export function flag(fallback: boolean): Field<boolean> {
  return {
    fallback,
    read(value, path) {
      if (typeof value === 'boolean') return value
      throw invalid(path, `${nameOf(path)} is neither yes nor no.`, {
        expected: 'true or false, without quotes',
        got: value,
      })
    },
  }
}

/** Absent, or written as an empty text: none. */
export function optionalText(
  isGood: (text: string) => boolean,
  expected: string,
): Field<string | undefined> {
  return {
    fallback: undefined,
    read(value, path) {
      if (value === '') return undefined
      if (typeof value === 'string' && isGood(value)) return value
      throw invalid(path, `${nameOf(path)} does not say what it should.`, { expected, got: value })
    },
  }
}

export function count(
  fallback: number,
  { least, most }: { readonly least: number; readonly most: number },
): Field<number> {
  return {
    fallback,
    read(value, path) {
      if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) {
        return Number(value)
      }
      throw invalid(path, `${nameOf(path)} is not a number that is possible here.`, {
        expected: `a whole number from ${least} to ${most}`,
        got: value,
      })
    },
  }
}

/** Milliseconds, written as "90s". */
export function time(
  fallback: string,
  { least, most }: { readonly least: string; readonly most: string },
): Field<number> {
  const [low, high] = [findAge(least) ?? 0, findAge(most) ?? 0]
  return {
    fallback: findAge(fallback) ?? 0,
    read(value, path) {
      const ms = typeof value === 'string' ? findAge(value) : undefined
      if (ms !== undefined && ms >= low && ms <= high) return ms
      throw invalid(path, `${nameOf(path)} is not a length of time that is possible here.`, {
        expected: `a number and s, m, h or d, such as "${fallback}", from "${least}" to "${most}"`,
        got: value,
      })
    },
  }
}

const SIZES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
}

/** Bytes, written as "10GiB". */
export function bytes(fallback: string): Field<number> {
  return {
    fallback: findSize(fallback) ?? 0,
    read(value, path) {
      const size = typeof value === 'string' ? findSize(value) : undefined
      if (size !== undefined) return size
      throw invalid(path, `${nameOf(path)} is not a number of bytes.`, {
        expected: `a number and B, KiB, MiB, GiB or TiB, such as "${fallback}"`,
        got: value,
      })
    },
  }
}

function findSize(text: string): number | undefined {
  const [, number, unit = ''] = /^([1-9][0-9]{0,5})(B|KiB|MiB|GiB|TiB)$/.exec(text) ?? []
  return number === undefined ? undefined : Number(number) * (SIZES[unit] ?? 1)
}

function toSnake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'bigint') return String(value).slice(0, 80)
  return (JSON.stringify(value) ?? typeof value).slice(0, 80)
}
