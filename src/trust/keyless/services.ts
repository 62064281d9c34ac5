// The services as @sigstore/sign knows them, a signer and a list of witnesses, each so that what it answers is looked at and what goes wrong is
// said plainly. The library’s own errors are not passed on: one of them quotes the identity token.

import { verify, X509Certificate } from 'node:crypto'
import type { SignatureBundle, Signer, VerificationMaterial, Witness } from '@sigstore/sign'
import { RegistryError } from '../../lib/index.ts'
import { preAuthEncoding } from '../pae.ts'
import type { Services } from './config/choose.ts'
import type { Service } from './config/signing-config.ts'
import type { Patience } from './http.ts'
import { isOwnHashedRekord, isOwnIntoto, type Signed } from './own-entry.ts'
import { plainWords } from './plain-words.ts'
import { logAtRekorV2 } from './rekor-v2.ts'

type Library = typeof import('@sigstore/sign')

export interface Asking {
  readonly patience: Patience
  readonly signal: AbortSignal | undefined
}

/** One use: its key is made for one signature and never leaves this process. */
export function fulcioSigner(
  library: Library,
  { url }: Service,
  token: string,
  { patience }: Asking,
): Signer {
  const signer = new library.FulcioSigner({
    fulcioBaseURL: url,
    identityProvider: { getToken: async () => token },
    ...fetchOptions(patience),
  })
  const name = 'The certificate authority (Fulcio)'
  return {
    sign: async (data) => {
      const signature = await asking(name, url, () => signer.sign(data))
      if (
        signature.key.$case !== 'x509Certificate' ||
        !isSignedBy(data, signature.signature, signature.key.certificate)
      ) {
        throw answered(name, url, 'a certificate for the key we just made', 'another')
      }
      return signature
    },
  }
}

function isSignedBy(data: Buffer, signature: Buffer, certificate: string): boolean {
  try {
    return verify('sha256', data, new X509Certificate(certificate).publicKey, signature)
  } catch {
    return false
  }
}

export function witnessesFor(library: Library, services: Services, options: Asking): Witness[] {
  return [
    ...services.logs.map((log) =>
      log.majorApiVersion === 1 ? rekorV1(library, log, options) : rekorV2(log, options),
    ),
    ...services.timestampers.map((service) => timestamper(library, service, options)),
  ]
}

/** intoto: a DSSE envelope whole. Entries of the type dsse cannot be verified by the library that made them. */
function rekorV1(library: Library, { url }: Service, { patience }: Asking): Witness {
  const name = 'The log (Rekor v1)'
  const witness = new library.RekorWitness({
    rekorBaseURL: url,
    entryType: 'intoto',
    // An answer that got lost and was asked for again is no failure.
    fetchOnConflict: true,
    ...fetchOptions(patience),
  })
  return {
    testify: async (content, certificate) => {
      const material = await asking(name, url, () => witness.testify(content, certificate))
      const bodies = (material.tlogEntries ?? []).map(({ canonicalizedBody }) => canonicalizedBody)
      const own = signedBy(content, certificate)
      if (bodies.length === 1 && bodies.every((body) => isOwnIntoto(body, own))) return material
      throw answered(name, url, 'an entry for our signature and certificate', 'another')
    },
  }
}

function rekorV2({ url }: Service, asking: Asking): Witness {
  return {
    testify: async (content, certificate): Promise<VerificationMaterial> => {
      const own = signedBy(content, certificate)
      const entry = await logAtRekorV2(own, { url, ...asking })
      if (entry !== undefined && isOwnHashedRekord(entry.canonicalizedBody, own)) {
        return { tlogEntries: [entry] }
      }
      const got = entry === undefined ? 'an answer in another form' : 'another'
      throw answered('The log (Rekor v2)', url, 'an entry for our signature and certificate', got)
    },
  }
}

function timestamper(library: Library, { url }: Service, { patience }: Asking): Witness {
  const name = 'The timestamp authority'
  const witness = new library.TSAWitness({ tsaBaseURL: url, ...fetchOptions(patience) })
  return {
    testify: async (content) => {
      const material = await asking(name, url, () => witness.testify(content))
      const [stamp] = material.rfc3161Timestamps
      // A TimeStampResp begins with a DER sequence; whether it is right is for the verifier.
      if (stamp?.signedTimestamp[0] === 0x30) return material
      throw answered(name, url, 'an RFC 3161 response', 'something else')
    },
  }
}

function signedBy(content: SignatureBundle, certificate: string): Signed {
  const [only] = content.$case === 'dsseEnvelope' ? content.dsseEnvelope.signatures : []
  if (content.$case !== 'dsseEnvelope' || only === undefined) throw new TypeError('not an envelope')
  return {
    signature: only.sig,
    certificate: new X509Certificate(certificate).raw,
    signed: preAuthEncoding(content.dsseEnvelope.payload),
  }
}

function fetchOptions({ attemptMs, retries, pauseMs }: Patience) {
  return { timeout: attemptMs, retry: { retries, minTimeout: pauseMs } }
}

async function asking<T>(name: string, url: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw answered(name, url, 'an answer of its protocol', describe(error))
  }
}

/** The innermost error is the one that knows. */
function describe(error: unknown): string {
  let inner = error
  for (
    let depth = 0;
    depth < 4 && inner instanceof Error && inner.cause instanceof Error;
    depth++
  ) {
    inner = inner.cause
  }
  return plainWords(inner instanceof Error ? inner.message : String(inner))
}

function answered(name: string, url: string, expected: string, got: string): RegistryError {
  return new RegistryError(
    'SIGNING_UNAVAILABLE',
    `${name} at ${new URL(url).origin} did not answer as it should.`,
    {
      expected,
      got,
      next: 'Nothing has been published. Try again; if it stays so, check the signing config and the state of that service.',
    },
  )
}
