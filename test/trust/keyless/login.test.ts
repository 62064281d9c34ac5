// Logging in at an OIDC issuer, by a browser and by a code typed elsewhere, against a small real one; the token then signs.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError } from '../../../src/lib/index.ts'
import { keylessSignerFrom, type LoginPrompt } from '../../../src/trust/keyless/index.ts'
import { browserIdentity } from '../../../src/trust/keyless/oidc/browser.ts'
import { deviceIdentity } from '../../../src/trust/keyless/oidc/device.ts'
import type { Login } from '../../../src/trust/keyless/oidc/provider.ts'
import { type OidcServer, startOidcServer } from '../../support/oidc-server.ts'
import { type Sigstore, startSigstore } from '../../support/sigstore/sigstore.ts'
import { QUICK, STATEMENT, verifyAt } from './setup.ts'

let sigstore: Sigstore

beforeAll(async () => {
  sigstore = await startSigstore()
})
afterAll(() => sigstore[Symbol.asyncDispose]())

const startIssuer = (): Promise<OidcServer> => startOidcServer(sigstore.token, 'ada@example.com')

const WAYS = { browser: browserIdentity, device: deviceIdentity } as const
type Way = keyof typeof WAYS

async function refusalOf(
  way: Way,
  server: OidcServer,
  more: Partial<Login> = {},
): Promise<RegistryError> {
  const login: Login = {
    issuer: server.issuer,
    show: async (prompt) => {
      await server.browse(prompt)
    },
    waitMs: 3_000,
    patience: QUICK,
    ...more,
  }
  try {
    await WAYS[way](login).getToken()
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
  throw new Error('somebody logged in')
}

describe.each(['browser', 'device'] as const)('%s', (way) => {
  test('a person logs in once and signs twice', async () => {
    await using server = await startIssuer()
    const prompts: LoginPrompt[] = []
    const signer = keylessSignerFrom(
      { identity: way, oidcIssuer: server.issuer, signingConfig: sigstore.signingConfig() },
      {
        env: {},
        patience: QUICK,
        show: async (prompt) => {
          prompts.push(prompt)
          await server.browse(prompt)
        },
      },
    )
    for (let i = 0; i < 2; i++) {
      const bundle = await signer.sign(STATEMENT)
      expect(verifyAt(sigstore, bundle).identity).toMatchObject({
        issuer: server.issuer,
        san: 'ada@example.com',
      })
    }
    expect(prompts.map(({ kind }) => kind)).toEqual([way])
  })

  test('an issuer that says it is another is not followed', async () => {
    await using server = await startIssuer()
    server.change.discovery = { issuer: 'https://accounts.example.com' }
    const { code, details } = await refusalOf(way, server)
    expect(code).toBe('IDENTITY_REFUSED')
    expect(details).toMatchObject({
      expected: server.issuer,
      got: '"https://accounts.example.com"',
    })
    expect(server.asked).toEqual(['GET /.well-known/openid-configuration'])
  })

  test('an endpoint without TLS elsewhere is not asked', async () => {
    await using server = await startIssuer()
    server.change.discovery = { token_endpoint: 'http://evil.example/token' }
    const { message, details } = await refusalOf(way, server)
    expect(message).toMatch(/cannot be used: token_endpoint/)
    expect(details).toMatchObject({ expected: 'an https URL', got: '"http://evil.example/token"' })
  })

  test('an issuer is a safe URL', async () => {
    await using server = await startIssuer()
    const error = await refusalOf(way, server, { issuer: 'http://login.example' })
    expect(error).toMatchObject({ code: 'USAGE', details: { next: 'Correct --oidc-issuer.' } })
  })

  test('nobody logs in', async () => {
    await using server = await startIssuer()
    const error = await refusalOf(way, server, { show: () => {}, waitMs: 1_200 })
    expect(error).toMatchObject({ code: 'IDENTITY_MISSING', message: 'Nobody logged in.' })
  })

  test('a signal ends the wait', async () => {
    await using server = await startIssuer()
    const stop = new AbortController()
    const source = WAYS[way]({ issuer: server.issuer, show: () => stop.abort(), patience: QUICK })
    await expect(source.getToken({ signal: stop.signal })).rejects.toThrow(/abort/)
  })
})

describe('the page a browser comes back to', () => {
  test('asks for PKCE, a state and a nonce, and hears only who knows the state', async () => {
    await using server = await startIssuer()
    const seen: number[] = []
    const source = browserIdentity({
      issuer: server.issuer,
      patience: QUICK,
      show: async (prompt) => {
        const asked = new URL(prompt.url).searchParams
        expect(asked.get('code_challenge_method')).toBe('S256')
        expect(asked.get('scope')).toBe('openid email')
        const back = new URL(asked.get('redirect_uri') ?? '')
        expect(back.hostname).toBe('localhost')
        // Another page in the same browser: without the state, with a wrong one, at another path, by another method.
        for (const [path, init] of [
          ['?code=evil', {}],
          ['?code=evil&state=guessed', {}],
          [`/more?code=evil&state=${asked.get('state')}`, {}],
          [`?code=evil&state=${asked.get('state')}`, { method: 'POST' }],
        ] as const) {
          seen.push((await fetch(`${back.href}${path}`, init)).status)
        }
        expect(await server.browse(prompt)).toMatch(/^Logged in/)
      },
    })
    expect(await source.getToken()).toMatch(/\./)
    expect(seen).toEqual([404, 404, 404, 404])
  })

  test('a token for another login is refused', async () => {
    await using server = await startIssuer()
    server.change.nonce = 'another'
    const { details } = await refusalOf('browser', server)
    expect(details.got).toBe('a token for another login (nonce)')
  })

  test('the issuer says no', async () => {
    await using server = await startIssuer()
    const error = await refusalOf('browser', server, {
      show: async ({ url }) => {
        const asked = new URL(url).searchParams
        await fetch(`${asked.get('redirect_uri')}?error=access_denied&state=${asked.get('state')}`)
      },
    })
    expect(error).toMatchObject({ code: 'IDENTITY_REFUSED', details: { got: 'access_denied' } })
  })
})

describe('the code typed elsewhere', () => {
  test('pending is waited for', async () => {
    await using server = await startIssuer()
    server.change.poll = ['authorization_pending']
    const source = deviceIdentity({
      issuer: server.issuer,
      show: async (p) => void (await server.browse(p)),
      patience: QUICK,
    })
    expect(await source.getToken()).toMatch(/\./)
    expect(server.asked.filter((line) => line === 'POST /token')).toHaveLength(2)
  })

  test('denied ends it', async () => {
    await using server = await startIssuer()
    server.change.poll = ['access_denied']
    const { code, details } = await refusalOf('device', server)
    expect([code, details.got]).toEqual(['IDENTITY_REFUSED', 'access_denied'])
  })

  test('a code that could move the cursor is not shown', async () => {
    await using server = await startIssuer()
    server.change.device = { user_code: 'AB\u001b[2J' }
    const { details } = await refusalOf('device', server)
    expect(details.got).toBe('no code to type and no address to type it at')
  })
})
