// Words to read a policy with: each takes a value and the JSON pointer to it, and throws POLICY_INVALID for whatever is not exactly what
// was meant. What is not understood is never skipped: a misspelt rule would be a rule that is not there.

import { closest, joinPointer, RegistryError } from '../../lib/index.ts'

export type Reader<T> = (value: unknown, path: string) => T

export interface Table {
  readonly path: string
  readonly values: Readonly<Record<string, unknown>>
}

/** A table with none but these keys. */
export function readTable(value: unknown, path: string, keys: readonly string[]): Table {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(path, `${nameOf(path)} is not a table.`, { expected: 'a table', got: value })
  }
  const values = value as Readonly<Record<string, unknown>>
  const stranger = Object.keys(values).find((key) => !keys.includes(key))
  if (stranger !== undefined) throw unknownKey(joinPointer(path, stranger), stranger, keys)
  return { path, values }
}

export function required<T>({ path, values }: Table, key: string, read: Reader<T>): T {
  if (Object.hasOwn(values, key)) return read(values[key], joinPointer(path, key))
  throw invalid(path, `${nameOf(path)} has no "${key}".`, {
    expected: `${key} = …`,
    got: undefined,
  })
}

export function optional<T, D>(table: Table, key: string, read: Reader<T>, fallback: D): T | D {
  return Object.hasOwn(table.values, key) ? required(table, key, read) : fallback
}

export function listOf<T>(read: Reader<T>, most = 1_000): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) {
      throw invalid(path, `${nameOf(path)} is not a list.`, { expected: 'a list', got: value })
    }
    if (value.length === 0 || value.length > most) {
      const expected = `1 to ${most} items; leave the key out for none`
      throw invalid(path, `${nameOf(path)} is empty or too long.`, { expected, got: value.length })
    }
    const items = value.map((item, i) => read(item, joinPointer(path, i)))
    const twice = items.findIndex((item, i) => typeof item === 'string' && items.indexOf(item) < i)
    if (twice < 0) return items
    const at = joinPointer(path, twice)
    throw invalid(at, `${nameOf(at)} stands there twice.`, { expected: 'once', got: items[twice] })
  }
}

export function oneOf<const W extends string>(words: readonly W[]): Reader<W> {
  return (value, path) => {
    const word = words.find((known) => known === value)
    if (word !== undefined) return word
    const near = typeof value === 'string' ? closest(value, words) : undefined
    throw invalid(path, `${nameOf(path)} is none of the words known here.`, {
      expected: words.join(' or '),
      got: value,
      ...(near === undefined ? {} : { next: `Did you mean "${near}"?` }),
    })
  }
}

/** For a rule that is written down to be seen, and that nobody can switch off. */
export const alwaysTrue: Reader<true> = (value, path) => {
  if (value === true) return value
  throw invalid(path, `${nameOf(path)} cannot be switched off.`, {
    expected: 'true, or the line left out',
    got: value,
    next: 'Approvals are of a tool’s hash: a tool that changed is another tool, and somebody has to look at it.',
  })
}

export function text(pattern: RegExp, expected: string): Reader<string> {
  return (value, path) => {
    if (typeof value === 'string' && pattern.test(value)) return value
    throw invalid(path, `${nameOf(path)} does not say what it should.`, { expected, got: value })
  }
}

export const count: Reader<number> = (value, path) => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= 100) {
    return value
  }
  const expected = 'a whole number from 1 to 100'
  throw invalid(path, `${nameOf(path)} is not a count.`, { expected, got: value })
}

/** Reads with a parser of another module, whose errors then say where in the policy. */
export function asParsed<T>(parse: (value: unknown) => T): Reader<T> {
  return (value, path) => {
    try {
      return parse(value)
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      const { expected = 'something else', next } = error.details
      const told = { expected, got: value, ...(next === undefined ? {} : { next }) }
      throw invalid(path, `${nameOf(path)} is not good. ${error.message}`, told)
    }
  }
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
  return new RegistryError('POLICY_INVALID', message, {
    expected,
    got: show(got),
    path,
    next: next ?? 'Correct it; until then this policy allows nothing.',
  })
}

/** `publisher[1].signer[0].san`, as people write it. */
export function nameOf(path: string): string {
  if (path === '') return 'The policy'
  const parts = path.slice(1).split('/')
  const name = parts.map((part) => (/^\d+$/.test(part) ? `[${Number(part) + 1}]` : `.${part}`))
  return name.join('').slice(1).replaceAll('~1', '/').replaceAll('~0', '~')
}

function unknownKey(path: string, key: string, keys: readonly string[]): RegistryError {
  const near = closest(key, keys)
  return invalid(path, `${nameOf(path)} is not a key that a policy has.`, {
    expected: keys.join(', '),
    got: key,
    ...(near === undefined ? {} : { next: `Did you mean "${near}"?` }),
  })
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'bigint') return String(value).slice(0, 80)
  return (JSON.stringify(value) ?? typeof value).slice(0, 80)
}
