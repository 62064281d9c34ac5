// Whether attestations meet what a policy asks for: so many of its signers, each by somebody of their own, each by an attestation of the type,
// about the subject, that does not speak against it. Pure. Signers nobody has named count for nothing, however well they sign (T23).

import type { Cid } from '../../cid/index.ts'
import { matchesRule } from '../identity/index.ts'
import type { AttestationPolicy, SignerRule } from '../policy/index.ts'
import { keyFingerprint } from '../public-key.ts'
import type { VerifiedSigner } from '../verify-statement.ts'
import { badVerdictOf, provenanceOf } from './predicates.ts'
import { attesterId, type VerifiedAttestation } from './verify.ts'

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
  const { threshold } = requirement
  const rules = requirement.signers.filter(
    ({ notAfter }) => notAfter === undefined || now < notAfter,
  )
  const passedOver: PassedOver[] = []
  // By signer: the same one twice is one (T15).
  const signers = new Map<string, VerifiedAttestation[]>()
  for (const attestation of attestations) {
    const why = whyNot(attestation, requirement, subject, rules)
    const id = attesterId(attestation.signer)
    if (why !== undefined) passedOver.push({ attestation, why })
    else signers.set(id, [...(signers.get(id) ?? []), attestation])
  }
  const counting = pair([...signers.values()], rules)
  const counts = counting.length
  // A threshold that asks for nobody is met by nobody.
  const isMet = threshold >= 1 && counts >= threshold
  return { isMet, counts, by: counting.slice(0, Math.max(threshold, 0)), passedOver }
}

function whyNot(
  attestation: VerifiedAttestation,
  { predicate, builder }: AttestationPolicy,
  subject: Cid,
  rules: readonly SignerRule[],
): string | undefined {
  const { predicateType, subjects, signer } = attestation
  if (!subjects.includes(subject)) return 'it is about something else'
  if (predicateType !== predicate) return `its type is ${predicateType}`
  const verdict = badVerdictOf(attestation)
  if (verdict !== undefined) return `it says ${verdict}`
  const built = provenanceOf(attestation)?.builder
  if (builder !== undefined && built !== builder) return `its builder is ${built ?? 'not said'}`
  if (!rules.some((rule) => isMeant(rule, signer))) return 'its signer is none of those named'
  return undefined
}

function isMeant(rule: SignerRule, signer: VerifiedSigner): boolean {
  if (rule.kind === 'keyless') {
    return signer.kind === 'keyless' && matchesRule(rule.rule, signer.identity)
  }
  return signer.kind === 'key' && keyFingerprint(signer.key) === rule.fingerprint
}

/**
 * As many signers as can be given a rule of their own (augmenting paths): two identities that one rule means are one of the signers asked for, and
 * so is one identity that two rules mean.
 */
function pair(
  signers: readonly (readonly VerifiedAttestation[])[],
  rules: readonly SignerRule[],
): readonly VerifiedAttestation[] {
  const taken = new Map<SignerRule, readonly VerifiedAttestation[]>()
  const place = (signer: readonly VerifiedAttestation[], tried: Set<SignerRule>): boolean =>
    rules.some((rule) => {
      if (tried.has(rule) || findMeant(rule, signer) === undefined) return false
      tried.add(rule)
      const holder = taken.get(rule)
      if (holder !== undefined && !place(holder, tried)) return false
      taken.set(rule, signer)
      return true
    })
  for (const signer of signers) place(signer, new Set())
  return [...taken].flatMap(([rule, signer]) => findMeant(rule, signer) ?? [])
}

function findMeant(
  rule: SignerRule,
  attestations: readonly VerifiedAttestation[],
): VerifiedAttestation | undefined {
  return attestations.find(({ signer }) => isMeant(rule, signer))
}
