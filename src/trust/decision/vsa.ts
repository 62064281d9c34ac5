// A decision as an in-toto statement with a Verification Summary (https://slsa.dev/verification_summary/v1). Unsigned: who signs it makes
// it their word.

import { type Cid, digestOf } from '../../cid/index.ts'
import { type JsonObject, toHex } from '../../lib/index.ts'
import type { Decision } from './claim.ts'
import type { ReleaseEvidence } from './evidence.ts'

export interface SummaryWords {
  readonly now: Date
  /** Version of this program. */
  readonly version: string
  /** `sha256-…` of the policy’s bytes. */
  readonly policy: string
}

/** Only `allowed` is a pass: what a person has still to be asked about is not verified. */
export function verificationSummary(
  { kind }: Pick<Decision, 'kind'>,
  evidence: ReleaseEvidence,
  { now, version, policy }: SummaryWords,
): JsonObject {
  const { name, version: of, release, publisher, attestations } = evidence
  const isPassed = kind === 'allowed'
  const inputs = attestations.map(({ statement }) => ({ digest: { sha256: hexOf(statement) } }))
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: `${name}@${of}`, digest: { sha256: hexOf(release) } }],
    predicateType: 'https://slsa.dev/verification_summary/v1',
    predicate: {
      verifier: { id: 'https://toolmark.dev/trust-policy', version: { toolmark: version } },
      timeVerified: now.toISOString(),
      resourceUri: `toolmark:${publisher}/${name}@${of}`,
      policy: { uri: 'trust.toml', digest: { sha256: policy.replace(/^sha256-/, '') } },
      ...(inputs.length === 0 ? {} : { inputAttestations: inputs }),
      verificationResult: isPassed ? 'PASSED' : 'FAILED',
      verifiedLevels: isPassed ? ['SLSA_BUILD_LEVEL_UNEVALUATED', 'TOOLMARK_POLICY'] : ['FAILED'],
      slsaVersion: '1.0',
    },
  }
}

function hexOf(cid: Cid): string {
  return toHex(digestOf(cid))
}
