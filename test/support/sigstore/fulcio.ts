// Fulcio on loopback: the claims of a token as @sigstore/mock copies them into a certificate, an authority of our own, and what Fulcio
// checks and @sigstore/mock does not: the token’s signature, audience and times, and that the asker holds the key.

import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { fulcioHandler, initializeCTLog } from '@sigstore/mock'
import { type Faulty, fromHandler, newKey, refuse, type Serve, view } from './answer.ts'
import { type Authority, makeAuthority } from './authority.ts'

const HOUR = 3_600_000

export interface Fulcio {
  readonly serve: Serve
  readonly authority: Authority
  readonly ctLog: { readonly spki: Buffer; readonly logId: Buffer }
}

export async function makeFulcio(issuerKey: KeyObject, fault: Faulty): Promise<Fulcio> {
  const ctLog = await initializeCTLog(newKey())
  const authority = makeAuthority(
    async (precertificate, issuerId) =>
      new Uint8Array(await ctLog.log(alone(precertificate), alone(issuerId))),
    () => new Date(Date.now() - (fault() === 'expired' ? HOUR : 0)),
  )
  const handler = fulcioHandler(
    {
      rootCertificate: authority.rootCertificate,
      issueCertificate: (request) =>
        authority.issueCertificate(
          fault() === 'other-key' ? { ...request, publicKey: otherKey() } : request,
        ),
    },
    { subjectClaim: 'loopback_san' },
  )
  return {
    authority,
    ctLog: { spki: ctLog.publicKey, logId: view(ctLog.logID) },
    serve: async ({ body }) => {
      const request = JSON.parse(body)
      const token: string = request.credentials.oidcIdentityToken
      const claims = readToken(token, issuerKey)
      if (claims === undefined)
        return refuse(401, 'There was an error processing the identity token')
      if (!holdsKey(request.publicKeyRequest, claims)) {
        return refuse(400, 'The signature supplied in the request could not be verified')
      }
      request.credentials.oidcIdentityToken = withSan(token, claims)
      return fromHandler(await handler.fn(JSON.stringify(request)))
    },
  }
}

/** The SPKI of a key that nobody has. */
export function otherKey(): Buffer<ArrayBuffer> {
  return Buffer.from(
    new Uint8Array(newKey().publicKey.export({ type: 'spki', format: 'der' })).buffer,
  )
}

type TokenClaims = Readonly<Record<string, string & number>>

function readToken(token: string, key: KeyObject): TokenClaims | undefined {
  const [head = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  const now = Date.now() / 1000
  const isGood = isSigned && claims.aud === 'sigstore' && claims.exp >= now && claims.nbf <= now
  return isGood ? claims : undefined
}

interface KeyRequest {
  readonly publicKey: { readonly content: string }
  readonly proofOfPossession: string
}

function holdsKey({ publicKey, proofOfPossession }: KeyRequest, claims: TokenClaims): boolean {
  const challenge = Buffer.from(claims.email ?? claims.sub ?? '')
  const proof = Buffer.from(proofOfPossession, 'base64')
  return verify('sha256', challenge, createPublicKey(publicKey.content), proof)
}

/** The handler reads the token it is handed for the subject’s name and the claims, and nothing else of it. */
function withSan(token: string, claims: TokenClaims): string {
  const [head, , signature] = token.split('.')
  const workflow = claims.job_workflow_ref
  const san =
    workflow === undefined ? (claims.email ?? claims.sub) : `https://github.com/${workflow}`
  const payload = Buffer.from(JSON.stringify({ ...claims, loopback_san: san }))
  return `${head}.${payload.toString('base64url')}.${signature}`
}

function alone(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
