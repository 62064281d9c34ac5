// A login on another device: a code is shown, the person types it elsewhere, we ask until they have (RFC 8628, with PKCE).

import { setTimeout } from 'node:timers/promises'
import { type JsonObject, RegistryError } from '../../../lib/index.ts'
import { askJson } from '../http.ts'
import { isSafeUrl } from '../safe-url.ts'
import type { IdentitySource } from '../token/source.ts'
import {
  absent,
  askToken,
  DEFAULT_CLIENT,
  discover,
  type Login,
  loginRefused,
  makePkce,
  type Provider,
  SCOPE,
  WAIT_MS,
  withPatience,
} from './provider.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
/** RFC 8628, section 3.5: what an answer that names none means, and what `slow_down` adds. */
const DEFAULT_INTERVAL_S = 5
const CODE = /^[A-Za-z0-9-]{1,32}$/

export function deviceIdentity(login: Login): IdentitySource {
  return {
    from: `a login at ${login.issuer}`,
    getToken: ({ signal } = {}) => logIn(login, signal),
  }
}

async function logIn(login: Login, signal?: AbortSignal): Promise<string> {
  const { clientId = DEFAULT_CLIENT } = login
  const provider = await discover(login, signal)
  const { verifier, challenge } = makePkce()
  const { body } = await askJson({
    service: 'The OIDC issuer',
    url: provider.device ?? absent(login.issuer, 'device_authorization_endpoint'),
    form: {
      client_id: clientId,
      scope: SCOPE,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    },
    signal,
    ...withPatience(login.patience),
  })
  const { code, show, intervalS, lifeMs } = readGrant(body, login.issuer)
  await login.show(show)
  const form = {
    grant_type: GRANT,
    device_code: code,
    client_id: clientId,
    code_verifier: verifier,
  }
  const deadline = Date.now() + Math.min(lifeMs, login.waitMs ?? WAIT_MS)
  return poll({ login, provider, form, deadline, signal }, intervalS)
}

interface Poll {
  readonly login: Login
  readonly provider: Provider
  readonly form: Readonly<Record<string, string>>
  readonly deadline: number
  readonly signal: AbortSignal | undefined
}

async function poll(
  { login, provider, form, deadline, signal }: Poll,
  firstS: number,
): Promise<string> {
  for (let intervalS = firstS; ; ) {
    if (Date.now() + intervalS * 1000 > deadline) throw tooLate()
    await setTimeout(intervalS * 1000, undefined, { signal })
    const got = await askToken(provider, form, { signal, patience: login.patience })
    if ('token' in got) return got.token
    if (got.error === 'slow_down') intervalS += DEFAULT_INTERVAL_S
    else if (got.error !== 'authorization_pending') throw loginRefused(login.issuer, got.error)
  }
}

function readGrant(body: JsonObject, issuer: string) {
  const { device_code: code, user_code: userCode, verification_uri: url } = body
  const { expires_in: life = 300, interval = DEFAULT_INTERVAL_S } = body
  const isForm =
    typeof code === 'string' &&
    typeof userCode === 'string' &&
    CODE.test(userCode) &&
    typeof url === 'string' &&
    isSafeUrl(url) &&
    typeof life === 'number' &&
    typeof interval === 'number'
  if (!isForm) throw loginRefused(issuer, 'no code to type and no address to type it at')
  return {
    code,
    show: { kind: 'device', url, code: userCode } as const,
    intervalS: Math.min(60, Math.max(1, interval)),
    lifeMs: life * 1000,
  }
}

function tooLate(): RegistryError {
  return new RegistryError('IDENTITY_MISSING', 'Nobody logged in.', {
    expected: 'the code typed in while it was good',
    got: 'none',
    next: 'Try again: a new code will be shown.',
  })
}
