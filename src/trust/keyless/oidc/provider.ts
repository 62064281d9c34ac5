// An OpenID provider, as its discovery document tells (OpenID Connect Discovery 1.0), and what both ways to log in need of it.

import { createHash, randomBytes } from 'node:crypto'
import { isJsonObject, type JsonObject, RegistryError } from '../../../lib/index.ts'
import { askJson, type Patience } from '../http.ts'
import { plainWords } from '../plain-words.ts'
import { isSafeUrl } from '../safe-url.ts'

/** What a person is asked to do. Showing it is the caller’s job; it holds no secret but the one-time code the person types. */
export type LoginPrompt =
  | { readonly kind: 'browser'; readonly url: string }
  | { readonly kind: 'device'; readonly url: string; readonly code: string }

export interface Login {
  readonly issuer: string
  /** `sigstore`, which public instances and their copies know, unless said. */
  readonly clientId?: string
  readonly show: (prompt: LoginPrompt) => void | Promise<void>
  /** How long a person may take: 5 minutes unless said. */
  readonly waitMs?: number
  readonly patience?: Patience
}

export interface Provider {
  readonly issuer: string
  readonly authorization: string | undefined
  readonly device: string | undefined
  readonly token: string
}

export const DEFAULT_CLIENT = 'sigstore'
export const SCOPE = 'openid email'
export const WAIT_MS: number = 5 * 60_000

export async function discover(
  { issuer, patience }: Login,
  signal?: AbortSignal,
): Promise<Provider> {
  if (!isSafeUrl(issuer)) {
    throw new RegistryError('USAGE', 'This is not an OIDC issuer.', {
      expected: 'an https URL (http only on this machine)',
      got: plainWords(issuer),
      next: 'Correct --oidc-issuer.',
    })
  }
  const url = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`
  const { body } = await askJson({
    service: 'The OIDC issuer',
    url,
    signal,
    ...withPatience(patience),
  })
  // OpenID Connect Discovery 1.0, section 4.3: or one issuer could pass for another.
  if (body.issuer !== issuer) throw misled(issuer, 'issuer', issuer, body.issuer)
  return {
    issuer,
    authorization: endpointOf(body, issuer, 'authorization_endpoint'),
    device: endpointOf(body, issuer, 'device_authorization_endpoint'),
    token: endpointOf(body, issuer, 'token_endpoint') ?? absent(issuer, 'token_endpoint'),
  }
}

function endpointOf(document: JsonObject, issuer: string, name: string): string | undefined {
  const url = document[name]
  if (url === undefined) return undefined
  if (typeof url === 'string' && isSafeUrl(url)) return url
  throw misled(issuer, name, 'an https URL', url)
}

/** For an endpoint that is needed. */
export function absent(issuer: string, name: string): never {
  throw misled(issuer, name, 'an https URL', undefined)
}

function misled(issuer: string, name: string, expected: string, got: unknown): RegistryError {
  return new RegistryError(
    'IDENTITY_REFUSED',
    `The discovery document of ${issuer} cannot be used: ${name}.`,
    {
      expected,
      got: got === undefined ? 'none' : plainWords(JSON.stringify(got)),
      next: 'Check --oidc-issuer, or choose another way to log in with --identity.',
    },
  )
}

export interface Pkce {
  readonly verifier: string
  readonly challenge: string
}

/** RFC 7636: whoever catches the code cannot use it. */
export function makePkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** The token endpoint’s answer: a token, or the word for why there is none (RFC 6749, section 5.2). */
export async function askToken(
  { token: url }: Provider,
  form: Readonly<Record<string, string>>,
  options: { readonly signal?: AbortSignal | undefined; readonly patience?: Patience | undefined },
): Promise<{ readonly token: string } | { readonly error: string }> {
  const { status, body } = await askJson({
    service: 'The OIDC issuer',
    url,
    form,
    also: [400, 401, 403],
    signal: options.signal,
    ...withPatience(options.patience),
  })
  if (status < 300 && isJsonObject(body) && typeof body.id_token === 'string') {
    return { token: body.id_token }
  }
  return {
    error:
      typeof body.error === 'string' ? plainWords(body.error) : `HTTP ${status} without a token`,
  }
}

export function loginRefused(issuer: string, got: string): RegistryError {
  return new RegistryError('IDENTITY_REFUSED', `The login at ${issuer} gave no identity.`, {
    expected: 'an identity token',
    got,
    next: 'Try again, or choose another way with --identity.',
  })
}

export function withPatience(patience: Patience | undefined): { readonly patience?: Patience } {
  return patience === undefined ? {} : { patience }
}
