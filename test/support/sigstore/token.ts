// Identity tokens of the loopback issuer: whatever issuer they name, one key signs them. Members are those of GitHub’s tokens, which is
// where Fulcio finds the claims (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md).

import { type KeyObject, sign } from 'node:crypto'
import type { Claims } from '../../../src/trust/identity/index.ts'

export interface TokenOptions {
  /** GitHub’s unless said. */
  readonly issuer?: string
  /** A workflow’s URI, another URI, or an e-mail address. */
  readonly san?: string
  /** On top of GITHUB_CLAIMS for a workflow, instead of none for anything else. `build_signer` is the SAN, always. */
  readonly claims?: Omit<Claims, 'build_signer'>
  /** `sigstore` unless said. */
  readonly audience?: string
  /** Seconds from now; 300 unless said. */
  readonly expiresIn?: number
  /** Of the login it is for. */
  readonly nonce?: string
}

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'
export const GITHUB_SAN =
  'https://github.com/acme/tools/.github/workflows/release.yml@refs/tags/v1.4.2'

export const GITHUB_CLAIMS: Claims = {
  runner: 'github-hosted',
  repository: 'https://github.com/acme/tools',
  commit: 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00',
  ref: 'refs/tags/v1.4.2',
  repository_id: '123456789',
  owner: 'https://github.com/acme',
  owner_id: '987654',
  build_config: GITHUB_SAN,
  trigger: 'push',
  run: 'https://github.com/acme/tools/actions/runs/42/attempts/1',
  visibility: 'public',
}

const HUB = 'https://github.com/'

export function makeToken(key: KeyObject, options: TokenOptions = {}): string {
  const { issuer = GITHUB_ISSUER, san = GITHUB_SAN, audience = 'sigstore' } = options
  const isWorkflow = san.startsWith(HUB)
  const now = Math.floor(Date.now() / 1000)
  const claims = isWorkflow ? { ...GITHUB_CLAIMS, ...options.claims } : (options.claims ?? {})
  const payload = {
    iss: issuer,
    aud: audience,
    iat: now,
    nbf: now - 60,
    exp: now + (options.expiresIn ?? 300),
    nonce: options.nonce,
    ...subjectOf(san, claims),
    ...membersOf(claims),
  }
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'ES256', typ: 'JWT' })}.${part(payload)}`
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

function subjectOf(san: string, claims: Claims): Readonly<Record<string, unknown>> {
  if (san.startsWith(HUB)) {
    const repository = claims.repository?.replace(HUB, '')
    return { sub: `repo:${repository}:ref:${claims.ref}`, job_workflow_ref: san.replace(HUB, '') }
  }
  if (san.includes('@') && !san.includes('://')) {
    return { sub: `user-of-${san}`, email: san, email_verified: true }
  }
  return { sub: san }
}

function membersOf(claims: Claims): Readonly<Record<string, string | undefined>> {
  const run = /^https:\/\/github\.com\/.+\/actions\/runs\/(\d+)\/attempts\/(\d+)$/.exec(
    claims.run ?? '',
  )
  return {
    runner_environment: claims.runner,
    repository: claims.repository?.replace(HUB, ''),
    sha: claims.commit,
    ref: claims.ref,
    repository_id: claims.repository_id,
    repository_owner: claims.owner?.replace(HUB, ''),
    repository_owner_id: claims.owner_id,
    workflow_ref: claims.build_config?.replace(HUB, ''),
    event_name: claims.trigger,
    run_id: run?.[1],
    run_attempt: run?.[2],
    repository_visibility: claims.visibility,
  }
}
