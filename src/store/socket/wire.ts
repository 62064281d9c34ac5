// What a shared store says over its socket: frames of CBOR, {id, op, args} and {id, ok} or {id, error}. Arguments and
// answers are positional lists of plain values. The other side may be of another version: every shape is checked.

import type * as Cborg from 'cborg'
import { isErrorCode, RegistryError } from '../../lib/index.ts'

/** Largest frame either way. A commit is one frame; answers are pages far below this. */
export const FRAME_LIMIT: number = 64 * 1024 * 1024
export const PROTOCOL = 1
export const PAGE_ITEMS = 1_000
export const PAGE_BYTES: number = 1024 * 1024

export interface Codec {
  encode(value: unknown): Uint8Array
  /** Maps stay maps, so that a key named __proto__ is only a key. Throws MESSAGE_INVALID. */
  decode(bytes: Uint8Array): unknown
}

/** Loaded when a socket is used: whoever opens the folder itself does not pay for it. */
export async function loadCodec(): Promise<Codec> {
  const cborg: typeof Cborg = await import('cborg')
  return {
    encode: (value) => cborg.encode(value),
    decode: (bytes) => {
      try {
        return cborg.decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true })
      } catch (cause) {
        throw new RegistryError('MESSAGE_INVALID', 'A message is not CBOR.', { cause })
      }
    },
  }
}

export interface Request {
  readonly id: number
  readonly op: string
  readonly args: readonly unknown[]
}

export function parseRequest(value: unknown): Request {
  const map = value instanceof Map ? value : new Map()
  const [id, op, args] = [map.get('id'), map.get('op'), map.get('args')]
  if (!Number.isSafeInteger(id)) throw malformed('a map with an id', value)
  if (typeof op !== 'string' || !Array.isArray(args)) throw malformed('an op and its args', op)
  return { id, op, args }
}

/** The id of a message that may be otherwise malformed, so that its sender gets an answer. */
export function findId(value: unknown): number | undefined {
  const id = value instanceof Map ? value.get('id') : undefined
  return Number.isSafeInteger(id) ? id : undefined
}

export function formatError(id: number | null, error: unknown): unknown {
  if (!(error instanceof RegistryError)) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      id,
      error: { code: 'UNEXPECTED', message: `The shared store failed: ${message}`, details: '{}' },
    }
  }
  const { code, message } = error
  // The cause stays here: it is for this process's own log, and need not survive a copy.
  const { cause: _cause, ...details } = error.details
  return { id, error: { code, message, details: JSON.stringify(details) } }
}

export function parseError(value: unknown): RegistryError {
  const map = value instanceof Map ? value : new Map()
  const [code, message, details] = [map.get('code'), map.get('message'), map.get('details')]
  const known = isErrorCode(code) ? code : 'UNEXPECTED'
  const text = typeof message === 'string' ? message : 'The shared store failed.'
  return new RegistryError(known, text, parseDetails(details))
}

function parseDetails(text: unknown): object {
  try {
    const details: unknown = JSON.parse(String(text))
    return typeof details === 'object' && details !== null ? details : {}
  } catch {
    return {}
  }
}

export function malformed(expected: string, got: unknown): RegistryError {
  const text = typeof got === 'string' ? JSON.stringify(got.slice(0, 80)) : typeof got
  return new RegistryError(
    'MESSAGE_INVALID',
    'The shared store and its user disagree on a message.',
    {
      expected,
      got: text,
      next: 'Run the same version of this program on both sides.',
    },
  )
}

// Readers of shapes. The store behind checks what the values mean; these only make sure what they are.

export function asList<T>(value: unknown, most: number, read: (item: unknown) => T): readonly T[] {
  if (!Array.isArray(value) || value.length > most) throw malformed(`a list of ≤ ${most}`, value)
  return value.map(read)
}

export function asTuple(value: unknown, length: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) throw malformed(`${length} values`, value)
  return value
}

export function asText(value: unknown): string {
  if (typeof value !== 'string' || value.length > 4_096) throw malformed('a short text', value)
  return value
}

export function asSize(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw malformed('a whole number', value)
  }
  return value
}

export function asFlag(value: unknown): boolean {
  if (typeof value !== 'boolean') throw malformed('true or false', value)
  return value
}

export function asBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed('bytes', value)
  return value
}

/** CBOR null stands for what is absent. */
export function orAbsent<T>(read: (value: unknown) => T): (value: unknown) => T | undefined {
  return (value) => (value === null ? undefined : read(value))
}
