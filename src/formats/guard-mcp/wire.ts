// JSON-RPC 2.0 as MCP uses it: telling messages apart, and the answers that the guard gives itself.

import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'
import {
  escapeText,
  isJsonObject,
  isRegistryError,
  type JsonObject,
  RegistryError,
} from '../../lib/index.ts'

/** JSON-RPC code of every refusal by the guard; `data` says which. Inside the range left to servers, and not one that MCP uses. */
const GUARD_REFUSED = -32090
const INVALID_PARAMS = -32602

export type Message = JSONRPCMessage

/** Of either side, and not trusted: any JSON object. */
export type Loose = JsonObject

export type Kind = 'request' | 'notification' | 'response' | 'nonsense'

export function kindOf(message: unknown): Kind {
  if (!isJsonObject(message)) return 'nonsense'
  const isAnswer = 'result' in message || 'error' in message
  // Two readers could take it for two things.
  if ('method' in message) {
    if (isAnswer || typeof message.method !== 'string') return 'nonsense'
    return message.id === undefined ? 'notification' : 'request'
  }
  return isAnswer ? 'response' : 'nonsense'
}

/** `5` and `"5"` are two ids here, though some clients take one for the other. */
export function idKey(id: unknown): string {
  return JSON.stringify(id) ?? ''
}

export function paramsOf(message: Loose): JsonObject {
  return isJsonObject(message.params) ? message.params : {}
}

export function answer(id: unknown, result: JsonObject): Message {
  return { jsonrpc: '2.0', id, result } as Message
}

/** Holds no word of the server: whoever reads it may be a model. */
export function refusal(id: unknown, error: unknown): Message {
  const known = isRegistryError(error)
    ? error
    : new RegistryError('UNEXPECTED', 'The guard failed.', { next: 'See its log.' })
  const { next } = known.details
  return {
    jsonrpc: '2.0',
    id,
    error: {
      code: known.code === 'USAGE' ? INVALID_PARAMS : GUARD_REFUSED,
      message: next === undefined ? known.message : `${known.message} ${next}`,
      data: {
        code: known.code,
        verdict: known.verdict,
        ...(next === undefined ? {} : { next }),
        ...(isJsonObject(known.details.evidence) ? known.details.evidence : {}),
      },
    },
  } as Message
}

/** A name from outside, for a message. */
export function shown(name: unknown): string {
  const text = escapeText(typeof name === 'string' ? name : (JSON.stringify(name) ?? 'nothing'))
  return text.length > 128 ? `${text.slice(0, 128)}…` : text
}
