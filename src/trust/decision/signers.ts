// k of n signers, keys and identities mixed: so many of the rules, each met by a signer of its own. One signer whom two rules mean counts
// once, and so do two signers whom one rule means (T15).

import { CLAIM_NAMES, findMismatch } from '../identity/index.ts'
import type { SignerRule } from '../policy/index.ts'
import { keyFingerprint } from '../public-key.ts'
import type { VerifiedSigner } from '../verify-statement.ts'

export interface SignerPair {
  readonly rule: SignerRule
  readonly signer: VerifiedSigner
}

/** As many pairs as there can be, by augmenting paths. Rules that have ended pair with nobody. */
export function pairSigners(
  rules: readonly SignerRule[],
  signers: readonly VerifiedSigner[],
  now: Date,
): readonly SignerPair[] {
  const distinct = [...new Map(signers.map((signer) => [idOf(signer), signer])).values()]
  const taken = new Map<SignerRule, VerifiedSigner>()
  const place = (signer: VerifiedSigner, tried: Set<SignerRule>): boolean =>
    rules.some((rule) => {
      if (tried.has(rule) || whyNotSigner(rule, signer, now) !== undefined) return false
      tried.add(rule)
      const holder = taken.get(rule)
      if (holder !== undefined && !place(holder, tried)) return false
      taken.set(rule, signer)
      return true
    })
  for (const signer of distinct) place(signer, new Set())
  return [...taken].map(([rule, signer]) => ({ rule, signer }))
}

/** Why this signer is not the one that the rule means; undefined if it is. */
export function whyNotSigner(
  rule: SignerRule,
  signer: VerifiedSigner,
  now: Date,
): string | undefined {
  const { notAfter } = rule
  if (notAfter !== undefined && now > notAfter) return `the rule ended ${notAfter.toISOString()}`
  if (rule.kind === 'key') {
    if (signer.kind !== 'key') return 'it is no key'
    return keyFingerprint(signer.key) === rule.fingerprint ? undefined : 'it is another key'
  }
  if (signer.kind !== 'keyless') return 'it is no keyless identity'
  const mismatch = findMismatch(rule.rule, signer.identity)
  if (mismatch === undefined) return undefined
  return `${mismatch.field} is ${mismatch.got}`
}

export function showSigner(signer: VerifiedSigner): string {
  return signer.kind === 'key'
    ? `key ${keyFingerprint(signer.key)}`
    : `identity ${signer.identity.san} of ${signer.identity.issuer}`
}

export function showRule(rule: SignerRule): string {
  if (rule.kind === 'key') return `key ${rule.fingerprint}`
  const { rule: wanted } = rule
  const claims = CLAIM_NAMES.filter((name) => wanted[name] !== undefined)
  const more = claims.map((name) => `, ${name} ${wanted[name]}`)
  return `identity ${wanted.san} of ${wanted.issuer}${more.join('')}`
}

function idOf(signer: VerifiedSigner): string {
  if (signer.kind === 'key') return signer.key.spki
  const { issuer, san } = signer.identity
  return JSON.stringify([issuer, san])
}
