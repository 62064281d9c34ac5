// An identity token (a JWT, RFC 7519) before it is sent anywhere: for us, and still good? Its signature is Fulcio’s business. A token is a
// secret: nothing here shows it, nor any part of it but issuer, audience and times.

import {
  escapeText,
  isJsonObject,
  type JsonObject,
  parseJson,
  RegistryError,
} from '../../../lib/index.ts'

/** Whom tokens are for, at every Sigstore instance. */
export const AUDIENCE = 'sigstore'
/** Time for the certificate to be asked for. */
const MARGIN_MS = 5_000
/** Clocks differ a little. */
const SKEW_MS = 60_000
export const MAX_TOKEN_BYTES: number = 16 * 1024
const PART = /^[A-Za-z0-9_-]+$/

export interface TokenFacts {
  readonly issuer: string
  /** Milliseconds of Unix time. */
  readonly expires: number
}

/** `from` says where it came from. Throws IDENTITY_REFUSED. */
export function checkToken(token: string, from: string, now: Date): TokenFacts {
  const claims = readClaims(token, from)
  const refuse = (expected: string, got: string): RegistryError => refusal(from, expected, got)
  const { iss, aud, exp, nbf } = claims
  if (typeof iss !== 'string' || iss === '') throw refuse('an issuer (iss)', 'none')
  const audiences = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud : []
  if (!audiences.includes(AUDIENCE)) {
    throw refuse(`the audience (aud) ${AUDIENCE}`, shown(audiences.join(', ')) || 'none')
  }
  const time = now.getTime()
  if (typeof exp !== 'number' || exp * 1000 - MARGIN_MS <= time) {
    throw refuse(`one that is good at ${now.toISOString()}`, `expiry (exp) ${timeOf(exp)}`)
  }
  if (typeof nbf === 'number' && nbf * 1000 > time + SKEW_MS) {
    throw refuse(`one that is good at ${now.toISOString()}`, `not before (nbf) ${timeOf(nbf)}`)
  }
  assertSubject(claims, refuse)
  return { issuer: iss, expires: exp * 1000 }
}

function assertSubject(
  { email, email_verified: isVerified, sub }: JsonObject,
  refuse: Refuse,
): void {
  if (typeof email === 'string' && email !== '') {
    // Otherwise anybody could be anybody who has not signed up yet.
    if (isVerified !== true)
      throw refuse('an e-mail address that its issuer has verified', 'one that it has not')
    return
  }
  if (typeof sub !== 'string' || sub === '') throw refuse('a subject (sub)', 'none')
}

type Refuse = (expected: string, got: string) => RegistryError

/** A claim of a token that has been checked. */
export function claimOf(token: string, name: string): unknown {
  return readClaims(token, '')[name]
}

function readClaims(token: string, from: string): JsonObject {
  const parts = token.split('.')
  const [, payload = ''] = parts
  const isForm = parts.length === 3 && parts.every((part) => PART.test(part))
  if (!isForm || token.length > MAX_TOKEN_BYTES) {
    const got = token === '' ? 'nothing' : `${token.length} characters that are none`
    throw refusal(from, 'a JSON Web Token: three parts in base64url', got)
  }
  try {
    const claims = parseJson(Buffer.from(payload, 'base64url'))
    if (isJsonObject(claims)) return claims
  } catch {
    // The parser would quote what it could not read.
  }
  throw refusal(from, 'a JSON Web Token', 'one whose second part is not a JSON object')
}

function refusal(from: string, expected: string, got: string): RegistryError {
  return new RegistryError(
    'IDENTITY_REFUSED',
    `The identity token from ${from} cannot be used to sign.`,
    {
      expected,
      got,
      next: `Get a new token for the audience ${AUDIENCE}, and check the clock of this machine.`,
    },
  )
}

function timeOf(seconds: unknown): string {
  const time = typeof seconds === 'number' ? new Date(seconds * 1000) : undefined
  return time === undefined || Number.isNaN(time.getTime()) ? 'none' : time.toISOString()
}

function shown(text: string): string {
  return escapeText(text.slice(0, 80))
}
