// Whose signature a log entry records. The library compares an entry’s signature and digest with the bundle’s, and never its key: an
// entry that somebody else made would be accepted as proof that this signer’s signature is public (T22).

import type { TransparencyLogEntry } from '@sigstore/bundle'
import {
  equalBytes,
  fromBase64,
  isJsonObject,
  type Json,
  parseJson,
  RegistryError,
} from '../../lib/index.ts'

/** The key as DER: a whole certificate, or a bare public key. */
export interface LoggedSigner {
  readonly kind: 'CERTIFICATE' | 'PUBLIC KEY'
  readonly der: Uint8Array
}

type Step = string | number
interface Kind {
  readonly verifier: readonly Step[]
  readonly hash: readonly Step[]
  /** Whether it records an envelope by its payload, always with SHA-256, where others record whatever bytes were signed. */
  readonly isEnvelope: boolean
  /** Rekor v1 keeps base64 of PEM where v2 keeps a certificate or key as an object. */
  readonly isPem: boolean
}

/** The dsse 0.0.2 of the first Rekor v2 is gone from its specification, and from what others verify. */
const KINDS: Readonly<Record<string, Kind>> = {
  'hashedrekord 0.0.1': {
    verifier: ['spec', 'signature', 'publicKey', 'content'],
    hash: ['spec', 'data', 'hash', 'algorithm'],
    isEnvelope: false,
    isPem: true,
  },
  'dsse 0.0.1': {
    verifier: ['spec', 'signatures', 0, 'verifier'],
    hash: ['spec', 'payloadHash', 'algorithm'],
    isEnvelope: true,
    isPem: true,
  },
  'intoto 0.0.2': {
    verifier: ['spec', 'content', 'envelope', 'signatures', 0, 'publicKey'],
    hash: ['spec', 'content', 'payloadHash', 'algorithm'],
    isEnvelope: true,
    isPem: true,
  },
  'hashedrekord 0.0.2': {
    verifier: ['spec', 'hashedRekordV002', 'signature', 'verifier'],
    hash: ['spec', 'hashedRekordV002', 'data', 'algorithm'],
    isEnvelope: false,
    isPem: false,
  },
}

export interface LoggedContent {
  readonly content: 'dsseEnvelope' | 'messageSignature'
  /** What the signed bytes were hashed with: sha256, sha384 or sha512. */
  readonly hash: string
}

/** Throws LOG_ENTRY_INVALID. */
export function assertEntryOf(
  entry: TransparencyLogEntry,
  signer: LoggedSigner,
  { content, hash: signedHash }: LoggedContent,
): void {
  const name = `${entry.kindVersion.kind} ${entry.kindVersion.version}`
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined
  if (kind === undefined) throw refusal(Object.keys(KINDS).join(', '), name)
  // What the log checked was a signature over an envelope: it says nothing about a file with the same digest.
  if (kind.isEnvelope && content !== 'dsseEnvelope') throw refusal('an entry of a file', name)
  const hash = kind.isEnvelope ? 'sha256' : signedHash
  const body = readBody(entry.canonicalizedBody)
  const algorithm = valueAt(body, kind.hash)
  if (algorithm !== (kind.isPem ? hash : hash.replace('sha', 'SHA2_'))) {
    throw refusal(`a digest by ${hash}`, String(algorithm))
  }
  const verifier = valueAt(body, kind.verifier)
  const logged = kind.isPem ? readPem(verifier) : readVerifier(verifier)
  if (logged?.kind !== signer.kind || !equalBytes(logged.der, signer.der)) {
    const expected =
      signer.kind === 'CERTIFICATE' ? 'the bundle’s certificate' : 'the key that signed'
    throw refusal(expected, 'an entry of another signer')
  }
}

function readBody(bytes: Uint8Array): Json {
  try {
    return parseJson(bytes)
  } catch (cause) {
    throw refusal('strict JSON', cause instanceof Error ? cause.message : 'other bytes')
  }
}

function valueAt(value: Json, path: readonly Step[]): Json | undefined {
  let reached: Json | undefined = value
  for (const step of path) {
    if (typeof step === 'number') {
      // One signature an entry: a second one would be somebody’s that nobody checks.
      reached = Array.isArray(reached) && reached.length === 1 ? reached[step] : undefined
    } else reached = isJsonObject(reached) ? reached[step] : undefined
  }
  return reached
}

const PEM = /^-----BEGIN (CERTIFICATE|PUBLIC KEY)-----\n([A-Za-z0-9+/=\n]+)\n-----END \1-----\n*$/

function readPem(value: Json | undefined): LoggedSigner | undefined {
  const text = typeof value === 'string' ? fromBase64(value) : undefined
  const [, kind, lines] =
    PEM.exec(text === undefined ? '' : Buffer.from(text).toString('latin1')) ?? []
  const der = lines === undefined ? undefined : fromBase64(lines.replaceAll('\n', ''))
  if (der === undefined || (kind !== 'CERTIFICATE' && kind !== 'PUBLIC KEY')) return undefined
  return { kind, der }
}

function readVerifier(value: Json | undefined): LoggedSigner | undefined {
  if (!isJsonObject(value)) return undefined
  const { x509Certificate, publicKey } = value
  const held = x509Certificate ?? publicKey
  // Both at once would leave open which of them signed.
  if (!isJsonObject(held) || (x509Certificate !== undefined && publicKey !== undefined))
    return undefined
  const der = typeof held.rawBytes === 'string' ? fromBase64(held.rawBytes) : undefined
  if (der === undefined) return undefined
  return { kind: x509Certificate === undefined ? 'PUBLIC KEY' : 'CERTIFICATE', der }
}

function refusal(expected: string, got: string): RegistryError {
  return new RegistryError(
    'LOG_ENTRY_INVALID',
    'The log entry in the bundle is not about this signature by this signer.',
    {
      expected,
      got: got.slice(0, 200),
      next: 'Do not use it. Whoever signed has to sign and log again.',
    },
  )
}
