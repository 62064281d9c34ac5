// Who signed a statement without a key of their own: the certificate in the bundle, judged by the trusted root that speaks for the issuer of
// the signers asked for, and then compared with them.

import { isRegistryError, RegistryError } from '../lib/index.ts'
import { findMismatch, type Identity, type IdentityRule, matchesRule } from './identity/index.ts'

export interface SignedBytes {
  readonly statement: Uint8Array
  readonly bundle: Uint8Array
}

/** Trusted roots of Sigstore instances. A private one speaks for the issuers it names; the public-good one for all others, never for those. */
export interface SigstoreRoots {
  /**
   * Whose certificate signed, by the one root that speaks for `issuer`; its own issuer may be another. Throws BUNDLE_INVALID, SIGNATURE_INVALID,
   * SUBJECT_MISMATCH, EVIDENCE_MISSING, ROOT_UNKNOWN.
   */
  identify(signed: SignedBytes, issuer: string): { readonly identity: Identity }
  /** Whose certificate signed, by whichever root it chains to, if that root speaks for its issuer: for signers whom nobody has named yet. */
  identifyAny(signed: SignedBytes): { readonly identity: Identity }
  /** Under which a verdict on it may be known (`verdictKey`), one for each root. */
  keysOf(signed: SignedBytes): readonly string[]
  /** Whether two issuers are answered for by the same root. */
  isShared(issuer: string, other: string): boolean
}

/** The identity, if one of the rules means it. Throws SIGNER_UNAUTHORIZED, and what `identify` throws. */
export function verifyKeylessSigner(
  signed: SignedBytes,
  rules: readonly IdentityRule[],
  roots: SigstoreRoots,
): Identity {
  const issuers = rules
    .map(({ issuer }) => issuer)
    .filter((issuer, i, all) => all.findIndex((other) => roots.isShared(other, issuer)) === i)
  let refused: unknown
  for (const issuer of issuers) {
    try {
      const { identity } = roots.identify(signed, issuer)
      // A root is believed about its own issuers only, whatever its certificates say.
      const own = rules.filter((rule) => roots.isShared(rule.issuer, issuer))
      if (own.some((rule) => matchesRule(rule, identity))) return identity
      refused = notAsked(own, identity)
    } catch (error) {
      // Another root may know better than one that has never heard of this authority.
      if (refused === undefined || isRegistryError(refused, 'ROOT_UNKNOWN')) refused = error
    }
  }
  throw refused ?? noneAsked()
}

function notAsked(rules: readonly IdentityRule[], identity: Identity): RegistryError {
  const [rule] = rules
  const mismatch =
    rules.length === 1 && rule !== undefined ? findMismatch(rule, identity) : undefined
  const both = mismatch ?? {
    field: 'signer',
    expected: rules.map(({ issuer, san }) => `${san} (${issuer})`).join(' or '),
    got: `${identity.san} (${identity.issuer})`,
  }
  return new RegistryError(
    'SIGNER_UNAUTHORIZED',
    'The statement was signed, but not by a keyless signer who may sign it.',
    {
      expected: `${both.field} ${both.expected}`,
      got: both.got,
      next: 'Do not use it. If this signer is meant, whoever wrote the rule has to add it.',
    },
  )
}

function noneAsked(): RegistryError {
  return new RegistryError('SIGNER_UNAUTHORIZED', 'The statement was signed without a key.', {
    expected: 'a signature by a key: no keyless signer may sign this',
    got: 'a certificate',
    next: 'Do not use it. Only the signers in the publisher’s log count, whatever comes with a bundle.',
  })
}
