// What somebody wrote on the command line, made into a signer: --identity, --signing-config, --oidc-issuer. Reads no file itself but a token’s.

import { RegistryError } from '../../lib/index.ts'
import type { KeylessSigner } from '../signer.ts'
import { chooseIssuer } from './config/choose.ts'
import { PUBLIC_GOOD } from './config/public-good.ts'
import { parseSigningConfig, type SigningConfig } from './config/signing-config.ts'
import type { Patience } from './http.ts'
import { browserIdentity } from './oidc/browser.ts'
import { deviceIdentity } from './oidc/device.ts'
import type { LoginPrompt } from './oidc/provider.ts'
import { openKeylessSigner } from './signer.ts'
import {
  type Environment,
  fileIdentity,
  findIdentity,
  githubIdentity,
  gitlabIdentity,
  variableIdentity,
} from './token/environment.ts'
import type { IdentitySource } from './token/source.ts'

export interface KeylessTexts {
  /** One of IDENTITY_CHOICES; found in the environment unless said. */
  readonly identity?: string | undefined
  /** The bytes of the file named; the public-good instance unless said. */
  readonly signingConfig?: Uint8Array | undefined
  /** For a login; the signing config’s unless said. */
  readonly oidcIssuer?: string | undefined
}

export interface KeylessSurroundings {
  readonly env: Environment
  /** Shows a person where to log in. */
  readonly show: (prompt: LoginPrompt) => void | Promise<void>
  readonly signal?: AbortSignal | undefined
  readonly now?: () => Date
  readonly patience?: Patience
}

export const IDENTITY_CHOICES =
  'auto, github, gitlab, token-file:PATH, token-env:NAME, browser or device'

/** Throws USAGE, IDENTITY_MISSING, DOCUMENT_INVALID, SIGNING_UNAVAILABLE. */
export function keylessSignerFrom(texts: KeylessTexts, around: KeylessSurroundings): KeylessSigner {
  const { signal, now, patience } = around
  const config =
    texts.signingConfig === undefined ? PUBLIC_GOOD : parseSigningConfig(texts.signingConfig)
  return openKeylessSigner({
    identity: identityFrom(texts, config, around),
    config,
    signal,
    ...(now === undefined ? {} : { now }),
    ...(patience === undefined ? {} : { patience }),
  })
}

function identityFrom(
  { identity, oidcIssuer }: KeylessTexts,
  config: SigningConfig,
  around: KeylessSurroundings,
): IdentitySource {
  const isLogin = identity === 'browser' || identity === 'device'
  if (oidcIssuer !== undefined && !isLogin) {
    throw usage('--oidc-issuer only with --identity browser or device', identity ?? 'no --identity')
  }
  if (isLogin) {
    const { show, now = () => new Date(), patience } = around
    const issuer = oidcIssuer ?? chooseIssuer(config, now())
    const login = { issuer, show, ...(patience === undefined ? {} : { patience }) }
    return identity === 'browser' ? browserIdentity(login) : deviceIdentity(login)
  }
  const isOpen = identity === undefined || identity === 'auto'
  return isOpen ? foundIn(around.env) : namedBy(identity, around)
}

function namedBy(text: string, { env, patience }: KeylessSurroundings): IdentitySource {
  const [kind = '', ...rest] = text.split(':')
  const value = rest.join(':')
  if (text === 'github') return githubIdentity(env, patience)
  if (text === 'gitlab') return gitlabIdentity(env)
  if (kind === 'token-file' && value !== '') return fileIdentity(value)
  if (kind === 'token-env' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value))
    return variableIdentity(env, value)
  // The rest may be a token that was put where its name belongs.
  throw usage(`--identity ${IDENTITY_CHOICES}`, kind.slice(0, 20))
}

function foundIn(env: Environment): IdentitySource {
  const found = findIdentity(env)
  if (found !== undefined) return found
  throw new RegistryError('IDENTITY_MISSING', 'There is no identity to sign with.', {
    expected: 'a job on GitHub Actions with `id-token: write`, or a token in SIGSTORE_ID_TOKEN',
    got: 'neither',
    next: `Say who signs: --identity ${IDENTITY_CHOICES}.`,
  })
}

function usage(expected: string, got: string): RegistryError {
  return new RegistryError('USAGE', 'This does not say who signs.', {
    expected,
    got,
    next: `Choose --identity ${IDENTITY_CHOICES}.`,
  })
}
