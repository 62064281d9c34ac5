// One file over HTTP, bounded in size and in time. Redirects are not followed, and nothing of an answer but its status and its
// body is believed; the limit counts what arrives, whatever its header says.

import { escapeText, isRegistryError, RegistryError } from '../../lib/index.ts'
import type { SourceOptions } from '../source.ts'
import type { StaticFile } from './layout.ts'

export interface FetchOptions {
  /** Silence after which a request is given up, connecting included. */
  readonly idleMs?: number
  /** From the request to the last byte. */
  readonly totalMs?: number
}

/** Throws NOT_FOUND for 404 and 410, PEER_LIMIT, PEER_MISBEHAVED, PEER_UNAVAILABLE. Each names the address. */
export async function fetchFile(
  base: URL,
  { path, limit }: StaticFile,
  { idleMs = 10_000, totalMs = 60_000, signal }: FetchOptions & SourceOptions = {},
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  const url = new URL(path, base).href
  const stop = new AbortController()
  const giveUp = (why: string) => () => stop.abort(unavailable(url, why))
  const total = setTimeout(giveUp(`it took longer than ${totalMs} ms`), totalMs)
  const idle = setTimeout(giveUp(`it was silent for ${idleMs} ms`), idleMs)
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      cache: 'no-store',
      headers: { 'accept-encoding': 'gzip, identity' },
      signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    })
    idle.refresh()
    assertStatus(url, response)
    return await readBody(url, response, { limit, onBytes: () => idle.refresh() })
  } catch (cause) {
    // Whatever is left of the answer is of no use to anybody.
    stop.abort()
    signal?.throwIfAborted()
    if (isRegistryError(cause)) throw cause
    throw unavailable(url, describe(cause), cause)
  } finally {
    clearTimeout(total)
    clearTimeout(idle)
  }
}

async function readBody(
  url: string,
  { body, headers }: Response,
  { limit, onBytes }: { readonly limit: number; readonly onBytes: () => void },
): Promise<Uint8Array> {
  const announced = Number(headers.get('content-length') ?? 0)
  if (announced > limit) throw tooLarge(url, limit, announced)
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body ?? []) {
    onBytes()
    length += part.length
    // Endless data (T29): whatever was announced.
    if (length > limit) throw tooLarge(url, limit, length)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function assertStatus(url: string, { status, headers }: Response): void {
  if (status === 200) return
  if (status === 404 || status === 410) {
    throw new RegistryError('NOT_FOUND', `There is no file at ${url}.`, {
      expected: 'HTTP 200',
      got: `HTTP ${status}`,
      next: 'Check the address: it is that of the folder which `registry export --static` wrote. Or ask another peer.',
    })
  }
  if (status >= 300 && status < 400) {
    const location = escapeText((headers.get('location') ?? 'nowhere').slice(0, 200))
    throw new RegistryError(
      'PEER_MISBEHAVED',
      `${url} answered with a redirect, and redirects are not followed.`,
      {
        expected: 'HTTP 200 and the file itself',
        got: `HTTP ${status} to ${location}`,
        next: 'If you trust the place it leads to, name that with `--from`.',
      },
    )
  }
  throw new RegistryError('PEER_UNAVAILABLE', `${url} answered with HTTP ${status}.`, {
    expected: 'HTTP 200',
    got: `HTTP ${status}`,
    next: 'Try again later, or ask another peer.',
  })
}

function tooLarge(url: string, limit: number, got: number): RegistryError {
  return new RegistryError('PEER_LIMIT', `The file at ${url} is larger than it may be.`, {
    expected: `at most ${limit} bytes`,
    got: `${got} bytes or more`,
    next: 'Nothing of it was kept. Ask another peer.',
  })
}

function unavailable(url: string, why: string, cause?: unknown): RegistryError {
  return new RegistryError('PEER_UNAVAILABLE', `${url} cannot be read: ${why}.`, {
    next: /certificate/.test(why)
      ? 'Check the address. For a certificate authority of your own, set NODE_EXTRA_CA_CERTS.'
      : 'Check the address and the connection, or ask another peer.',
    ...(cause === undefined ? {} : { cause }),
  })
}

/** `fetch` says "fetch failed"; what failed is in its cause. After a semicolon, Node gives advice on its own options. */
function describe(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const text = inner instanceof Error ? inner.message : String(inner)
  const code = (inner as NodeJS.ErrnoException | undefined)?.code
  const [words = ''] = text.slice(0, 200).split(';')
  const plain = escapeText(words).replace(/\.$/, '')
  return code === undefined || plain.includes(code) ? plain : `${plain} (${code})`
}
