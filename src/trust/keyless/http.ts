// One question to a service, in JSON or as a form: bounded in size and in time, redirects not followed (a token must not travel on),
// asked again where a service is only busy. Errors say which service, what was expected and what came; never what was sent.

import { setTimeout } from 'node:timers/promises'
import {
  isJsonObject,
  isRegistryError,
  type JsonObject,
  parseJson,
  RegistryError,
} from '../../lib/index.ts'
import { plainWords } from './plain-words.ts'

export interface Patience {
  /** One attempt, from the request to the last byte. */
  readonly attemptMs: number
  /** After the first one. */
  readonly retries: number
  /** Before the first retry; doubled before each next one. */
  readonly pauseMs: number
}

export const PATIENCE: Patience = { attemptMs: 20_000, retries: 2, pauseMs: 1_000 }

export interface Question {
  /** "the log", "the login page": who did not answer. */
  readonly service: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** A body makes it a POST. */
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  /** Statuses besides 2xx whose JSON the caller wants. */
  readonly also?: readonly number[]
  readonly patience?: Patience
  readonly signal?: AbortSignal | undefined
}

export interface Reply {
  readonly status: number
  readonly body: JsonObject
}

const MAX_BYTES = 256 * 1024

/** Throws SIGNING_UNAVAILABLE; what the signal was aborted with. */
export async function askJson(question: Question): Promise<Reply> {
  const { patience = PATIENCE, signal } = question
  for (let attempt = 0; ; attempt++) {
    try {
      return await askOnce(question, patience.attemptMs)
    } catch (error) {
      signal?.throwIfAborted()
      if (attempt >= patience.retries || !(error instanceof Busy)) throw plainly(question, error)
      await setTimeout(patience.pauseMs * 2 ** attempt, undefined, { signal })
    }
  }
}

/** Worth asking again. */
class Busy extends Error {}

async function askOnce(question: Question, attemptMs: number): Promise<Reply> {
  const deadline = AbortSignal.timeout(attemptMs)
  const { signal, also = [] } = question
  const response = await send(
    question,
    signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  )
  const bytes = await readBody(question, response)
  const { status } = response
  if (!response.ok && !also.includes(status)) {
    const why = `HTTP ${status}${reasonOf(bytes)}`
    throw status >= 500 || status === 429 || status === 408
      ? new Busy(why)
      : unavailable(question, why)
  }
  return { status, body: readObject(question, bytes) }
}

async function send(
  { url, headers, json, form }: Question,
  signal: AbortSignal,
): Promise<Response> {
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
  const body = form === undefined ? JSON.stringify(json) : new URLSearchParams(form).toString()
  const post = body === undefined ? {} : { method: 'POST', body }
  try {
    return await fetch(url, {
      ...post,
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      signal,
    })
  } catch (cause) {
    throw new Busy(describe(cause))
  }
}

async function readBody(question: Question, { body }: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for await (const part of body ?? []) {
      length += part.length
      if (length > MAX_BYTES) throw unavailable(question, `more than ${MAX_BYTES} bytes`)
      parts.push(part)
    }
  } catch (cause) {
    if (isRegistryError(cause)) throw cause
    throw new Busy(describe(cause))
  }
  return Buffer.concat(parts)
}

function readObject(question: Question, bytes: Uint8Array): JsonObject {
  try {
    const body = parseJson(bytes)
    if (isJsonObject(body)) return body
  } catch {
    // Quoting it would help nobody, and might show a token.
  }
  throw unavailable(question, `${bytes.length} bytes that are not a JSON object`)
}

/** What a service says of itself, if it is a plain word or sentence. */
function reasonOf(bytes: Uint8Array): string {
  try {
    const { message, error } = parseJson(bytes) as JsonObject
    const text = [message, error].find((word) => typeof word === 'string')
    return typeof text === 'string' ? `: ${plainWords(text)}` : ''
  } catch {
    return ''
  }
}

function plainly(question: Question, error: unknown): unknown {
  return error instanceof Busy ? unavailable(question, error.message) : error
}

function unavailable({ service, url }: Question, got: string): RegistryError {
  return new RegistryError('SIGNING_UNAVAILABLE', `${service} did not answer as it should.`, {
    expected: `an answer in JSON from ${new URL(url).origin}`,
    got,
    next: 'Nothing has been published. Try again; if it stays so, check the signing config and the state of that service.',
  })
}

/** `fetch` says "fetch failed"; what failed is in its cause. */
function describe(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'silence until the deadline'
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const text = inner instanceof Error ? inner.message : String(inner)
  return plainWords(text)
}
