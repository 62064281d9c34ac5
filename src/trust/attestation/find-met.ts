// Whether attestations meet what a policy asks for: so many of its signers, each by somebody of their own, each by an attestation of the type,
// about the subject, that does not speak against it. Pure. Signers nobody has named count for nothing, however well they sign (T23).

import type { Cid } from '../../cid/index.ts'
import { pairSigners, whyNotSigner } from '../decision/signers.ts'
import type { AttestationPolicy } from '../policy/index.ts'
import { badVerdictOf, provenanceOf } from './predicates.ts'
import type { VerifiedAttestation } from './verify.ts'

export interface Met {
  readonly isMet: boolean
  /** How many of the signers asked for have signed. */
  readonly counts: number
  /** One of each, at most as many as are asked for. */
  readonly by: readonly VerifiedAttestation[]
  /** Of the others, why each does not count; in the order given. */
  readonly passedOver: readonly PassedOver[]
}

export interface PassedOver {
  readonly attestation: VerifiedAttestation
  readonly why: string
}

export interface MetAsked {
  readonly subject: Cid
  /** For rules that end. */
  readonly now: Date
}

export function findMet(
  attestations: readonly VerifiedAttestation[],
  requirement: AttestationPolicy,
  { subject, now }: MetAsked,
): Met {
  const { threshold, signers: rules } = requirement
  const passedOver: PassedOver[] = []
  const fit: VerifiedAttestation[] = []
  for (const attestation of attestations) {
    const why = whyNot(attestation, requirement, { subject, now })
    if (why === undefined) fit.push(attestation)
    else passedOver.push({ attestation, why })
  }
  const signers = fit.map(({ signer }) => signer)
  const counting = pairSigners(rules, signers, now).flatMap(
    (pair) => fit.find(({ signer }) => signer === pair.signer) ?? [],
  )
  const counts = counting.length
  // A threshold that asks for nobody is met by nobody.
  const isMet = threshold >= 1 && counts >= threshold
  return { isMet, counts, by: counting.slice(0, Math.max(threshold, 0)), passedOver }
}

function whyNot(
  attestation: VerifiedAttestation,
  { predicate, builder, signers: rules }: AttestationPolicy,
  { subject, now }: MetAsked,
): string | undefined {
  const { predicateType, subjects, signer } = attestation
  if (!subjects.includes(subject)) return 'it is about something else'
  if (predicateType !== predicate) return `its type is ${predicateType}`
  const verdict = badVerdictOf(attestation)
  if (verdict !== undefined) return `it says ${verdict}`
  const built = provenanceOf(attestation)?.builder
  if (builder !== undefined && built !== builder) return `its builder is ${built ?? 'not said'}`
  const isNamed = rules.some((rule) => whyNotSigner(rule, signer, now) === undefined)
  return isNamed ? undefined : 'its signer is none of those named'
}
