// What the loopback services have in common: a request in, an answer out, and how @sigstore/mock says it.

import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'
import type { Fault } from './sigstore.ts'

export interface Answer {
  readonly status: number
  readonly body: string | Uint8Array
  readonly type?: string
  readonly location?: string
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly body: string
}

export type Serve = (request: Request) => Promise<Answer>

/** The fault a service is told to have at this moment. */
export type Faulty = () => Fault | undefined

export const newKey = (): KeyPairKeyObjectResult =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })

export function refuse(status: number, message: string): Answer {
  return json(status, JSON.stringify({ code: status, message }))
}

export function json(status: number, body: string): Answer {
  return { status, body, type: 'application/json' }
}

export interface Handled {
  readonly statusCode: number
  readonly response: string | ArrayBufferView<ArrayBuffer>
  readonly contentType?: string
}

export function fromHandler({ statusCode, response, contentType }: Handled): Answer {
  const body = typeof response === 'string' ? response : view(response)
  return { status: statusCode, body, ...(contentType === undefined ? {} : { type: contentType }) }
}

export function view(bytes: ArrayBufferView<ArrayBuffer>): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
