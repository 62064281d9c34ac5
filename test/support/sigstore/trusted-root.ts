// The trusted root of the loopback services (trusted_root.json, v0.1): valid since yesterday, so that yesterday’s certificates are known too.

import { createHash } from 'node:crypto'
import type { Endpoints } from './sigstore.ts'

interface Log {
  readonly spki: Buffer
  readonly logId: Buffer
}

export interface Roots {
  readonly endpoints: Endpoints
  readonly authority: { readonly rootCertificate: Buffer; readonly intermediateCertificate: Buffer }
  readonly ctLog: Log
  readonly rekor1: Buffer
  readonly rekor2: Log
  /** Leaf first. */
  readonly tsa: readonly Buffer[]
}

const DAY = 86_400_000

export function toTrustedRoot(roots: Roots): string {
  const start = new Date(Math.floor((Date.now() - DAY / 2) / 1000) * 1000).toISOString()
  const { endpoints, authority } = roots
  const rekor1Id = createHash('sha256').update(roots.rekor1).digest()
  return JSON.stringify(
    {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [
        logOf(endpoints.rekor1, { spki: roots.rekor1, logId: rekor1Id }, start),
        logOf(endpoints.rekor2, roots.rekor2, start),
      ],
      certificateAuthorities: [
        authorityOf(
          endpoints.fulcio,
          [authority.intermediateCertificate, authority.rootCertificate],
          start,
        ),
      ],
      ctlogs: [logOf(`${endpoints.fulcio}/ct`, roots.ctLog, start)],
      timestampAuthorities: [authorityOf(endpoints.tsa, roots.tsa, start)],
    },
    undefined,
    2,
  )
}

/** The same root with one more timestamp authority, or with no other one. */
export function withTimestampAuthority(
  trustedRoot: Uint8Array,
  uri: string,
  chain: readonly Buffer[],
): Uint8Array {
  const root = JSON.parse(Buffer.from(trustedRoot).toString())
  const start = root.certificateAuthorities[0].validFor.start
  root.timestampAuthorities = [...root.timestampAuthorities, authorityOf(uri, chain, start)]
  return Buffer.from(JSON.stringify(root))
}

function logOf(baseUrl: string, { spki, logId }: Log, start: string): unknown {
  // An Ed25519 SPKI has 44 bytes, a P-256 one 91.
  const keyDetails = spki.length === 44 ? 'PKIX_ED25519' : 'PKIX_ECDSA_P256_SHA_256'
  return {
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: spki.toString('base64'), keyDetails, validFor: { start } },
    logId: { keyId: logId.toString('base64') },
  }
}

function authorityOf(uri: string, chain: readonly Buffer[], start: string): unknown {
  return {
    subject: { organization: 'loopback', commonName: 'loopback' },
    uri,
    certChain: { certificates: chain.map((bytes) => ({ rawBytes: bytes.toString('base64') })) },
    validFor: { start },
  }
}
