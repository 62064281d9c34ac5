// Attestations as anybody can make them: any statement, signed by any key.

import type { Cid } from '../../src/cid/index.ts'
import { digestOf } from '../../src/cid/index.ts'
import { canonicalBytes, toHex } from '../../src/lib/index.ts'
import type { CarriedAttestation, Signer } from '../../src/trust/index.ts'
import { signStatement } from '../../src/trust/index.ts'

export const REVIEW = 'https://example.com/review/v1'
export const PROVENANCE = 'https://slsa.dev/provenance/v1'
export const BUILDER = 'https://github.com/actions/runner/github-hosted'

// biome-ignore lint/suspicious/noExplicitAny: statements are taken apart and spoilt.
export type Loose = any

export function provenance(builder: string = BUILDER): Loose {
  return {
    buildDefinition: {
      buildType: 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
      externalParameters: { workflow: { ref: 'refs/tags/v1' } },
    },
    runDetails: { builder: { id: builder } },
  }
}

export function statementAbout(
  cids: Cid | readonly Cid[],
  { type = REVIEW, predicate = { verdict: 'good' } as Loose } = {},
): Loose {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [cids].flat().map((cid) => ({ name: 'x', digest: { sha256: toHex(digestOf(cid)) } })),
    predicateType: type,
    predicate,
  }
}

/** What a peer would send: the key is said beside the bundle, as anybody can say it. */
export async function carry(statement: Loose, signer: Signer): Promise<CarriedAttestation> {
  const bytes = statement instanceof Uint8Array ? statement : canonicalBytes(statement)
  const bundle = await signStatement(bytes, signer, 'attestationBytes')
  return { bundle, spki: signer.key.spki }
}
