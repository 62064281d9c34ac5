// What has been proven of a release before a policy is asked about it. Everything here was checked by whoever hands it in: this is where
// proof ends and judgement begins.

import type { Cid } from '../../cid/index.ts'
import type { PublisherId, ReleaseFinding, Tool } from '../../spec/index.ts'
import type { VerifiedAttestation } from '../attestation/index.ts'
import type { EvidenceWord } from '../policy/index.ts'
import type { VerifiedSigner } from '../verify-statement.ts'

export interface ReleaseEvidence {
  readonly publisher: PublisherId
  readonly name: string
  readonly version: string
  readonly release: Cid
  /** Those that are asked about; never empty. */
  readonly tools: readonly { readonly name: string; readonly cid: Cid; readonly tool: Tool }[]
  /** Whom this consumer has accepted for the namespace, if anybody. */
  readonly pinned: PublisherId | undefined
  /** Who signed the release statement, each once. */
  readonly signers: readonly VerifiedSigner[]
  readonly proven: readonly EvidenceWord[]
  readonly witnessed: Witnessed
  /** About the release or one of its tools. */
  readonly attestations: readonly VerifiedAttestation[]
  /** Of those advisers whom the policy names. */
  readonly advisories: readonly AdvisoryEvidence[]
  /** Called at most once: what the linter says of these tools. */
  readonly lint: () => readonly ReleaseFinding[]
}

/** Times of a quorum of witnesses. `own` is a log that is written here: nobody knows it better. */
export type Witnessed =
  | { readonly kind: 'own' }
  | {
      readonly kind: 'witnesses'
      /** When the release was first seen in the log. */
      readonly first: Date | undefined
      /** When the log’s newest state that is known here was still its newest. */
      readonly newest: Date | undefined
    }

export interface AdvisoryEvidence {
  readonly adviser: PublisherId
  readonly cid: Cid
  readonly reason: string
}
