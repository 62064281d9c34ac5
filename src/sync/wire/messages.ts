// The messages of /toolmark/1 (docs/protocol.md): a request names its op, an answer the request. What each op may ask and answer is
// in the table of ops.ts.

import { type ErrorCode, RegistryError } from '../../lib/index.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import { type Decode, optional, record, refuse, text, u32 } from './fields.ts'
import { type Answers, type Asks, OPS, type Op } from './ops.ts'

export const MAX_OUTSTANDING = 8
const MAX_ERROR_TEXT = 300

/** One request of any op, so that `switch (request.op)` knows what `ask` holds. */
export type Request = {
  readonly [K in Op]: { readonly id: number; readonly op: K; readonly ask: Asks[K] }
}[Op]
export type Answer =
  | { readonly kind: 'ok'; readonly id: number; readonly ok: unknown }
  | ({ readonly kind: 'error'; readonly id: number } & Failure)

/** What a peer says went wrong. */
export interface Failure {
  readonly code: string
  readonly message: string
  /** Of a refused submission only. */
  readonly expected?: string | undefined
  readonly got?: string | undefined
}

export function encodeRequest<K extends Op>(id: number, op: K, ask: Asks[K]): Uint8Array {
  return encodeCbor({ id, op, ...ask })
}

/** Throws MESSAGE_INVALID; `details.evidence` is the request's id where it could be read, so that it can be answered. */
export function decodeRequest(frame: Uint8Array): Request {
  const message = decodeCbor(frame)
  if (!(message instanceof Map)) return refuse('', 'a map', message)
  const id = u32(message.get('id'), '/id')
  try {
    const op = message.get('op')
    if (typeof op !== 'string' || !Object.hasOwn(OPS, op)) {
      return refuse('/op', Object.keys(OPS).join(', '), op)
    }
    const fields = new Map(message)
    fields.delete('id')
    fields.delete('op')
    const ask: Decode<unknown> = record<object>(OPS[op as Op].ask)
    return { id, op, ask: ask(fields, '') } as Request
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new RegistryError(error.code, error.message, { ...error.details, evidence: id })
  }
}

export function encodeOk<K extends Op>(id: number, ok: Answers[K]): Uint8Array {
  return encodeCbor({ id, ok })
}

export function encodeError(id: number, code: ErrorCode, message: string): Uint8Array {
  return encodeCbor({ id, error: { code, message: message.slice(0, MAX_ERROR_TEXT) } })
}

/** What to do about it is not sent: a stranger gives nobody instructions. */
export function encodeRefusal(id: number, { code, message, details }: RegistryError): Uint8Array {
  const texts = { message, expected: details.expected, got: details.got }
  const set = Object.entries(texts).filter(([, value]) => value !== undefined)
  const cut = set.map(([key, value]) => [key, String(value).slice(0, MAX_ERROR_TEXT)])
  return encodeCbor({ id, error: { code, ...Object.fromEntries(cut) } })
}

/** The envelope only: what `ok` holds is for `decodeOk`, once the id tells which op was asked. */
export function decodeAnswer(frame: Uint8Array): Answer {
  const message = decodeCbor(frame)
  if (!(message instanceof Map)) return refuse('', 'a map', message)
  if (message.has('ok')) {
    const { id, ok } = record({ id: u32, ok: (value: unknown) => value })(message, '')
    return { kind: 'ok', id, ok }
  }
  const { id, error } = record({
    id: u32,
    error: record<Failure>({
      code: text('a code', 40),
      message: text('a message', MAX_ERROR_TEXT),
      expected: optional(text('what was expected', MAX_ERROR_TEXT)),
      got: optional(text('what came', MAX_ERROR_TEXT)),
    }),
  })(message, '')
  return { kind: 'error', id, ...error }
}

export function decodeOk<K extends Op>(op: K, ok: unknown): Answers[K] {
  return OPS[op].answer(ok, '/ok')
}
