// Tokens that are already there, or that a CI system hands out: GitHub Actions, GitLab, a variable, a file.

import { RegistryError, readBounded } from '../../../lib/index.ts'
import { askJson, type Patience } from '../http.ts'
import { isSafeUrl } from '../safe-url.ts'
import type { IdentitySource } from './source.ts'
import { AUDIENCE, MAX_TOKEN_BYTES } from './token.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const URL_NAME = 'ACTIONS_ID_TOKEN_REQUEST_URL'
const TOKEN_NAME = 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'
const GITLAB_NAME = 'SIGSTORE_ID_TOKEN'

function hasGithub(env: Environment): boolean {
  return (env[URL_NAME] ?? '') !== '' && (env[TOKEN_NAME] ?? '') !== ''
}

/** https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/about-security-hardening-with-openid-connect */
export function githubIdentity(env: Environment, patience?: Patience): IdentitySource {
  const from = 'GitHub Actions'
  return {
    from,
    getToken: async ({ signal } = {}) => {
      const [url, bearer] = [env[URL_NAME] ?? '', env[TOKEN_NAME] ?? '']
      if (!hasGithub(env)) {
        throw missing(`${URL_NAME} and ${TOKEN_NAME} in the environment`, 'not both', [
          'Run this in a GitHub Actions job with the permission `id-token: write`.',
        ])
      }
      const { body } = await askJson({
        service: from,
        url: withAudience(url),
        headers: { authorization: `Bearer ${bearer}` },
        ...(patience === undefined ? {} : { patience }),
        signal,
      })
      if (typeof body.value === 'string') return body.value
      throw missing('an answer with a token in `value`', 'one without', [
        'Run the job again; if it stays so, see whether GitHub Actions is up.',
      ])
    },
  }
}

/** The URL comes with a query of its own, which isSafeUrl refuses elsewhere. */
function withAudience(text: string): string {
  const [place = '', query = ''] = text.split('?')
  if (!isSafeUrl(place)) {
    throw new RegistryError('IDENTITY_REFUSED', `${URL_NAME} is no place to send a token to.`, {
      expected: 'an https URL',
      got: 'another',
      next: 'Leave the variable as GitHub Actions sets it.',
    })
  }
  const url = new URL(`${place}?${query}`)
  url.searchParams.set('audience', AUDIENCE)
  return url.href
}

/** `id_tokens: SIGSTORE_ID_TOKEN: aud: sigstore` in the job (https://docs.gitlab.com/ci/secrets/id_token_authentication/). */
export function gitlabIdentity(env: Environment): IdentitySource {
  return variableIdentity(env, GITLAB_NAME)
}

export function variableIdentity(env: Environment, name: string): IdentitySource {
  return {
    from: `the variable ${name}`,
    getToken: async () => {
      const token = (env[name] ?? '').trim()
      if (token !== '') return token
      const next =
        name === GITLAB_NAME
          ? `In GitLab, declare it in the job: \`id_tokens: { ${name}: { aud: ${AUDIENCE} } }\`.`
          : `Set ${name} to a token for the audience ${AUDIENCE}.`
      throw missing(`a token in the variable ${name}`, 'nothing', [next])
    },
  }
}

/** Read anew each time: whoever wrote it may renew it. */
export function fileIdentity(path: string): IdentitySource {
  return {
    from: `the file ${path}`,
    getToken: async () => {
      const token = Buffer.from(await readBounded(path, MAX_TOKEN_BYTES))
        .toString('latin1')
        .trim()
      if (token !== '') return token
      throw missing(`a token in ${path}`, 'an empty file', ['Write a new token into it.'])
    },
  }
}

/**
 * What needs nobody’s answer, in this order: GitHub Actions, then SIGSTORE_ID_TOKEN. Undefined where there is neither: a browser is opened only for who
 * asks for one, for in a pipeline nobody would ever answer.
 */
export function findIdentity(env: Environment): IdentitySource | undefined {
  if (hasGithub(env)) return githubIdentity(env)
  return (env[GITLAB_NAME] ?? '').trim() === '' ? undefined : gitlabIdentity(env)
}

function missing(expected: string, got: string, [next]: readonly [string]): RegistryError {
  return new RegistryError('IDENTITY_MISSING', 'There is no identity token to sign with.', {
    expected,
    got,
    next,
  })
}
