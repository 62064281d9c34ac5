// A login in the browser: authorization code flow with PKCE (RFC 7636), the answer caught by a page on this machine (RFC 8252, section 7.3).

import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { RegistryError } from '../../../lib/index.ts'
import { plainWords } from '../plain-words.ts'
import type { IdentitySource } from '../token/source.ts'
import { claimOf } from '../token/token.ts'
import {
  absent,
  askToken,
  DEFAULT_CLIENT,
  discover,
  type Login,
  loginRefused,
  makePkce,
  SCOPE,
  WAIT_MS,
} from './provider.ts'

const CALLBACK = '/auth/callback'

export function browserIdentity(login: Login): IdentitySource {
  return {
    from: `a login at ${login.issuer}`,
    getToken: ({ signal } = {}) => logIn(login, signal),
  }
}

async function logIn(login: Login, signal?: AbortSignal): Promise<string> {
  const { issuer, clientId = DEFAULT_CLIENT, waitMs = WAIT_MS, patience } = login
  const provider = await discover(login, signal)
  const { verifier, challenge } = makePkce()
  const [state, nonce] = [randomBytes(16), randomBytes(16)].map((bytes) =>
    bytes.toString('base64url'),
  )
  await using page = await openCallback(state ?? '')
  const url = new URL(provider.authorization ?? absent(issuer, 'authorization_endpoint'))
  const asked = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: page.url,
    scope: SCOPE,
    state: state ?? '',
    nonce: nonce ?? '',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  await login.show({ kind: 'browser', url: url.href })
  const answer = await page.wait(waitMs, signal)
  if ('error' in answer) throw loginRefused(issuer, answer.error)
  const form = {
    grant_type: 'authorization_code',
    code: answer.code,
    redirect_uri: page.url,
    client_id: clientId,
    code_verifier: verifier,
  }
  const got = await askToken(provider, form, { signal, patience })
  if ('error' in got) throw loginRefused(issuer, got.error)
  // A code of another’s login, slipped to us, has another nonce (OpenID Connect Core 1.0, section 3.1.3.7).
  if (claimOf(got.token, 'nonce') === nonce) return got.token
  throw loginRefused(issuer, 'a token for another login (nonce)')
}

type Callback = { readonly code: string } | { readonly error: string }

interface CallbackPage extends AsyncDisposable {
  readonly url: string
  wait(waitMs: number, signal?: AbortSignal): Promise<Callback>
}

async function openCallback(state: string): Promise<CallbackPage> {
  const { promise, resolve } = Promise.withResolvers<Callback>()
  const server = createServer((request, response) => {
    const answer = readCallback(request, state)
    if (answer === undefined) {
      say(response, 404, 'Nothing here.')
      return
    }
    say(
      response,
      200,
      'code' in answer ? 'Logged in. You can close this window.' : 'The login failed.',
    )
    resolve(answer)
  })
  const port = await listen(server)
  return {
    url: `http://localhost:${port}${CALLBACK}`,
    wait: (waitMs, signal) => within(promise, waitMs, signal),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Undefined for whatever does not know our state: any page open in the browser can send requests here. */
function readCallback({ method, url = '' }: IncomingMessage, state: string): Callback | undefined {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  if (method !== 'GET' || pathname !== CALLBACK || searchParams.get('state') !== state)
    return undefined
  const [code, error] = [searchParams.get('code'), searchParams.get('error')]
  if (error !== null) return { error: plainWords(error) }
  return code === null ? { error: 'an answer without a code' } : { code }
}

function say(response: ServerResponse, status: number, words: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }
  response.writeHead(status, headers).end(`${words}\n`)
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function within<T>(promise: Promise<T>, waitMs: number, signal?: AbortSignal): Promise<T> {
  const deadline = AbortSignal.timeout(waitMs)
  const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const stop = (): void => {
    reject(signal?.aborted === true ? signal.reason : tooLate(waitMs))
  }
  either.addEventListener('abort', stop, { once: true })
  if (either.aborted) stop()
  try {
    return await Promise.race([promise, stopped])
  } finally {
    either.removeEventListener('abort', stop)
  }
}

function tooLate(waitMs: number): RegistryError {
  return new RegistryError('IDENTITY_MISSING', 'Nobody logged in.', {
    expected: `a login in the browser within ${Math.round(waitMs / 1000)} s`,
    got: 'none',
    next: 'Try again; where there is no browser, use `--identity device`.',
  })
}
