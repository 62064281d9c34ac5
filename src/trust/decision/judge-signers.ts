// Claims about who vouches for a release: what has to be proven at all, who has to have signed it, and who has to have said more.

import { splitName } from '../../spec/index.ts'
import { findMet } from '../attestation/index.ts'
import type {
  AttestationPolicy,
  EvidenceWord,
  PublisherPolicy,
  SignerRule,
} from '../policy/index.ts'
import { allOf, type Claim, fails, holds } from './claim.ts'
import type { Judged } from './decide.ts'
import type { ReleaseEvidence } from './evidence.ts'
import { pairSigners, showRule, showSigner, whyNotSigner } from './signers.ts'

const MEANING: Readonly<Record<EvidenceWord, string>> = {
  'release-signature': 'whom the publisher’s log lets release has signed it',
  'log-inclusion': 'it is an entry of the publisher’s log',
  'witness-quorum': 'enough witnesses have seen the log with it',
  'namespace-evidence': 'the namespace’s owner names this publisher',
}

export function judgeEvidence(
  { require }: PublisherPolicy,
  { proven, name, version }: ReleaseEvidence,
): Claim {
  const claims = require.map((word) => {
    const says = MEANING[word]
    if (proven.includes(word)) return holds('evidence', says, [word])
    return fails('evidence', says, {
      code: codeOf(word),
      message: `The policy asks for evidence that ${name}@${version} does not have.`,
      expected: `${word}: ${says}`,
      got: proven.length === 0 ? 'nothing proven' : proven.join(', '),
      next: nextOf(word, name),
    })
  })
  return allOf('evidence', 'everything that the policy asks for is proven', claims)
}

function codeOf(word: EvidenceWord): 'UNSIGNED' | 'NAMESPACE_UNPROVEN' | 'EVIDENCE_MISSING' {
  if (word === 'release-signature') return 'UNSIGNED'
  return word === 'namespace-evidence' ? 'NAMESPACE_UNPROVEN' : 'EVIDENCE_MISSING'
}

function nextOf(word: EvidenceWord, name: string): string {
  if (word === 'witness-quorum') {
    return 'Pull it again from a peer whose log the witnesses of your policy have seen.'
  }
  if (word === 'namespace-evidence')
    return `Ask the domain: \`registry namespace verify ${splitName(name).namespace}\`.`
  return 'Do not use it. Pull it again, from another peer.'
}

export function judgeSigners(row: PublisherPolicy, judged: Judged): Claim {
  const { evidence, now } = judged
  const { signers: rules, threshold } = row
  const { signers, name, version } = evidence
  if (rules.length === 0) {
    const by = signers.map(showSigner)
    return holds('signers', 'whoever the publisher’s log lets release may sign', by)
  }
  const says = `${threshold} of the policy’s ${count(rules.length, 'signer')} signed it`
  const pairs = pairSigners(rules, signers, now)
  if (pairs.length >= threshold) {
    const by = pairs.map(
      ({ rule, signer }) => `${showSigner(signer)}, by the rule ${showRule(rule)}`,
    )
    return holds('signers', says, by)
  }
  return fails('signers', says, {
    code: signers.length === 0 ? 'UNSIGNED' : 'SIGNER_UNAUTHORIZED',
    message: `${name}@${version} is not signed by those whom the policy names.`,
    expected: `${threshold} of: ${rules.map(showRule).join('; ')}`,
    got: pairs.length === 0 ? gotNone(rules, judged) : `${pairs.length}: ${showAll(judged)}`,
    next: 'If the publisher has changed how it signs, it can tell you how; then change the policy.',
  })
}

/** The nearest miss is what helps: one signer and one rule of its kind, with the field that differs. */
function gotNone(rules: readonly SignerRule[], { evidence, now }: Judged): string {
  const [signer] = evidence.signers
  if (signer === undefined) return 'no signature'
  const rule = rules.find(({ kind }) => kind === signer.kind) ?? rules[0]
  const why = rule === undefined ? undefined : whyNotSigner(rule, signer, now)
  const more = evidence.signers.length > 1 ? `, and ${evidence.signers.length - 1} more` : ''
  return `${showSigner(signer)}${why === undefined ? '' : ` (${why})`}${more}`
}

function showAll({ evidence }: Judged): string {
  return evidence.signers.map(showSigner).join('; ')
}

export function judgeAttestations(row: PublisherPolicy, judged: Judged): readonly Claim[] {
  return row.attestations.map((wanted) => judgeAttestation(wanted, judged))
}

function judgeAttestation(wanted: AttestationPolicy, { evidence, now }: Judged): Claim {
  const { predicate, builder, threshold, signers } = wanted
  const { release, attestations, name, version } = evidence
  const says = `${count(threshold, 'signer')} named by the policy attested ${predicate}`
  const { isMet, by, passedOver } = findMet(attestations, wanted, { subject: release, now })
  if (isMet) {
    const shown = by.map(({ signer, statement }) => `${showSigner(signer)}, statement ${statement}`)
    return holds('attestation', says, shown)
  }
  const [other] = passedOver
  const why = other === undefined ? '' : `; ${passedOver.length} passed over, one as ${other.why}`
  return fails('attestation', says, {
    code: 'EVIDENCE_MISSING',
    message: `${name}@${version} lacks an attestation that the policy asks for.`,
    expected: `${predicate}${builder === undefined ? '' : ` of ${builder}`}, by ${threshold} of: ${signers.map(showRule).join('; ')}`,
    got: `${by.length === 0 ? 'none' : `${by.length}`}${why}`,
    next: `Fetch what there is: \`registry attestations ${name}@${version}\`.`,
  })
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
