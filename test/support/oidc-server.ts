// An OpenID provider on loopback: discovery, authorization code with PKCE, device codes. A person is whoever follows the prompt: `browse` does
// what a browser would. Tests change its answers.

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { LoginPrompt } from '../../src/trust/keyless/index.ts'
import type { TokenOptions } from './sigstore/token.ts'

type Form = Readonly<Record<string, string>>
type Reply = Readonly<Record<string, unknown>>

export interface OidcServer extends AsyncDisposable {
  readonly issuer: string
  /** `METHOD path` of every request. */
  readonly asked: string[]
  /** What is different from the usual, by the name of the answer. */
  readonly change: {
    discovery?: Reply
    /** On top of the token’s claims. */
    nonce?: string
    /** The first answers to who polls, before the token. */
    poll?: readonly string[]
    device?: Reply
  }
  /** Follows a prompt as a person would, up to the page that says it is done. */
  browse(prompt: LoginPrompt): Promise<string>
}

export type Mint = (options: TokenOptions) => string

export async function startOidcServer(mint: Mint, san: string): Promise<OidcServer> {
  const codes = new Map<string, Form>()
  const typed = new Set<string>()
  const asked: string[] = []
  const change: OidcServer['change'] = {}
  let issuer = ''

  const authorize = (form: Form): string => {
    const code = randomBytes(8).toString('hex')
    codes.set(code, form)
    const back = new URL(form.redirect_uri ?? '')
    back.search = new URLSearchParams({ code, state: form.state ?? '' }).toString()
    return back.href
  }
  const token = (form: Form): readonly [number, Reply] => {
    const isDevice = form.grant_type !== 'authorization_code'
    const started = codes.get((isDevice ? form.device_code : form.code) ?? '')
    const challenge = createHash('sha256')
      .update(form.code_verifier ?? '')
      .digest('base64url')
    if (started === undefined || challenge !== started.code_challenge)
      return [400, { error: 'invalid_grant' }]
    if (!isDevice && form.redirect_uri !== started.redirect_uri)
      return [400, { error: 'invalid_grant' }]
    if (isDevice) {
      const [next, ...later] = change.poll ?? []
      change.poll = later
      if (next !== undefined) return [400, { error: next }]
      if (!typed.has(form.device_code ?? '')) return [400, { error: 'authorization_pending' }]
    }
    const nonce = change.nonce ?? started.nonce
    const id_token = mint({ issuer, san, ...(nonce === undefined ? {} : { nonce }) })
    return [200, { access_token: 'not for us', token_type: 'Bearer', id_token }]
  }
  const device = (form: Form): Reply => {
    const code = randomBytes(8).toString('hex')
    codes.set(code, form)
    codes.set('ABCD-EFGH', { device: code })
    return {
      device_code: code,
      user_code: 'ABCD-EFGH',
      verification_uri: `${issuer}/device`,
      expires_in: 300,
      interval: 1,
      ...change.device,
    }
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    asked.push(`${request.method} ${url.pathname}`)
    const json = (status: number, body: Reply): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const form = { ...Object.fromEntries(url.searchParams), ...(await readForm(request)) }
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(200, {
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          device_authorization_endpoint: `${issuer}/device/code`,
          token_endpoint: `${issuer}/token`,
          ...change.discovery,
        })
      case '/auth':
        return response.writeHead(302, { location: authorize(form) }).end()
      case '/device/code':
        return json(200, device(form))
      case '/device':
        typed.add(codes.get(form.user_code ?? '')?.device ?? '')
        return response.writeHead(200).end('thank you')
      case '/token':
        return json(...token(form))
      default:
        return json(404, {})
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  return {
    issuer,
    asked,
    change,
    browse: async (prompt) => {
      const url = prompt.kind === 'browser' ? prompt.url : `${prompt.url}?user_code=${prompt.code}`
      return (await fetch(url)).text()
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function readForm(request: IncomingMessage): Promise<Form> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
}
