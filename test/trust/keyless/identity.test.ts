// Where an identity token comes from, what is checked before it is sent, and how somebody says so on the command line.

import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError } from '../../../src/lib/index.ts'
import { keylessSignerFrom, openKeylessSigner } from '../../../src/trust/keyless/index.ts'
import {
  fileIdentity,
  findIdentity,
  githubIdentity,
  gitlabIdentity,
  variableIdentity,
} from '../../../src/trust/keyless/token/environment.ts'
import { checkToken } from '../../../src/trust/keyless/token/token.ts'
import { makeToken, type TokenOptions } from '../../support/sigstore/token.ts'
import { QUICK, STATEMENT } from './setup.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const mint = (options?: TokenOptions): string => makeToken(privateKey, options)
const now = (): Date => new Date()

async function refusalOf(work: () => unknown): Promise<RegistryError> {
  try {
    await work()
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('checkToken', () => {
  const withClaims = (claims: object): string => {
    const [head, body, signature] = mint().split('.')
    const own = JSON.parse(Buffer.from(body ?? '', 'base64url').toString())
    return `${head}.${Buffer.from(JSON.stringify({ ...own, ...claims })).toString('base64url')}.${signature}`
  }

  test('a good one', () => {
    expect(checkToken(mint(), 'a test', now()).issuer).toBe(
      'https://token.actions.githubusercontent.com',
    )
    expect(() =>
      checkToken(withClaims({ aud: ['other', 'sigstore'] }), 'a test', now()),
    ).not.toThrow()
  })

  const bad: readonly (readonly [string, string, RegExp, RegExp])[] = [
    ['another audience', mint({ audience: 'vault' }), /audience \(aud\) sigstore/, /^vault$/],
    ['no audience', withClaims({ aud: undefined }), /audience/, /^none$/],
    ['expired', mint({ expiresIn: -1 }), /good at/, /expiry \(exp\) 20/],
    ['about to expire', mint({ expiresIn: 2 }), /good at/, /expiry/],
    ['no expiry', withClaims({ exp: undefined }), /good at/, /expiry \(exp\) none/],
    ['not yet good', withClaims({ nbf: Date.now() / 1000 + 600 }), /good at/, /not before/],
    ['no issuer', withClaims({ iss: undefined }), /issuer/, /none/],
    [
      'an address nobody verified',
      withClaims({ email: 'a@b.c', email_verified: false }),
      /verified/,
      /not/,
    ],
    ['nothing', '', /three parts/, /^nothing$/],
    ['a password', 'hunter2', /three parts/, /^7 characters/],
    ['two parts', 'a.b', /three parts/, /characters/],
    ['no JSON inside', 'a.b.c', /JSON Web Token/, /not a JSON object/],
    ['far too long', `a.${'b'.repeat(20_000)}.c`, /three parts/, /20004 characters/],
  ]
  test.each(bad)('%s', async (_name, token, expected, got) => {
    const error = await refusalOf(() => checkToken(token, 'a test', now()))
    expect(error.code).toBe('IDENTITY_REFUSED')
    expect(error.message).toBe('The identity token from a test cannot be used to sign.')
    expect(error.details.expected).toMatch(expected)
    expect(error.details.got).toMatch(got)
    if (token.length > 10) expect(JSON.stringify(error.details)).not.toContain(token)
  })

  test('the clock is the one it is given', () => {
    const later = new Date(Date.now() + 3_600_000)
    expect(() => checkToken(mint(), 'a test', later)).toThrow()
    expect(() => checkToken(mint({ expiresIn: 7_200 }), 'a test', later)).not.toThrow()
  })

  test('whatever the text, the answer is a coded error or facts', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.base64String(), { maxLength: 4 }).map((parts) => parts.join('.')),
        ),
        (text) => {
          try {
            checkToken(text, 'a test', now())
          } catch (error) {
            expect(isRegistryError(error, 'IDENTITY_REFUSED')).toBe(true)
          }
        },
      ),
    )
  })
})

describe('GitHub Actions', () => {
  async function serve(listener: RequestListener) {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const env = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer-of-the-job-0123456789012345678901234567890123456789',
    }
    return { env, [Symbol.asyncDispose]: async () => void server.close() }
  }

  test('asks for our audience, with the token of the job', async () => {
    const asked: unknown[] = []
    await using github = await serve((request, response) => {
      asked.push(request.url, request.headers.authorization)
      response.end(JSON.stringify({ value: 'a.b.c', count: 1 }))
    })
    expect(await githubIdentity(github.env, QUICK).getToken()).toBe('a.b.c')
    expect(asked).toEqual([
      '/token?api-version=2.0&audience=sigstore',
      `Bearer ${github.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}`,
    ])
  })

  test('says what it answered, without the secret it was sent', async () => {
    await using github = await serve((request, response) => {
      response
        .writeHead(403)
        .end(JSON.stringify({ message: `no: ${request.headers.authorization}` }))
    })
    const { code, message, details } = await refusalOf(() =>
      githubIdentity(github.env, QUICK).getToken(),
    )
    expect(code).toBe('SIGNING_UNAVAILABLE')
    expect(`${message} ${details.got}`).toBe(
      'GitHub Actions did not answer as it should. HTTP 403: no: Bearer …',
    )
  })

  test('does not follow a redirect with it', async () => {
    let reached = 0
    await using other = await serve((_request, response) => {
      reached++
      response.end('{"value":"a.b.c"}')
    })
    await using github = await serve((_request, response) => {
      response.writeHead(307, { location: other.env.ACTIONS_ID_TOKEN_REQUEST_URL }).end()
    })
    const { details } = await refusalOf(() => githubIdentity(github.env, QUICK).getToken())
    expect([details.got, reached]).toEqual(['HTTP 307', 0])
  })

  test('does not send it in the clear', async () => {
    const env = {
      ACTIONS_ID_TOKEN_REQUEST_URL: 'http://evil.example/',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
    }
    const { code, details } = await refusalOf(() => githubIdentity(env, QUICK).getToken())
    expect([code, details.expected]).toEqual(['IDENTITY_REFUSED', 'an https URL'])
  })

  test('an answer without a token, and one too large', async () => {
    await using empty = await serve((_request, response) => void response.end('{}'))
    expect(await refusalOf(() => githubIdentity(empty.env, QUICK).getToken())).toMatchObject({
      code: 'IDENTITY_MISSING',
      details: { expected: 'an answer with a token in `value`' },
    })
    await using large = await serve((_request, response) => void response.end('x'.repeat(300_000)))
    expect((await refusalOf(() => githubIdentity(large.env, QUICK).getToken())).details.got).toBe(
      'more than 262144 bytes',
    )
  })
})

describe('files and variables', () => {
  test('a variable', async () => {
    expect(await variableIdentity({ MINE: ' a.b.c\n' }, 'MINE').getToken()).toBe('a.b.c')
    const { code, details } = await refusalOf(() => variableIdentity({}, 'MINE').getToken())
    expect([code, details.next]).toEqual([
      'IDENTITY_MISSING',
      'Set MINE to a token for the audience sigstore.',
    ])
  })

  test('GitLab says how to get one', async () => {
    const { details } = await refusalOf(() => gitlabIdentity({}).getToken())
    expect(details.next).toBe(
      'In GitLab, declare it in the job: `id_tokens: { SIGSTORE_ID_TOKEN: { aud: sigstore } }`.',
    )
  })

  test('a file is read each time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'toolmark-token-'))
    const path = join(folder, 'token')
    const source = fileIdentity(path)
    expect((await refusalOf(() => source.getToken())).code).toBe('FILE_UNAVAILABLE')
    writeFileSync(path, 'a.b.c\n')
    expect(await source.getToken()).toBe('a.b.c')
    writeFileSync(path, '\n')
    expect(await refusalOf(() => source.getToken())).toMatchObject({
      code: 'IDENTITY_MISSING',
      details: { got: 'an empty file' },
    })
    rmSync(folder, { recursive: true })
  })
})

describe('findIdentity', () => {
  const github = {
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x.example',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'y',
  }
  test('GitHub first, then SIGSTORE_ID_TOKEN, then nobody', () => {
    const gitlab = { SIGSTORE_ID_TOKEN: 'a.b.c' }
    expect(findIdentity({ ...github, ...gitlab })?.from).toBe('GitHub Actions')
    expect(
      findIdentity({ ...gitlab, ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x.example' })?.from,
    ).toBe('the variable SIGSTORE_ID_TOKEN')
    expect(findIdentity({ DISPLAY: ':0', SIGSTORE_ID_TOKEN: ' ' })).toBeUndefined()
  })
})

describe('what the command line says', () => {
  const around = { env: {}, show: () => {}, patience: QUICK }

  test.each([
    ['', ''],
    ['keyfile', 'keyfile'],
    ['github:x', 'github'],
    ['token-file', 'token-file'],
    ['token-file:', 'token-file'],
    ['token-env:', 'token-env'],
    ['token-env:A B', 'token-env'],
    ['token-env:eyJhbGciOi.J9.x', 'token-env'],
    ['GITHUB', 'GITHUB'],
  ])('--identity %s is none', async (identity, got) => {
    const error = await refusalOf(() => keylessSignerFrom({ identity }, around))
    expect(error).toMatchObject({
      code: 'USAGE',
      message: 'This does not say who signs.',
      details: { got },
    })
    expect(error.details.expected).toBe(
      '--identity auto, github, gitlab, token-file:PATH, token-env:NAME, browser or device',
    )
  })

  test('--oidc-issuer is for a login', async () => {
    const texts = { identity: 'github', oidcIssuer: 'https://login.example' }
    const { details } = await refusalOf(() => keylessSignerFrom(texts, around))
    expect(details.expected).toBe('--oidc-issuer only with --identity browser or device')
  })

  test('nothing said and nothing found', async () => {
    const { code, details } = await refusalOf(() => keylessSignerFrom({}, around))
    expect(code).toBe('IDENTITY_MISSING')
    expect(details.next).toMatch(/^Say who signs: --identity auto, github, /)
  })

  test('a signing config is read before anybody is asked to log in', async () => {
    const texts = { identity: 'browser', signingConfig: Buffer.from('{}') }
    expect((await refusalOf(() => keylessSignerFrom(texts, around))).code).toBe('DOCUMENT_INVALID')
  })

  test('each choice has its source; a path may hold a colon', async () => {
    const texts = ['gitlab', 'token-env:MINE', 'token-file:/no/such:file']
    const codes = texts.map(
      async (identity) =>
        (await refusalOf(() => keylessSignerFrom({ identity }, around).sign(STATEMENT))).message,
    )
    expect(await Promise.all(codes)).toEqual([
      'There is no identity token to sign with.',
      'There is no identity token to sign with.',
      'The file /no/such:file cannot be read.',
    ])
  })
})

describe('one login for many signatures', () => {
  test('calls that overlap share it; a failed one is forgotten', async () => {
    let asked = 0
    const signer = openKeylessSigner({
      identity: {
        from: 'a test',
        getToken: async () => (++asked === 1 ? 'broken' : mint({ audience: 'other' })),
      },
      patience: QUICK,
    })
    const both = await Promise.allSettled([signer.sign(STATEMENT), signer.sign(STATEMENT)])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(asked).toBe(1)
    await refusalOf(() => signer.sign(STATEMENT))
    expect(asked).toBe(2)
  })
})
