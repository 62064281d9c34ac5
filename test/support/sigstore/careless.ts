// Bundles that our signer would not make: as the services answered, whatever that was, and with evidence taken out or put in.

import { bundleToJSON } from '@sigstore/bundle'
import { DSSEBundleBuilder, FulcioSigner, RekorWitness, TSAWitness } from '@sigstore/sign'
import type { Sigstore } from './sigstore.ts'
import type { TokenOptions } from './token.ts'

export interface Careless {
  readonly token?: TokenOptions
  readonly tsa?: boolean
}

/** At Rekor v1. Nothing that comes back is looked at. */
export async function signCarelessly(
  { endpoints, token }: Sigstore,
  statement: Uint8Array,
  { token: options, tsa = true }: Careless = {},
): Promise<Uint8Array> {
  const signer = new FulcioSigner({
    fulcioBaseURL: endpoints.fulcio,
    identityProvider: { getToken: async () => token(options) },
  })
  const log = new RekorWitness({ rekorBaseURL: endpoints.rekor1, entryType: 'intoto' })
  const stamp = tsa ? [new TSAWitness({ tsaBaseURL: endpoints.tsa })] : []
  const builder = new DSSEBundleBuilder({ signer, witnesses: [log, ...stamp] })
  const bundle = await builder.create({
    data: Buffer.from(statement),
    type: 'application/vnd.in-toto+json',
  })
  return Buffer.from(JSON.stringify(bundleToJSON(bundle)))
}

interface Material {
  tlogEntries: unknown[]
  timestampVerificationData: { rfc3161Timestamps: unknown[] }
  readonly certificate: { readonly rawBytes: string }
}

/** A copy of the bundle whose evidence has been changed. */
export function withEvidence(bundle: Uint8Array, change: (material: Material) => void): Uint8Array {
  const copy = JSON.parse(Buffer.from(bundle).toString())
  change(copy.verificationMaterial)
  return Buffer.from(JSON.stringify(copy))
}

export const withoutLog = (bundle: Uint8Array): Uint8Array =>
  withEvidence(bundle, (material) => {
    material.tlogEntries = []
  })

export const withoutTimestamps = (bundle: Uint8Array): Uint8Array =>
  withEvidence(bundle, (material) => {
    material.timestampVerificationData.rfc3161Timestamps = []
  })
